"""How a family of models writes turns, calls and results: text in, text out, no tokenizer.

A dialect is a row of `DIALECTS`. The same row makes the segments that `resident/chat.py` tokenises, the chat
template that a model folder carries, and the grammar that holds a call.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from lsp_server.engine.base import Message, ToolCall, ToolSpec

TURN_START = "<|im_start|>"
TURN_END = "<|im_end|>"


@attrs.frozen
class Special:
    """One special token of the tokenizer."""

    token: str


@attrs.frozen
class Plain:
    """Text that is tokenised with special tokens disabled."""

    text: str


@attrs.frozen
class Replay:
    """Ids as they were generated."""

    token_ids: tuple[int, ...]


Segment = Special | Plain | Replay


@attrs.frozen
class Dialect:
    """One way of writing calls and results, on ChatML turns."""

    name: str
    call_open: str
    """What stands before a call's JSON."""
    call_close: str
    """What stands behind it."""
    call_markers: tuple[str, ...]
    """Special tokens among the two; the model must have been trained on them."""
    speech_bans: tuple[str, ...]
    """A turn that must be spoken may not begin with any of these."""
    result_open: str = "<tool_response>\n"
    result_close: str = "\n</tool_response>"

    @property
    def call_start(self) -> str:
        """A turn that begins with this is a call, from these bytes on."""
        return self.call_markers[0] if self.call_markers else self.call_open + '{"name": "'

    @property
    def markers(self) -> tuple[str, ...]:
        """Every special token that the dialect writes."""
        return (TURN_START, TURN_END, *self.call_markers)

    def render_call(self, call: ToolCall) -> str:
        """Return a call as the model would write it."""
        return f"{self.call_open}{call_body(call)}{self.call_close}"

    def parse_call(self, text: str) -> ToolCall | None:
        """Return the call that `text` is, or None where it is anything else."""
        if not text.startswith(self.call_start) or not text.endswith(self.call_close):
            return None
        try:
            data: Any = json.loads(text[len(self.call_open) : -len(self.call_close)])
        except ValueError:
            return None
        match data:
            case {"name": str(name), "arguments": dict()}:
                return ToolCall(name, data["arguments"])
            case _:
                return None

    def escape_result(self, text: str) -> str:
        """Return `text` such that it cannot close or open a result."""
        return text.replace("</tool_response>", "<\\/tool_response>").replace("<tool_response>", "<\\tool_response>")

    def segments(self, messages: Sequence[Message]) -> Iterator[Segment]:
        """Yield the pieces of a transcript, up to where the assistant's next turn begins."""
        for message in messages:
            yield from self._turn(message)
            yield Plain("\n")
        yield Special(TURN_START)
        yield Plain("assistant\n")

    def _turn(self, message: Message) -> Iterator[Segment]:
        yield Special(TURN_START)
        if message.role == "assistant" and message.token_ids:
            yield Plain("assistant\n")
            yield Replay(message.token_ids)
            return
        if message.role == "assistant":
            body = self.render_call(message.call) if message.call else message.text
            yield from _split_markers(f"assistant\n{body}", self.call_markers if message.call else ())
        elif message.role == "tool":
            yield Plain(f"user\n{self.result_open}{self.escape_result(message.text)}{self.result_close}")
        else:
            yield Plain(f"{message.role}\n{message.text}")
        yield Special(TURN_END)

    def grammar(self, tools: Iterable[ToolSpec]) -> str:
        """Return the Lark grammar, in llguidance's flavour, of a call of one of `tools`."""
        schema = {
            "anyOf": [
                {
                    "type": "object",
                    "properties": {"name": {"const": tool.name}, "arguments": dict(tool.parameters)},
                    "required": ["name", "arguments"],
                    "additionalProperties": False,
                }
                for tool in tools
            ],
            "x-guidance": {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "},
        }
        pieces = [
            *_lark(self.call_open, self.call_markers),
            "json",
            *_lark(self.call_close, self.call_markers),
        ]
        return f"start: {' '.join(pieces)}\njson: %json {json.dumps(schema)}\n"

    def chat_template(self) -> str:
        """Return the Jinja chat template that renders transcripts to the same token ids as `segments`."""
        return _TEMPLATE.format(
            call_open=_jinja(self.call_open),
            call_close=_jinja(self.call_close),
            result_open=_jinja(self.result_open),
            result_close=_jinja(self.result_close),
        )


def _split_markers(text: str, markers: tuple[str, ...]) -> Iterator[Segment]:
    while text:
        found = [(text.find(marker), marker) for marker in markers if marker in text]
        if not found:
            yield Plain(text)
            return
        at, marker = min(found)
        if at:
            yield Plain(text[:at])
        yield Special(marker)
        text = text[at + len(marker) :]


def _lark(text: str, markers: tuple[str, ...]) -> Iterator[str]:
    for segment in _split_markers(text, markers):
        match segment:
            case Special(token):
                yield token
            case Plain(plain):
                yield json.dumps(plain)
            case Replay():
                raise AssertionError("a literal holds no ids")


def _jinja(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


# Tools stand in the system message, written by the caller; the template's own tool section is not used.
_TEMPLATE = """\
{{%- for message in messages -%}}
{{%- if message.role == 'tool' -%}}
{{{{- '<|im_start|>user\\n' + {result_open} + (message.content | replace('</tool_response>', '<\\\\/tool_response>')\
 | replace('<tool_response>', '<\\\\tool_response>')) + {result_close} + '<|im_end|>\\n' -}}}}
{{%- elif message.role == 'assistant' and message.tool_calls -%}}
{{%- set call = message.tool_calls[0].function -%}}
{{{{- '<|im_start|>assistant\\n' + {call_open} + '{{"name": ' + (call.name | tojson) + ', "arguments": ' \
+ (call.arguments | tojson) + '}}' + {call_close} + '<|im_end|>\\n' -}}}}
{{%- else -%}}
{{{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' -}}}}
{{%- endif -%}}
{{%- endfor -%}}
{{%- if add_generation_prompt -%}}
{{{{- '<|im_start|>assistant\\n' -}}}}
{{%- endif -%}}
"""

DIALECTS: Mapping[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        Dialect(
            name="json-fence",
            call_open="```json\n",
            call_close="\n```",
            call_markers=(),
            speech_bans=("```", "{"),
        ),
        Dialect(
            name="hermes",
            call_open="<tool_call>\n",
            call_close="\n</tool_call>",
            call_markers=("<tool_call>", "</tool_call>"),
            speech_bans=("<tool_call>", "{"),
        ),
    )
}


def call_body(call: ToolCall) -> str:
    """Return a call's JSON, spaced as every dialect spaces it."""
    return json.dumps({"name": call.name, "arguments": dict(call.arguments)}, ensure_ascii=False)


def dialect_named(name: str) -> Dialect:
    """Return the dialect of that name.

    Raises:
        KeyError: there is none.
    """
    return DIALECTS[name]


def schema(properties: Mapping[str, Any], required: Sequence[str]) -> dict[str, Any]:
    """Return the JSON schema of an arguments object that takes these properties and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }

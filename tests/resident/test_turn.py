"""How a turn is read while it is written: speech or call."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.dialects import dialect_named, schema
from lsp_server.engine.base import CallChunk, CallMode, DoneChunk, Job, Message, Sampling, TextChunk, ToolCall, ToolSpec
from lsp_server.resident.generate import Model, generate
from lsp_server.resident.turn import Turn
from support.scripted_backend import byte_chat, device_of, scripted_model

SEARCH = ToolSpec(
    "search",
    "search(pattern, regex?=false)",
    "find text",
    schema({"pattern": {"type": "string", "maxLength": 30}, "regex": {"type": "boolean"}}, ["pattern"]),
)
READ = ToolSpec(
    "read_file",
    "read_file(path, start?)",
    "read lines",
    schema(
        {"path": {"type": "string", "maxLength": 30}, "start": {"type": "integer", "minimum": 1, "maximum": 9_999_999}},
        ["path"],
    ),
)
TOOLS = (SEARCH, READ)
PACKAGE_JSON = '```json\n{\n  "name": "search",\n  "version": "1.0.0"\n}\n```\nThat is one.'
CALL = '```json\n{"name": "search", "arguments": {"pattern": "x y", "regex": true}}\n```'


def run(
    reply: str,
    *,
    calls: CallMode = "free",
    tools: tuple[ToolSpec, ...] = TOOLS,
    dialect: str = "json-fence",
    max_tokens: int = 4000,
) -> tuple[str, ToolCall | None, DoneChunk, Model]:
    model = scripted_model(lambda _: reply, dialect=dialect)
    job = Job((Message("user", "?"),), tools=tools, calls=calls, sampling=Sampling(max_tokens=max_tokens))
    chunks = [chunk for chunk in generate(model, job) if chunk is not None]
    text = "".join(chunk.text for chunk in chunks if isinstance(chunk, TextChunk))
    call = next((chunk.call for chunk in chunks if isinstance(chunk, CallChunk)), None)
    done = chunks[-1]
    assert isinstance(done, DoneChunk)
    return text, call, done, model


def test_a_turn_that_begins_as_a_call_is_that_call() -> None:
    """The fence and the name open a call; nothing of it is shown as text."""
    text, call, done, _ = run(CALL)
    assert (text, done.reason) == ("", "call")
    assert call is not None
    assert (call.name, dict(call.arguments)) == ("search", {"pattern": "x y", "regex": True})


@pytest.mark.parametrize(
    "reply", [PACKAGE_JSON, "Here:\n" + CALL, "```json\n[1]\n```", "```python\nx\n```", "`", "```json\n", " " + CALL]
)
def test_any_other_beginning_is_text_to_its_end(reply: str) -> None:
    """A JSON block in an answer is an answer, also one whose first key is a name, and a call in mid-text is text."""
    text, call, done, _ = run(reply)
    assert (text, call, done.reason) == (reply, None, "stop")


def test_forced_tokens_of_a_call_are_computed_in_one_step() -> None:
    """What the grammar leaves no choice about is not decoded token by token."""
    _, _, done, model = run(CALL, calls="demanded")
    assert len(device_of(model).steps) < done.timing.output_tokens / 2


def test_a_demanded_turn_is_a_call_whatever_the_model_would_say() -> None:
    """Demanded calls are held from the first byte."""
    _, call, done, _ = run("I would rather talk.", calls="demanded")
    assert done.reason == "call"
    assert call is not None


def test_a_forbidden_turn_speaks_though_the_model_would_call() -> None:
    """A turn that must speak cannot begin with the fence, and is never taken for a call."""
    text, call, done, _ = run(CALL, calls="forbidden")
    assert call is None
    assert not text.startswith("```")
    assert done.reason == "stop"


def test_a_forbidden_turn_may_hold_fences_later() -> None:
    """Only the beginning is barred."""
    reply = "Like this:\n" + CALL
    assert run(reply, calls="forbidden")[0] == reply


def test_a_name_that_no_tool_has_is_held_to_the_tools() -> None:
    """From the opening bytes on, an unknown tool cannot be written."""
    _, call, _, _ = run('```json\n{"name": "delete_all", "arguments": {}}\n```')
    assert call is not None
    assert call.name in {"search", "read_file"}


def test_without_tools_everything_is_text() -> None:
    """A turn of a job with no tools cannot be a call."""
    assert run(CALL, tools=())[:2] == (CALL, None)


def test_hermes_calls_stand_between_their_markers() -> None:
    """The trained markers open and close a call."""
    reply = '<tool_call>\n{"name": "search", "arguments": {"pattern": "x"}}\n</tool_call>'
    text, call, done, _ = run(reply, dialect="hermes")
    assert (text, done.reason) == ("", "call")
    assert call is not None
    assert dict(call.arguments) == {"pattern": "x"}


def test_the_dialect_fences_are_text_in_hermes() -> None:
    """A dialect's call opens in that dialect alone."""
    assert run(CALL, dialect="hermes")[:2] == (CALL, None)


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), dialect=st.sampled_from(["json-fence", "hermes"]))
def test_a_malformed_call_cannot_be_sampled_from_any_logits(seed: int, dialect: str) -> None:
    """Whatever the scores of the tokens, a demanded turn that ends is a call that fits its tool's schema."""
    chat = byte_chat(dialect)
    generator = np.random.default_rng(seed)
    turn = Turn(chat, TOOLS, "demanded", ())
    while not turn.ended and len(turn.token_ids) < 2000:
        mask = turn.mask()
        assert mask is not None
        allowed = np.flatnonzero(np.unpackbits(np.frombuffer(mask, np.uint8), bitorder="little")[: chat.vocabulary])
        turn.take(int(generator.choice(allowed)))
        turn.forced()
    assert turn.call is not None
    spec = next(tool for tool in TOOLS if tool.name == turn.call.name)
    assert set(turn.call.arguments) <= set(spec.parameters["properties"])
    assert set(spec.parameters["required"]) <= set(turn.call.arguments)
    assert json.loads(json.dumps(turn.call.arguments)) == turn.call.arguments


@settings(max_examples=60)
@given(st.text(max_size=60), st.sampled_from(["free", "forbidden"]))
def test_text_comes_out_as_it_was_written(reply: str, calls: CallMode) -> None:
    """No character of a spoken turn is lost or doubled, whatever it begins with that it may begin with."""
    if "\0" in reply or (calls == "forbidden" and reply.startswith(dialect_named("json-fence").speech_bans)):
        return
    assert run(reply.encode("utf-8", "replace").decode(), calls=calls)[0] == reply.encode("utf-8", "replace").decode()


def test_a_call_cut_by_the_limit_is_no_call() -> None:
    """Half a call at the token limit is not sent on, and says that the length ended it."""
    text, call, done, _ = run(CALL, max_tokens=20)
    assert (text, call, done.reason) == ("", None, "length")


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_a_call_cut_inside_a_character_is_no_call(kept: int) -> None:
    """The limit may come between the tokens of one character, which then is none."""
    named = CALL.replace("x y", "\N{FOX FACE}")
    limit = named.encode().index("\N{FOX FACE}".encode()) + kept
    text, call, done, _ = run(named, max_tokens=limit)
    assert (text, call, done.reason, done.timing.output_tokens) == ("", None, "length", limit)

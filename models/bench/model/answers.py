"""An answer as the editor was given it, reduced to what is scored and counted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

import attrs

from lsp_server.agent.answer import GUESSES, NOTE, OUTPUT, code
from lsp_server.agent.prompts import NO_WORDS
from lsp_server.trace import TOOL_SPANS
from models.bench.model.questions import Lines

_READING = "read_file"
"""The one tool whose row is all the lines that it shows."""
_PLACE = re.compile(r"- `+ ?(.+?:\d+) ?`")
"""How an item of a list begins, with its path and line."""
_TOKENS = re.compile(r"(\d+) tokens")
_BELOW = (GUESSES, f"{OUTPUT}`")
"""How the block begins from which on all is code's."""
_ADDED = (NOTE, "Nothing was found. Searched: ", "(Stopped: ", "(The earliest questions of this conversation")
"""How the blocks begin that code sets below the words, beside the listing."""


@attrs.frozen
class Call:
    """A call that was made."""

    name: str
    arguments: Mapping[str, Any] | None
    """None where the model wrote no object."""
    summary: str
    """What came of it, in a line."""
    error: str | None = None
    rows: int = 0
    """How many places it returned."""


@attrs.frozen
class Turn:
    """A turn that was generated."""

    call: bool
    tokens: int
    lost: bool = False
    """Whether it was a call that no tool took."""


@attrs.frozen
class Answer:
    """A whole answer and what it cost."""

    text: str
    outcome: str
    words: str
    """The text without what code set below the model's own words."""
    citations: tuple[Lines, ...]
    """The places that the words name."""
    evidence: tuple[Lines, ...]
    """The rows of the last call that returned any."""
    calls: tuple[Call, ...]
    turns: tuple[Turn, ...]
    seconds: float
    """From the request to its answer."""
    prompt_tokens: int
    output_tokens: int
    peak_bytes: int = 0
    """The most memory that the device had taken."""

    @property
    def pointed(self) -> tuple[Lines, ...]:
        """The evidence as exact places: a row of a list points at one line, however long what begins there is."""
        last = next((call for call in reversed(self.calls) if call.rows), None)
        read = last is None or last.name == _READING
        return self.evidence if read else tuple(map(_first_line, self.evidence))

    @property
    def listed(self) -> tuple[Lines, ...]:
        """The lines that the lists below the words name: the rows that answer, then what else was near by words."""
        words, _, near = self.text.partition(f"\n\n{GUESSES}\n\n")
        lines = words.splitlines()
        rows = [_first_line(row) for row in self.evidence if any(line.startswith(_item(row)) for line in lines)]
        guesses = [Lines.parse(found[1]) for line in near.splitlines() if (found := _PLACE.match(line))]
        return tuple(dict.fromkeys((*rows, *guesses)))

    @property
    def named(self) -> tuple[Lines, ...]:
        """Every place that the person is shown, once: in the words, and in the list below them."""
        return tuple(dict.fromkeys((*self.citations, *self.listed)))


def answer_of(result: Mapping[str, Any], seconds: float) -> Answer:
    """Read the result of an `inglenook/ask` as it came over the wire."""
    trace, timing = result["trace"], result["trace"]["timing"]
    calls = tuple(
        Call(span["name"], span.get("arguments"), span["summary"], span.get("error"), len(span.get("locations", ())))
        for span in trace["spans"]
        if span["name"] in TOOL_SPANS
    )
    evidence = _places(result["evidence"])
    return Answer(
        text=result["answer"],
        outcome=result["outcome"],
        words=own_words(result["answer"], evidence, calls),
        citations=_places(result["citations"]),
        evidence=evidence,
        calls=calls,
        turns=tuple(_turns(trace["spans"])),
        seconds=round(seconds, 3),
        prompt_tokens=timing["promptTokens"],
        output_tokens=timing["outputTokens"],
        peak_bytes=timing["peakMemoryBytes"],
    )


def own_words(text: str, evidence: Sequence[Lines], calls: Sequence[Call]) -> str:
    """Return the model's own words: the answer without the blocks that code made."""
    blocks = text.split("\n\n")
    own = next((at for at, block in enumerate(blocks) if block.startswith(_BELOW)), len(blocks))
    blocks = blocks[:own]
    while blocks and (blocks[-1].startswith(_ADDED) or _is_listing(blocks[-1], evidence)):
        blocks.pop()
    words = "\n\n".join(blocks)
    stand_ins = {NO_WORDS, *(said for call in calls for said in (call.summary, f"{call.summary}:", code(call.summary)))}
    return "" if words in stand_ins else words.strip()


def _is_listing(block: str, evidence: Sequence[Lines]) -> bool:
    return bool(evidence) and block.startswith(_item(evidence[0]))


def _item(row: Lines) -> str:
    return f"- {code(f'{row.path}:{row.start}')}"


def _first_line(row: Lines) -> Lines:
    return Lines(row.path, row.start, row.start)


def _places(citations: Sequence[Mapping[str, Any]]) -> tuple[Lines, ...]:
    return tuple(
        Lines(each["path"], each["range"]["start"]["line"] + 1, each["range"]["end"]["line"] + 1) for each in citations
    )


def _turns(spans: Sequence[Mapping[str, Any]]) -> Sequence[Turn]:
    """Return the turns in order; after one that called a tool, a tool's span follows."""
    steps = [span for span in spans if span["name"] == "decode" or span["name"] in TOOL_SPANS]
    turns: list[Turn] = []
    for span, following in zip_longest(steps, steps[1:]):
        if span["name"] == "decode":
            called = span["summary"].startswith("call")
            tokens = _TOKENS.search(span["summary"])
            lost = called and (following is None or following["name"] == "decode")
            turns.append(Turn(called, int(tokens[1]) if tokens else 0, lost))
    return turns

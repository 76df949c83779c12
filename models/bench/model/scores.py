"""What an answer is worth: whether it looked where it must, named the right places, and stated the right values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import attrs

from lsp_server.agent.arguments import WrongArguments, checked
from lsp_server.agent.foreign_calls import ForeignCalls
from lsp_server.agent.places import claim_at
from lsp_server.agent.tools import BY_NAME
from lsp_server.engine.base import ToolCall
from lsp_server.settings import Settings
from models.bench.model.answers import Answer, Call
from models.bench.model.questions import Lines, Question

TURN_TOKENS = Settings().max_tokens
"""A turn that has as many was cut; it did not end itself."""

_FIRST_ROWS = 10
"""A person looks at so many rows: what stands further down has not been pointed out."""
_WIDEST = 120
"""A place of more lines points at nothing in particular."""
_WIDEST_EXACT = 30
"""Likewise where single lines are asked for; of a longer definition its first line counts."""
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_BEGINS_AS_CALL = re.compile(r'\s*(?:```(?:json)?\s*|<tools>\s*|<tool_call>\s*)?\{\s*"(?:name|arguments)"\s*:')


@attrs.frozen
class Match:
    """How well places that were named agree with those that are right."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean; 0 where nothing agrees."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@attrs.frozen
class Score:
    """One answer's marks."""

    decided: bool
    """A tool question: a tool took a call. A direct one: no call was tried, not even one that no tool takes."""
    right: bool
    """A tool question: a tool ran and the answer names an accepted place. A direct one: words alone. Both end well."""
    looped: bool
    """Whether a call was repeated or a limit reached."""
    malformed: int
    """Calls that could not be understood or whose arguments no tool takes."""
    cut: bool
    """Whether a turn was cut at the token limit."""
    evidence: Match | None = None
    citations: Match | None = None
    words: Match | None = None
    values: bool | None = None
    """Whether the words state every value; None where none is asked for."""


def score(question: Question, answer: Answer) -> Score:
    """Mark one answer."""
    wrong = malformed(answer)
    ran = any(call.error is None for call in answer.calls)
    cut = any(turn.tokens >= TURN_TOKENS for turn in answer.turns)
    looped = answer.outcome == "limit"
    if question.expects == "direct":
        decided = not answer.calls and not wrong
        right = decided and bool(answer.words)
    else:
        decided = any(map(_well_formed, answer.calls))
        right = ran and _found(question, answer)
    structural = bool(question.places)
    # Places and values that no tool has shown are guesses, and a guess is not an answer about this code.
    named, words = (answer.named, answer.citations) if ran else ((), ())
    return Score(
        decided=decided,
        right=right and not cut and not looped,
        looped=looped,
        malformed=wrong,
        cut=cut,
        evidence=match(answer.pointed, question.places) if structural else None,
        citations=match(named, question.places) if structural else None,
        words=match(words, question.places) if structural else None,
        values=ran and all(states(answer.words, value) for value in question.values) if question.values else None,
    )


def match(named: Sequence[Lines], right: Sequence[Lines]) -> Match:
    """Compare places with single right lines; a line that two places name is found once."""
    hits = sum(any(_exact(place, line) for line in right) for place in named)
    found = sum(any(_exact(place, line) for place in named) for line in right)
    return Match(hits / len(named) if named else 0.0, found / len(right) if right else 0.0)


def states(words: str, value: str) -> bool:
    """Say whether a value stands in the words as a whole.

    Quotes and ticks do not count, digits may be spelt out; the line of a place is no value.
    """
    plain = _unquoted(value)
    spelt = [plain, _WORDS[int(plain)]] if plain.isdecimal() and int(plain) < len(_WORDS) else [plain]
    said = _unquoted(_without_lines(words).replace("`", ""))
    grouped = re.sub(r"(?<=\d)[,_](?=\d{3}\b)", "", said)
    whole = "|".join(map(re.escape, spelt))
    # "Five" at a sentence's beginning is five; a name in another letter case is another name.
    flags = re.IGNORECASE if len(spelt) > 1 else re.NOFLAG
    unsigned = r"(?<!(?<!\w)-)" if plain[:1].isdigit() else ""
    stated = re.compile(rf"(?<![\w.]){unsigned}(?:{whole})(?!\w|\.\d)", flags)
    return any(stated.search(text) for text in (said, grouped))


def malformed(answer: Answer) -> int:
    """Count calls that no tool could take, and calls that ended in the words."""
    lost = sum(turn.lost for turn in answer.turns)
    return lost + sum(not _well_formed(call) for call in answer.calls) + _spoken_calls(answer.words)


def _found(question: Question, answer: Answer) -> bool:
    """Say whether the answer shows what is right; rows that the person is not shown point at nothing."""
    if question.not_found and answer.outcome == "notFound":
        return True
    if (
        question.command
        and answer.outcome != "notFound"
        and any(
            call.name == "run_command"
            and call.error is None
            and re.search(question.command, str((call.arguments or {}).get("command", "")))
            for call in answer.calls
        )
    ):
        return True
    shown = (*answer.citations, *answer.listed[:_FIRST_ROWS])
    accepted = (*question.accepts, *question.places)
    return any(_touches(place, lines) for place in shown for lines in accepted) or any(
        not lines.end and any(row.path == lines.path for row in answer.evidence) and states(answer.words, lines.path)
        for lines in accepted
    )


def _touches(place: Lines, accepted: Lines) -> bool:
    if place.path != accepted.path:
        return False
    if not accepted.end:
        return True
    narrow = place.end - place.start < _WIDEST
    last = place.end if narrow else place.start
    return place.start <= accepted.end and accepted.start <= last


def _exact(place: Lines, line: Lines) -> bool:
    if place.path != line.path:
        return False
    last = place.end if place.end - place.start < _WIDEST_EXACT else place.start
    return place.start <= line.start <= last


def _without_lines(words: str) -> str:
    """Return the words with each place in them reduced to its path."""
    kept: list[str] = []
    at = 0
    while at < len(words):
        claim = claim_at(words, at)
        kept.append(words[at] if claim is None else f"{claim.path} ")
        at += 1 if claim is None else claim.length
    return "".join(kept)


def _unquoted(text: str) -> str:
    """Return text with one kind of quotes and of blanks; a string literal alone loses its own quotes."""
    plain = re.sub(r"\s+", " ", text.replace('"', "'"))
    literal = re.fullmatch(r"b?'([^']+)'", plain)
    return literal[1] if literal else plain


def _well_formed(call: Call) -> bool:
    tool = BY_NAME.get(call.name)
    if tool is None or not call.arguments:
        return False
    try:
        checked(tool, call.arguments)
    except WrongArguments:
        return False
    return True


def _spoken_calls(words: str) -> int:
    finder = ForeignCalls(BY_NAME)
    pieces: Iterable[str | ToolCall] = (*finder.feed(words), *finder.finish())
    found = sum(isinstance(piece, ToolCall) for piece in pieces)
    return found or int(_BEGINS_AS_CALL.match(words) is not None)

"""What stands below the model's words: the list that answers, or what was searched in vain."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lsp_server.agent.evidence import Row
from lsp_server.agent.results import indented_line, one_line, shown_path
from lsp_server.agent.tools import ToolOutcome
from lsp_server.trace import TOOL_SPANS, Citation, Span
from lsp_server.wire import Outcome

_MOST_ROWS = 50
"""Longer lists are cut in the markdown; the evidence is whole."""
_MOST_LINES = 12
"""Likewise of a command's output."""
OUTPUT = "Output of "
"""Stands above what a command printed."""
GUESSES = "Nearest by words, not read:"
"""Stands above the places that a search by words found beside the one that was read."""


def answering(outcomes: Sequence[ToolOutcome]) -> ToolOutcome | None:
    """Return the last call that found anything: the one that answers."""
    return next((outcome for outcome in reversed(outcomes) if outcome.found), None)


def evidence(outcomes: Sequence[ToolOutcome]) -> tuple[Citation, ...]:
    """Return the rows of the last call that returned any; behind those of a reading, what else was near by words."""
    last = next((outcome for outcome in reversed(outcomes) if outcome.rows), None)
    return tuple(row.citation for row in (*last.rows, *unread(outcomes))) if last else ()


def unread(outcomes: Sequence[ToolOutcome]) -> tuple[Row, ...]:
    """Return the rows of a search by words that were not read, where all that was found since are readings.

    Such rows are guesses: the place that was read is one of them, and may be the wrong one.
    """
    readings: list[Citation] = []
    for outcome in reversed(outcomes):
        if outcome.near:
            near = outcome.rows[: outcome.near] if readings else ()
            return tuple(row for row in near if not any(_overlap(row.citation, read) for read in readings))
        if outcome.found and (outcome.listing or not outcome.rows):
            return ()
        readings += [row.citation for row in outcome.rows]
    return ()


def outcome_of(outcomes: Sequence[ToolOutcome], reached: str | None) -> Outcome:
    """Return how the question ended: at a limit, in vain (calls were made and none found anything), or answered."""
    if reached is not None:
        return "limit"
    return "notFound" if outcomes and answering(outcomes) is None else "answered"


def in_short(outcome: ToolOutcome) -> str:
    """Return a call's summary as markdown; the name of a file in it stays a name, whatever it looks like."""
    return code(outcome.summary) if outcome.rows else outcome.summary


def listing(outcomes: Sequence[ToolOutcome], citations: Sequence[Citation]) -> str:
    """Return the rows that answer as a markdown list; nothing where the words name them all.

    The call that answers is the last that found anything. When it was a reading of a file, its place is the list;
    the rows of an earlier search were a way to it and not the answer.
    """
    last = answering(outcomes)
    if last is None or not last.rows:
        return ""
    named = [citation for citation in citations if citation.verified]
    if not last.listing:
        return _items(row for row in last.rows if not any(_overlap(row.citation, place) for place in named))
    starts = {(place.uri, place.start) for place in named}
    if all((row.citation.uri, row.citation.start) in starts for row in last.rows):
        return ""
    shown = _items(last.rows[:_MOST_ROWS])
    left = last.total - min(len(last.rows), _MOST_ROWS)
    return f"{shown}\n- … and {left} more" if left > 0 else shown


def guesses(outcomes: Sequence[ToolOutcome]) -> str:
    """Return what a search by words found beside the place that was read, as a markdown list; often nothing."""
    last = answering(outcomes)
    return _items(unread(outcomes)) if last is not None and last.rows else ""


def output(outcomes: Sequence[ToolOutcome]) -> list[str]:
    """Return the blocks that show what the command that answers printed; none where something else answers."""
    last = answering(outcomes)
    if last is None or last.printed is None:
        return []
    printed = last.printed
    lines = [indented_line(line) for line in printed.lines[:_MOST_LINES]]
    if len(printed.lines) > len(lines):
        lines.append(f"… and {len(printed.lines) - len(lines)} more lines")
    fence = "`" * max(3, 1 + max(len(run) for run in re.findall("`*", "\n".join(lines))))
    shown = "\n".join([f"{fence}text", *lines, fence])
    return [f"{OUTPUT}{code(printed.command)}:", shown, *([f"({one_line(printed.note)})"] if printed.note else [])]


def searched(spans: Sequence[Span]) -> str:
    """Return one line that says what was searched."""
    calls = [
        f"{span.name}({', '.join(f'{key}={value!r}' for key, value in (span.arguments or {}).items())})"
        for span in spans
        if span.name in TOOL_SPANS
    ]
    return f"Nothing was found. Searched: {'; '.join(map(code, dict.fromkeys(calls)))}."


def code(text: str) -> str:
    """Return `text` as a markdown code span, whatever back-ticks it holds."""
    if "`" not in text:
        return f"`{text}`"
    ticks = "`" * (1 + max(len(run) for run in re.findall("`+", text)))
    return f"{ticks} {text} {ticks}"


def _items(rows: Iterable[Row]) -> str:
    return "\n".join(map(_item, rows))


def _overlap(one: Citation, other: Citation) -> bool:
    return one.uri == other.uri and one.start <= other.end and other.start <= one.end


def _item(row: Row) -> str:
    place = f"- {code(f'{shown_path(row.citation.path)}:{row.citation.start}')}"
    if row.site:
        return f"{place}: {code(row.label)}" if row.label else place
    kind, _, signature = row.label.partition(" ")
    return f"{place}: {kind} {code(signature)}" if signature else f"{place}: {code(row.label)}"

"""What stands below the model's words: the list that answers, or what was searched in vain."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence

from lsp_server.agent.evidence import Row
from lsp_server.agent.results import indented_line, one_line, shown_path
from lsp_server.agent.tools import ToolOutcome
from lsp_server.trace import TOOL_SPANS, Citation, Span
from lsp_server.wire import Outcome
from lsp_server.workspace.rows import CommandOutput

_MOST_ROWS = 50
"""Longer lists are cut in the markdown; the evidence is whole."""
_MOST_LINES = 12
"""Likewise of a command's output."""
OUTPUT = "Output of "
"""Stands above what a command printed."""
NOTE = "(Note: "
"""Begins a remark on the rows of a list."""
GUESSES = "Nearest by words, not read:"
"""Stands above the places that a search by words found beside the one that was read."""


def answering(outcomes: Sequence[ToolOutcome]) -> ToolOutcome | None:
    """Return the last call that found anything: the one that answers."""
    return next((outcome for outcome in reversed(outcomes) if outcome.found), None)


def evidence(outcomes: Sequence[ToolOutcome]) -> tuple[Citation, ...]:
    """Return the rows of the last call that returned any."""
    last = next((outcome for outcome in reversed(outcomes) if outcome.rows), None)
    return tuple(row.citation for row in last.rows) if last else ()


def outcome_of(outcomes: Sequence[ToolOutcome], reached: str | None) -> Outcome:
    """Return how the question ended: at a limit, in vain (calls were made and none found anything), or answered."""
    if reached is not None:
        return "limit"
    return "notFound" if outcomes and answering(outcomes) is None else "answered"


def blocks(outcomes: Sequence[ToolOutcome], citations: Sequence[Citation], *, spoken: bool) -> list[str]:
    """Return what the call that answers found, as blocks of markdown; places that the words name are not repeated.

    When that call was a reading of a file, its place is shown; the rows of an earlier search were a way to it and not
    the answer, but for one by words: what it found beside the place that was read may be the better one.

    Args:
        outcomes: of all calls, in order.
        citations: the places in the words.
        spoken: whether there are words; else a summary stands for them.
    """
    last = answering(outcomes)
    if last is None:
        return []
    if last.listing:
        head = [] if spoken else [f"{last.summary}:"]
        return [*head, *_listing(last, citations), *([f"{NOTE}{one_line(last.note)})"] if last.note else [])]
    head = [] if spoken else [code(last.summary) if last.rows else last.summary]  # a file's name stays a name
    if last.printed is not None:
        return [*head, *_output(last.printed)]
    named = [citation for citation in citations if citation.verified]
    place = _items(row for row in last.rows if spoken and not any(_overlap(row.citation, it) for it in named))
    near = _items(_unread(outcomes))
    return [*head, *([place] if place else []), *([GUESSES, near] if near else [])]


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
    ticks = "`" * (1 + _longest_ticks(text))
    return f"{ticks} {text} {ticks}"


def _listing(last: ToolOutcome, citations: Sequence[Citation]) -> list[str]:
    """Return the rows as a list, whole; none where the words name them all."""
    named = {(citation.uri, citation.start) for citation in citations if citation.verified}
    if all((row.citation.uri, row.citation.start) in named for row in last.rows):
        return []
    shown = _items(last.rows[:_MOST_ROWS])
    left = last.total - min(len(last.rows), _MOST_ROWS)
    return [f"{shown}\n- … and {left} more" if left > 0 else shown]


def _unread(outcomes: Sequence[ToolOutcome]) -> tuple[Row, ...]:
    """Return what a search by words found and was not read, where all that was found since are readings."""
    readings: list[Citation] = []
    for outcome in reversed(outcomes):
        if outcome.near:
            near = outcome.rows[: outcome.near] if readings else ()
            return tuple(row for row in near if not any(_overlap(row.citation, read) for read in readings))
        if outcome.found and (outcome.listing or not outcome.rows):
            return ()
        readings += [row.citation for row in outcome.rows]
    return ()


def _output(printed: CommandOutput) -> list[str]:
    """Return a command and what it printed, the first lines of it, as text that is no markdown."""
    printed_lines = printed.text.splitlines()
    lines = [indented_line(line) for line in printed_lines[:_MOST_LINES]]
    if len(printed_lines) > len(lines):
        lines.append(f"… and {len(printed_lines) - len(lines)} more lines")
    if printed.note:
        lines.append(f"({one_line(printed.note)})")
    fence = "`" * max(3, 1 + _longest_ticks("\n".join(lines)))
    return [f"{OUTPUT}{code(shlex.join(printed.argv))}:", "\n".join([f"{fence}text", *lines, fence])]


def _longest_ticks(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


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

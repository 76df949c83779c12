"""Text and regular-expression search over the files that may be seen, line by line."""

from __future__ import annotations

import time
from collections.abc import Callable

from lsp_server.workspace.globs import file_filter
from lsp_server.workspace.listing import MAX_FILES
from lsp_server.workspace.patterns import Finder, compile_pattern
from lsp_server.workspace.places import Located
from lsp_server.workspace.ranking import by_use, is_own_code
from lsp_server.workspace.rows import MAX_ROWS, Rows, TextRow
from lsp_server.workspace.view import View

SECONDS = 10.0
"""A search stops after this time and says how far it came."""
_REGEX_SIGNS = (".*", ".+", "\\b", "\\w", "\\s", "\\d", "\\(", "\\.", "|", "[", "^", "$")


def search(view: View, pattern: str, *, regex: bool, glob: str | None, cancelled: Callable[[], bool]) -> Rows[TextRow]:
    """Search every file that may be seen, buffers before files, in the order of `ranking.by_use`.

    Raises:
        ToolProblem: the pattern or the glob cannot be used.
    """
    finder = compile_pattern(pattern, regex=regex)
    wanted = file_filter(glob, view.files.scope.show)
    deadline = time.monotonic() + SECONDS

    def stop() -> bool:
        return cancelled() or time.monotonic() > deadline

    candidates = len(view.listed(wanted, stop))
    counts = {located: finder.count(data) for located, data in view.holding(finder.sieve, wanted, stop)}
    seen = candidates - min(view.freshness.stale, candidates)
    holding = sorted(filter(counts.get, counts), key=by_use)
    rows = _rows(view, finder, holding)
    total = max(sum(counts.values()), len(rows))  # a file may have grown since it was counted
    notes = [stopped_note(seen, candidates), capped_note(total, len(rows))]
    if not total and not regex and any(sign in pattern for sign in _REGEX_SIGNS):
        notes.append("The pattern was taken literally; regex=true reads it as a regular expression.")
    in_code = any(is_own_code(located.relative) for located in holding)
    return Rows(tuple(rows), total, seen, " ".join(filter(None, notes)), in_code)


def stopped_note(seen: int, candidates: int) -> str:
    """Say that not every file was looked through; empty when all were."""
    if seen < candidates:
        return f"Stopped after {seen:,} of {candidates:,} files; narrow the search."
    return f"Only the first {MAX_FILES:,} files were listed." if candidates >= MAX_FILES else ""


def capped_note(total: int, shown: int) -> str:
    """Say how many rows were left out; empty when none were."""
    return f"{total - shown:,} further rows are not listed." if shown < total else ""


def _rows(view: View, finder: Finder, holding: list[Located]) -> list[TextRow]:
    """Return the first rows of the files that hold any; texts are not kept between counting and showing."""
    rows: list[TextRow] = []
    for located in holding:
        if len(rows) >= MAX_ROWS:
            break
        found = finder.rows(view.data(located) or b"")
        rows += [TextRow(view.files.place(located, line, line), text) for line, text in found[: MAX_ROWS - len(rows)]]
    return rows

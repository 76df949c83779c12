"""Text and regular-expression search over the files that may be seen, line by line."""

from __future__ import annotations

import time
from collections.abc import Callable

from lsp_server.errors import OutOfScope
from lsp_server.workspace.files import Files
from lsp_server.workspace.globs import file_filter
from lsp_server.workspace.listing import MAX_FILES
from lsp_server.workspace.patterns import Finder, compile_pattern
from lsp_server.workspace.places import Located
from lsp_server.workspace.ranking import order
from lsp_server.workspace.rows import MAX_ROWS, Rows, TextRow

SECONDS = 10.0
"""A search stops after this time and says how far it came."""
_REGEX_SIGNS = (".*", ".+", "\\b", "\\w", "\\s", "\\d", "\\(", "\\.", "|", "[", "^", "$")


def search(
    files: Files, pattern: str, *, regex: bool, glob: str | None, cancelled: Callable[[], bool]
) -> Rows[TextRow]:
    """Search every file that may be seen, buffers before files, code before tests before vendored.

    Raises:
        ToolProblem: the pattern or the glob cannot be used.
    """
    finder = compile_pattern(pattern, regex=regex)
    wanted = file_filter(glob, files.scope.show)
    deadline = time.monotonic() + SECONDS
    candidates = listed(files, wanted, lambda: cancelled() or time.monotonic() > deadline)
    rows: list[TextRow] = []
    total = seen = 0
    for located in candidates:
        if cancelled() or time.monotonic() > deadline:
            break
        seen += 1
        found = _matches(files, finder, located)
        total += len(found)
        rows += [TextRow(files.place(located, line, line), text) for line, text in found[: MAX_ROWS - len(rows)]]
    notes = [stopped_note(seen, len(candidates)), capped_note(total, len(rows))]
    if not total and not regex and any(sign in pattern for sign in _REGEX_SIGNS):
        notes.append("The pattern was taken literally; regex=true reads it as a regular expression.")
    return Rows(tuple(rows), total, seen, " ".join(filter(None, notes)))


def listed(files: Files, wanted: Callable[[Located], bool], stop: Callable[[], bool]) -> list[Located]:
    """Return the wanted files in showing order."""
    return sorted(filter(wanted, files.all(stop)), key=order)


def stopped_note(seen: int, candidates: int) -> str:
    """Say that not every file was looked through; empty when all were."""
    if seen < candidates:
        return f"Stopped after {seen:,} of {candidates:,} files; narrow the search."
    return f"Only the first {MAX_FILES:,} files were listed." if candidates >= MAX_FILES else ""


def capped_note(total: int, shown: int) -> str:
    """Say how many rows were left out; empty when none were."""
    return f"{total - shown:,} further rows are not listed." if shown < total else ""


def _matches(files: Files, finder: Finder, located: Located) -> list[tuple[int, str]]:
    try:
        return finder.rows(files.data(located))
    except OutOfScope:
        return []  # binary, too large, or gone since it was listed

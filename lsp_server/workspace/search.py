"""Text and regular-expression search over the files that may be seen, line by line."""

from __future__ import annotations

import time
from collections.abc import Callable

import attrs

from lsp_server.errors import OutOfScope
from lsp_server.workspace.files import Files
from lsp_server.workspace.globs import file_filter
from lsp_server.workspace.linear_regex import Regex, compile_regex, escape
from lsp_server.workspace.listing import MAX_FILES
from lsp_server.workspace.places import Located
from lsp_server.workspace.problems import ToolProblem
from lsp_server.workspace.ranking import order
from lsp_server.workspace.rows import MAX_ROWS, Rows, TextRow, cut

SECONDS = 10.0
"""A search stops after this time and says how far it came."""
_MAX_PATTERN = 1000
_REGEX_SIGNS = (".*", ".+", "\\b", "\\w", "\\s", "\\d", "\\(", "\\.", "|", "[", "^", "$")


@attrs.frozen
class Finder:
    """A compiled pattern: whole files are sieved first, then lines are matched one by one."""

    line: Regex
    sieve: Regex
    """Matches every file that holds a matching line, and perhaps others."""

    def rows(self, data: bytes) -> list[tuple[int, str]]:
        """Return the matching lines of normal bytes: one-based number and text, cut around the match."""
        if self.sieve.search(data) is None:
            return []
        found: list[tuple[int, str]] = []
        for number, line in enumerate(data.removesuffix(b"\n").split(b"\n"), start=1):
            match = self.line.search(line)
            if match is not None:
                before = len(line[: match.start()].decode("utf-8", "replace"))
                found.append((number, cut(line.decode("utf-8", "replace").rstrip(), before)))
        return found


def compile_pattern(pattern: str, *, regex: bool) -> Finder:
    r"""Compile a literal or an RE2 expression; without upper-case letters it ignores case (as ripgrep's smart case).

    Letters after a back slash (`\W`, `\S`) are not upper case in that sense.

    Raises:
        ToolProblem: it is empty, too long, spans lines, or is not RE2's syntax.
    """
    if not pattern.strip():
        raise ToolProblem("The pattern is empty.", "Give the text to look for.")
    if len(pattern) > _MAX_PATTERN:
        raise ToolProblem(f"The pattern is longer than {_MAX_PATTERN} characters.", "Search for a short part of it.")
    if "\n" in pattern or "\r" in pattern or "\0" in pattern:
        raise ToolProblem("The pattern spans lines; a search matches within one line.", "Search for one of its lines.")
    sensitive = _has_upper(pattern, regex=regex)
    try:
        expression = pattern if regex else escape(pattern)
        sieve = f"(?m){expression}" if "\\A" not in expression and "\\z" not in expression else ""
        return Finder(
            compile_regex(expression, case_sensitive=sensitive), compile_regex(sieve, case_sensitive=sensitive)
        )
    except ValueError as error:
        raise ToolProblem(
            f"The regular expression is not understood: {error}.",
            "Look-around and back-references do not exist here; or search for plain text with regex=false.",
        ) from error


def _has_upper(pattern: str, *, regex: bool) -> bool:
    escaped = False
    for char in pattern:
        if char.isupper() and not escaped:
            return True
        escaped = regex and char == "\\" and not escaped
    return False


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

"""Patterns of a text search: compiled for whole files and for single lines."""

from __future__ import annotations

import attrs

from lsp_server.workspace.linear_regex import Regex, compile_regex, escape
from lsp_server.workspace.problems import ToolProblem
from lsp_server.workspace.rows import cut

_MAX_PATTERN = 1000


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

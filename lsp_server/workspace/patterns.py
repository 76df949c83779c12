"""Patterns of a text search: compiled for whole texts, and for single lines where that decides."""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

from lsp_server.workspace.linear_regex import Regex, compile_regex, escape
from lsp_server.workspace.problems import ToolProblem
from lsp_server.workspace.rows import cut

_MAX_PATTERN = 1000
_TEXT_ANCHORS = re.compile(r"\\[AzC]|\(\?[a-zA-Z]*-[a-zA-Z]*m")
"""`\\A`, `\\z` and `(?-m)` mean the line here and the whole text to the sieve; `\\C` takes any byte."""


@attrs.frozen
class Spot:
    """A matching line, and where in it the first match stands; offsets are bytes in the whole text."""

    number: int
    """Of the line, one-based."""
    line_start: int
    line_end: int
    """The line end itself, or the text's end."""
    start: int
    end: int


@attrs.frozen
class Finder:
    """A compiled pattern: the sieve runs over a whole text, and lines are looked at only where it hits."""

    line: Regex
    sieve: Regex
    """Matches every file that holds a matching line, and perhaps others."""
    exact_sieve: bool = False
    """Whether each hit of the sieve is a match of the line that it stands in."""

    def spots(self, data: bytes) -> Iterator[Spot]:
        """Yield the matching lines of normal bytes; the empty text is one empty line."""
        # what follows the last line end is no line
        last = len(data) - 1 if data.endswith(b"\n") else len(data)
        position = counted = 0
        number = 1
        while (hit := self.sieve.search(data, position)) is not None:
            at = hit.start()
            if at > last:
                return
            start = data.rfind(b"\n", 0, at) + 1
            end = data.find(b"\n", at)
            end = len(data) if end < 0 else end
            number += data.count(b"\n", counted, start)
            counted, position = start, end + 1
            if self.exact_sieve:
                yield Spot(number, start, end, at, hit.end())
            elif (match := self.line.search(data[start:end])) is not None:
                yield Spot(number, start, end, start + match.start(), start + match.end())
            if position > len(data):
                return

    def spans(self, data: bytes, spot: Spot) -> Iterator[tuple[int, int]]:
        """Yield the matches in a spot's line, from left to right, as bytes in the whole text."""
        for match in self.line.finditer(data[spot.line_start : spot.line_end]):
            yield spot.line_start + match.start(), spot.line_start + match.end()

    def rows(self, data: bytes) -> list[tuple[int, str]]:
        """Return the matching lines of normal bytes: one-based number and text, cut around the match."""
        found: list[tuple[int, str]] = []
        for spot in self.spots(data):
            before = len(data[spot.line_start : spot.start].decode("utf-8", "replace"))
            text = data[spot.line_start : spot.line_end].decode("utf-8", "replace")
            found.append((spot.number, cut(text.rstrip(), before)))
        return found

    def count(self, data: bytes) -> int:
        """Return how many lines match."""
        return sum(1 for _ in self.spots(data))


def compile_pattern(pattern: str, *, regex: bool, fold: bool | None = None) -> Finder:
    r"""Compile a literal or an RE2 expression; without upper-case letters it ignores case (as ripgrep's smart case).

    Letters after a back slash (`\W`, `\S`) are not upper case in that sense.

    Args:
        pattern: what to look for.
        regex: whether it is an expression.
        fold: ignore case, or mind it, whatever the letters.

    Raises:
        ToolProblem: it is empty, too long, spans lines, or is not RE2's syntax.
    """
    if not pattern.strip():
        raise ToolProblem("The pattern is empty.", "Give the text to look for.")
    if len(pattern) > _MAX_PATTERN:
        raise ToolProblem(f"The pattern is longer than {_MAX_PATTERN} characters.", "Search for a short part of it.")
    if "\n" in pattern or "\r" in pattern or "\0" in pattern:
        raise ToolProblem("The pattern spans lines; a search matches within one line.", "Search for one of its lines.")
    sensitive = has_upper(pattern, regex=regex) if fold is None else not fold
    try:
        expression = pattern if regex else escape(pattern)
        line = compile_regex(expression, case_sensitive=sensitive, within_lines=True)
        exact = _TEXT_ANCHORS.search(expression) is None
        sieve = compile_regex(f"(?m){expression}" if exact else "", case_sensitive=sensitive, within_lines=True)
        return Finder(line, sieve, exact)
    except ValueError as error:
        raise ToolProblem(
            f"The regular expression is not understood: {error}.",
            "Look-around and back-references do not exist here; or search for plain text with regex=false.",
        ) from error


def has_upper(pattern: str, *, regex: bool) -> bool:
    """Say whether a pattern holds an upper-case letter that stands for itself."""
    escaped = False
    for char in pattern:
        if char.isupper() and not escaped:
            return True
        escaped = regex and char == "\\" and not escaped
    return False

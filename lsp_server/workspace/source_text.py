"""A file's bytes as the extraction reads them: lines, one-line spellings and dotted names, all by byte offset."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from itertools import accumulate

_MAX_TAIL = 400
"""Bytes at the end of an expression that are read for its name."""
# `#` before a private name is no part of it
_ARROWS = re.compile(rb"\s*(?:\?\.|::|->|!\.|\.)\s*#?")
# what is not ASCII is part of a name wherever an expression is not a string
_CHAIN = re.compile(rb"[\w$\x80-\xff]+(?:\.[\w$\x80-\xff]+)*$")
_SIMPLE = re.compile(rb"[A-Za-z_]\w*")
_PLAIN = re.compile(rb"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_LAST = re.compile(rb"[\w$\x80-\xff]+$")
_CLOSING = (b")", b"]", b"}", b'"', b"'", b"`")
"""Behind the last of them a name is one of something unnamed."""

OF_CALL = re.compile(rb"\(")
OF_TYPE = re.compile(rb"[\[(<]")
"""Brackets in front of which a name ends."""

UNKNOWN = "?."
"""Stands before a name whose owner has none."""

Name = tuple[str, int, int]
"""A dotted name, and the first byte of its last part and the byte after it."""


class SourceText:
    """Normal bytes with what is worth remembering while one file is read."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._names: dict[bytes, Name] = {}

    @cached_property
    def line_starts(self) -> list[int]:
        """The first byte of each line, and one more byte than there are."""
        return [0, *accumulate([len(line) + 1 for line in self.data.split(b"\n")])]

    def line(self, offset: int) -> int:
        """Return the line of a byte, one-based."""
        return bisect_right(self.line_starts, offset)

    def text(self, start: int, end: int) -> str:
        """Return the text between two bytes."""
        return self.data[start:end].decode("utf-8", "replace")

    def one_line(self, start: int, end: int) -> str:
        """Return the text between two bytes with every run of white space as one space."""
        return one_line(self.text(start, end))

    def name(self, start: int, end: int) -> Name:
        """Return the dotted name that an expression ends with: `a?.b`, `a::b` and `a->b` all read `a.b`.

        Returns:
            The name; `?.name` where it is taken from something unnamed, such as the result of another call; empty when
            the expression ends with no name.
        """
        text = self.data[start:end] if end - start < _MAX_TAIL else self.data[end - _MAX_TAIL : end]
        known = self._names.get(text)
        if known is None:
            # offsets are remembered from the end, as one text may stand in many places
            known = self._names[text] = _read_name(text)
        return known[0], end - known[1], end - known[2]

    def name_before(self, start: int, end: int, brackets: re.Pattern[bytes]) -> Name:
        """Return the dotted name in front of the first opening bracket, if any: `Base` of `Base[int]`."""
        if _SIMPLE.fullmatch(self.data, start, end):
            return self.data[start:end].decode(), start, end
        found = brackets.search(self.data, start + 1, end)
        return self.name(start, found.start() if found else end)


def one_line(text: str) -> str:
    """Return the text with every run of white space as one space."""
    return " ".join(text.split())


def _read_name(text: bytes) -> Name:
    """Return the name at the end of a text, and how far before the text's end its last part starts and ends."""
    if _PLAIN.fullmatch(text):
        return text.decode(), len(text) - text.rfind(b".") - 1, 0
    tail = text[max(map(text.rfind, _CLOSING)) + 1 :]
    stripped = tail.rstrip()
    joined = _ARROWS.sub(b".", stripped.lstrip())
    chain = _CHAIN.search(joined)
    last = _LAST.search(stripped)
    if chain is None or last is None:
        return "", 0, 0
    name = chain.group().decode("utf-8", "replace")
    trailing = len(tail) - len(stripped)
    size = trailing + len(last.group())
    return (f"{UNKNOWN}{name}" if joined[: chain.start()].endswith(b".") else name), size, trailing

"""Where the doc comment of a definition stands, and which attributes stand above it."""

from __future__ import annotations

import re
from bisect import bisect_left

import attrs

from lsp_server.workspace.source_text import SourceText

_ATTRIBUTE_DOC = re.compile(rb"[ \t]*(?:#[^\n]*)?\n[ \t]*")
_STRING_PREFIX = re.compile(rb"[rRuU]?['\"]")
_INNER_DOCS = (b"//!", b"/*!")
_MAX_GAP = 1000
"""Bytes of space between a comment and what it is about."""
# what may stand on lines of its own between the beginning of a statement and the definition in it
_LEADING = (b"@", b"template", b"export")


@attrs.frozen(order=True)
class Above:
    """A comment or an attribute."""

    start: int
    end: int
    attribute: str = ""
    """Its name; empty for a comment."""


@attrs.frozen
class Doc:
    """What stands above a definition."""

    start: int = 0
    end: int = 0
    attributes: tuple[str, ...] = ()


NO_DOC = Doc()


class DocPlaces:
    """Finds docs by what was gathered from one file."""

    def __init__(self, source: SourceText, language: str) -> None:
        self._source = source
        self._rust = language == "rust"
        self._strings: dict[int, int] = {}
        self._arounds: dict[int, int] = {}
        self._aboves: list[Above] = []
        self._starts: list[int] = []

    def add_string(self, start: int, end: int) -> None:
        """Take a string that is a statement of its own."""
        if _STRING_PREFIX.match(self._source.data, start, end):
            self._strings[start] = end

    def add_around(self, inner: int, around: int) -> None:
        """Take a definition's first byte and that of the statement it belongs to."""
        if around < inner:
            self._arounds[inner] = min(around, self._arounds.get(inner, inner))

    def add_above(self, start: int, end: int, attribute: str = "") -> None:
        """Take a comment, or an attribute with its name."""
        if end - start > 1 and self._source.data[end - 1] == ord("\n"):
            end -= 1  # some grammars count a comment's line end as its own
        self._aboves.append(Above(start, end, attribute))

    def ready(self) -> None:
        """Say that everything has been taken."""
        self._aboves.sort()
        self._starts = [above.start for above in self._aboves]

    def inside(self, body: int) -> Doc:
        """Return the docstring with which a body begins."""
        return Doc(body, self._strings[body]) if body in self._strings else NO_DOC

    def behind(self, end: int) -> Doc:
        """Return the docstring on the line after an assignment."""
        between = _ATTRIBUTE_DOC.match(self._source.data, end)
        return self.inside(between.end()) if between else NO_DOC

    def above(self, start: int) -> Doc:
        """Return the doc comment directly above a definition, or above the statement that it belongs to."""
        doc = self._directly_above(start)
        position = start
        while not doc.end and position in self._arounds and self._begins(self._arounds[position], start):
            position = self._arounds[position]
            outer = self._directly_above(position)
            doc = Doc(outer.start, outer.end, outer.attributes + doc.attributes)
        return doc

    def _begins(self, around: int, start: int) -> bool:
        """Say whether a definition is what its statement is about, rather than one of many in a group."""
        data = self._source.data
        return data.find(b"\n", around, start) < 0 or data.startswith(_LEADING, around)

    def _directly_above(self, position: int) -> Doc:
        data = self._source.data
        start = end = 0
        attributes: list[str] = []
        for at in range(bisect_left(self._starts, position) - 1, -1, -1):
            above = self._aboves[at]
            gap = data[above.end : position] if position - above.end < _MAX_GAP else b"\n\n"
            if gap.count(b"\n") > 1 or gap.strip():
                break
            if above.attribute:
                attributes.append(above.attribute)
            elif self._is_doc(above) and (not end or self._goes_on(above.start, start)):
                start, end = above.start, end or above.end
            else:
                break
            position = above.start
        return Doc(start, end, tuple(reversed(attributes)))

    def _goes_on(self, comment: int, doc: int) -> bool:
        """Say whether a comment and the doc below it are lines of one: a block comment is one by itself."""
        data = self._source.data
        return data[comment : comment + 2] == data[doc : doc + 2] != b"/*"

    def _is_doc(self, comment: Above) -> bool:
        """Say whether a comment can be about what follows: not one behind code, nor one about the module."""
        data = self._source.data
        if self._rust and data.startswith(_INNER_DOCS, comment.start):
            return False
        line = data[data.rfind(b"\n", 0, comment.start) + 1 : comment.start]
        return not line or line.isspace()

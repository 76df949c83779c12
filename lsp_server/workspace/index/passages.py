"""Cuts a file into the stretches that ranked words find: functions, methods, class heads, and the lines between."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from lsp_server.workspace.facts import Definition, Facts
from lsp_server.workspace.index.base import MAX_RANKED_BYTES
from lsp_server.workspace.index.words import spaced

_HEADING = ("@", "#", "//", "/*", "*")
"""A line above a function that begins so is its decorator or comment."""
_LONGEST_LINES = 60
"""Of a stretch outside functions."""
_PLAIN_BYTES = 10_000
"""Of a file that is neither code nor prose, only the beginning is ranked."""
_PROSE = (".md", ".markdown", ".rst", ".txt", ".adoc", ".org", ".tex")


@attrs.frozen
class Stretch:
    """Lines of a file, and its words by field."""

    start: int
    """One-based."""
    end: int
    """Inclusive."""
    name: str
    """Qualified name of the definition that it is; empty outside any."""
    doc: str
    body: str


def stretches(name: str, data: bytes, facts: Facts) -> list[Stretch]:
    """Return the stretches of normal bytes, in order; every line with text in it is in one of them."""
    if not facts.definitions:
        data = _head(data, MAX_RANKED_BYTES if name.lower().endswith(_PROSE) else _PLAIN_BYTES)
    data = _head(data, MAX_RANKED_BYTES)
    lines = data.decode("utf-8", "replace").split("\n")
    found: list[Stretch] = []
    for start, end, definition in _cuts(facts, lines):
        body = "\n".join(lines[start - 1 : end])
        if not body or body.isspace():
            continue
        doc = data[definition.doc_start : definition.doc_end].decode("utf-8", "replace") if definition else ""
        found.append(Stretch(start, end, definition.name if definition else "", spaced(doc), spaced(body)))
    return found


def _head(data: bytes, limit: int) -> bytes:
    return data if len(data) <= limit else data[: data.rfind(b"\n", 0, limit) + 1] or data[:limit]


def _cuts(facts: Facts, lines: list[str]) -> Iterator[tuple[int, int, Definition | None]]:
    """Yield line ranges that follow one another, each with the definition that it is."""
    at = 1
    around: list[Definition] = []
    for definition in facts.definitions:
        if definition.line < at or definition.line > len(lines):
            continue  # inside a function that was taken whole, or beyond what is ranked
        start = definition.line
        if definition.kind in {"function", "method"}:
            while start > at and lines[start - 2].lstrip().startswith(_HEADING):
                start -= 1
            yield from _pieces(at, start - 1, _holder(around, start))
            at = min(definition.end_line, len(lines)) + 1
            yield start, at - 1, definition
        elif definition.kind in {"class", "heading"}:
            yield from _pieces(at, start - 1, _holder(around, start))
            at = start
            around.append(definition)
    yield from _pieces(at, len(lines), _holder(around, at))


def _holder(around: list[Definition], line: int) -> Definition | None:
    """Return the innermost class or section that reaches to a line."""
    while around and around[-1].kind == "class" and around[-1].end_line < line:
        around.pop()
    return around[-1] if around else None


def _pieces(start: int, end: int, definition: Definition | None) -> Iterator[tuple[int, int, Definition | None]]:
    for first in range(start, end + 1, _LONGEST_LINES):
        yield first, min(first + _LONGEST_LINES - 1, end), definition

"""From the matches of a tag query to references: where each stands, and in which definition."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import attrs

from lsp_server.workspace.facts import Relation, Site
from lsp_server.workspace.languages import Captures
from lsp_server.workspace.source_text import OF_CALL, SourceText

AROUND = -2
"""Stands for the definition around a reference, before that is known."""

Reference = tuple[int, Relation, str, int, int, int]
"""The fields of a site, in the order that sorts them: start, relation, target, end, line (0 for that of the start),
enclosing. A bare tuple, as there are very many."""


@attrs.frozen
class Region:
    """A definition that encloses references."""

    index: int
    start: int
    end: int


def with_object(source: SourceText, name: str, captures: Captures) -> str:
    """Return a called name behind the object that is captured apart from it."""
    owner = captures["object"][0]
    return f"{source.name(owner.start_byte, owner.end_byte)[0] or '?'}.{name}"


def raise_of(source: SourceText, captures: Captures) -> Reference:
    """Return the reference to what is raised, on the line of its statement."""
    raised = captures["raised"][0]
    target, start, end = source.name_before(raised.start_byte, raised.end_byte, OF_CALL)
    return start, "raise", target, end, source.line(captures["raise"][0].start_byte), AROUND


def sites(source: SourceText, references: list[Reference], regions: Sequence[Region]) -> tuple[Site, ...]:
    """Return the references with their enclosing definitions, by position, each once.

    Args:
        source: the file.
        references: in any order; those without a name are left out.
        regions: the enclosing definitions, by position, nested or apart.
    """
    found: list[Site] = []
    stack: list[Region] = []
    position = 0
    lines = source.line_starts
    before = (-1, "")
    for start, relation, target, end, line, enclosing in sorted(references):
        if (start, relation) == before or not target:
            continue
        before = (start, relation)
        while position < len(regions) and regions[position].start <= start:
            stack.append(regions[position])
            position += 1
        while stack and stack[-1].end <= start:
            stack.pop()
        if enclosing == AROUND:
            enclosing = stack[-1].index if stack else -1  # noqa: PLW2901 - the innermost, now that it is known
        found.append(Site(relation, target, line or bisect_right(lines, start), enclosing, start, end))
    return tuple(found)

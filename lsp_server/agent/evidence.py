"""Places in the workspace that were found or shown: rows of a result, and the lines that a conversation has seen."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence

import attrs

from lsp_server.errors import OutOfScope
from lsp_server.trace import Citation, line_range
from lsp_server.workspace.places import Place
from lsp_server.workspace.workspace import Workspace


@attrs.frozen
class Row:
    """One place that a call found."""

    citation: Citation
    label: str
    """What stands there, on one line."""
    site: bool
    """Whether the label is a line of the file rather than a definition's signature."""


class Shown:
    """The lines that tools have shown in one conversation, with their text at that time."""

    def __init__(self, earlier: Mapping[tuple[str, int], str] | None = None) -> None:
        """Begin with what an earlier part of the conversation has shown."""
        self._lines = dict(earlier or {})

    @property
    def lines(self) -> Mapping[tuple[str, int], str]:
        """What was shown, by path and line."""
        return self._lines

    def add(self, path: str, start: int, lines: Sequence[str]) -> None:
        """Remember `lines` of `path`, the first of which is number `start`."""
        self._lines.update({(path, start + offset): line for offset, line in enumerate(lines)})

    def holds(self, path: str, start: int, lines: Sequence[str]) -> bool:
        """Say whether all these lines were shown just as they stand now."""
        return all(self._lines.get((path, start + offset)) == line for offset, line in enumerate(lines))


def citations_of(workspace: Workspace, places: Iterable[Place]) -> list[Citation]:
    """Return places as verified citations, their texts as they stand in the files or open buffers.

    Places of one file that follow each other cost one reading of it.
    """
    citations: list[Citation] = []
    for path, together in itertools.groupby(places, key=lambda place: place.path):
        lines = lines_of(workspace, path)
        citations += [_citation(place, lines) for place in together]
    return citations


def _citation(place: Place, lines: Sequence[str]) -> Citation:
    text = lines[place.start - 1] if 0 < place.start <= len(lines) else ""
    last = len(lines[place.end - 1]) if 0 < place.end <= len(lines) else 0
    return Citation(place.uri, place.path, line_range(place.start, place.end, last), text, verified=True)


def whole_lines(workspace: Workspace, path: str, start: int, end: int) -> tuple[str, ...]:
    """Return lines `start` to `end` of a file, uncut; fewer where it has not so many."""
    return lines_of(workspace, path)[start - 1 : end]


def lines_of(workspace: Workspace, path: str) -> tuple[str, ...]:
    """Return a file's lines, buffers first; none where it may not be read."""
    try:
        return workspace.files.lines(path)
    except (OutOfScope, OSError, ValueError):
        return ()

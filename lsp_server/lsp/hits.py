"""Hits as they travel: ranges in the client's encoding, marks in UTF-16 units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.lsp.ranges import Ranges, units
from lsp_server.wire import SearchHit

if TYPE_CHECKING:
    from lsp_server.workspace.columns import Encoding
    from lsp_server.workspace.hits import Hit
    from lsp_server.workspace.places import Located
    from lsp_server.workspace.workspace import Workspace


class HitWriter:
    """Writes the hits of one search; each file's lines are found once."""

    def __init__(self, workspace: Workspace, encoding: Encoding) -> None:
        self._scope = workspace.scope
        self._view = workspace.view()
        self._encoding: Encoding = encoding
        self._files: dict[Located, Ranges | None] = {}

    def write(self, hits: Iterable[Hit]) -> tuple[SearchHit, ...]:
        """Return the hits whose files are still there to be shown."""
        return tuple(self._written(hit, place) for hit, place in self.placed(hits))

    def placed(self, hits: Iterable[Hit]) -> Iterator[tuple[Hit, types.Range]]:
        """Yield each hit with its range; one whose file is gone, or has become shorter, is left out."""
        for hit in hits:
            place = self._place(hit)
            if place is not None and place.start.line == hit.line - 1:
                yield hit, place

    def _place(self, hit: Hit) -> types.Range | None:
        ranges = self._ranges(hit.located)
        if ranges is not None:
            return ranges.range(hit.start, hit.end)
        if hit.kind == "file" and self._scope.is_without_text(hit.located):  # such as a picture
            return types.Range(types.Position(0, 0), types.Position(0, 0))
        return None

    def _ranges(self, located: Located) -> Ranges | None:
        if located not in self._files:
            data = self._view.data(located)
            self._files[located] = None if data is None else Ranges(data, self._encoding)
        return self._files[located]

    def _written(self, hit: Hit, place: types.Range) -> SearchHit:
        return SearchHit(
            uri=hit.located.uri,
            path=self._scope.show(hit.located),
            range=place,
            text=hit.text,
            kind=hit.kind,
            score=round(hit.score, 4),
            marks=tuple((_units(hit.text[:start]), _units(hit.text[:end])) for start, end in hit.marks),
            name=hit.name or None,
            by_name=hit.by_name,
        )


_units = partial(units, encoding="utf-16")

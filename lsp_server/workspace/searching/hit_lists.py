"""Lists of hits, each best first, and the one list they are fused into."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from lsp_server.workspace.facts import Definition
from lsp_server.workspace.hits import Hit
from lsp_server.workspace.places import Located

_SOFTENING = 60
"""As usual for reciprocal-rank fusion: the first ranks of a list differ little."""


_LIGHTER = 4
"""Where a list found a hit, lists of so many times less weight say nothing more of it."""


@attrs.frozen
class HitList:
    """What one way of looking found."""

    weight: float
    """Lists of twice the weight come first throughout, as far as their first `_SOFTENING` hits."""
    hits: tuple[Hit, ...]
    """Best first."""
    total: int = 0
    """How many there are, also beyond `hits`."""
    note: str = ""
    """One sentence when the list is not the whole truth."""
    loose: bool = False
    """Whether the hits answer to scattered letters only."""


def fuse(lists: Iterable[HitList], limit: int) -> tuple[tuple[Hit, ...], int]:
    """Return the hits of all lists by reciprocal rank, and how many there are in all.

    A line that several lists found is one hit, as the weightiest list shows it.
    """
    ordered = sorted(lists, key=lambda found: -found.weight)
    kept: dict[tuple[Located, int, int], Hit] = {}
    lines: dict[tuple[Located, int], tuple[Located, int, int]] = {}
    scores: dict[tuple[Located, int, int], float] = {}
    weights: dict[tuple[Located, int, int], float] = {}
    unseen = 0
    for found in ordered:
        earlier = dict(lines)
        unseen += max(0, found.total - len(found.hits))
        for rank, hit in enumerate(found.hits, start=1):
            place = _place(hit)
            place = earlier.get(place[:2], place)
            kept.setdefault(place, hit)
            lines.setdefault(place[:2], place)
            if found.weight * _LIGHTER > weights.setdefault(place, found.weight):
                scores[place] = scores.get(place, 0.0) + found.weight / (_SOFTENING + rank)
    best = sorted(kept, key=lambda place: -scores[place])
    return tuple(attrs.evolve(kept[place], score=round(scores[place], 6)) for place in best[:limit]), len(kept) + unseen


def _place(hit: Hit) -> tuple[Located, int, int]:
    return (hit.located, -1, 0) if hit.kind == "file" else (hit.located, hit.line, hit.start)


def around(definitions: Iterable[Definition], offset: int) -> Definition | None:
    """Return the innermost of a file's definitions that holds a byte."""
    inner: Definition | None = None
    for definition in definitions:
        if definition.start > offset:
            break
        if offset < definition.end:
            inner = definition
    return inner

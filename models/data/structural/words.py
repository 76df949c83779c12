"""The words that every shape fills in: how many places there are, which, and where they lie."""

from __future__ import annotations

from collections.abc import Sequence

from models.data.english import capital, listed
from models.data.structural.case import FEW
from models.data.structural.phrases import article, folder_of, number, where
from models.data.structural.truth import Spot

_TIMES = {1: "once", 2: "twice"}
_PLACED = 2
"""So many places are named in words; more are shown below them."""


def words(package: str, name: str, spots: Sequence[Spot], about: str) -> dict[str, str]:
    """Return the common words.

    Args:
        package: the codebase, as a person calls it.
        name: what is asked about, as the question writes it.
        spots: what is found, as the tool lists it.
        about: the shape, so that shapes are phrased apart.
    """
    count = len(spots)
    times = _TIMES.get(count, f"{number(count)} times")
    folder = folder_of(spots)
    files = {spot.path for spot in spots}
    names = tuple(dict.fromkeys(spot.name for spot in spots))
    return {
        "package": package,
        "name": name,
        "count": number(count),
        "Count": capital(number(count)),
        "number": str(count),
        "times": times,
        "Times": capital(times),
        "a": article(name),
        "A": capital(article(name)),
        "where": where(spots, about, name),
        "file": min(files) if len(files) == 1 else "",
        "folder": folder if "/" in folder else "",
        "place": spots[0].place,
        "places": " and ".join(spot.place for spot in spots) if count <= _PLACED else "",
        "names": listed(names) if len(names) == count <= FEW and all(names) else "",
        "pairs": _pairs(spots),
        "first": spots[0].name,
    }


def _pairs(spots: Sequence[Spot]) -> str:
    """Return two names, each with its place: ``"`A` (`a.py:3`) and `B` (`b.py:7`)"``."""
    names = {spot.name for spot in spots}
    if len(spots) > _PLACED or len(names) < len(spots) or "" in names:
        return ""
    return " and ".join(f"`{spot.name}` ({spot.place})" for spot in spots)

"""Choosing without chance: whatever is drawn depends on a hash of what it is drawn for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from models.data.structural.case import Case, Size

T = TypeVar("T")

_SEED = "structure 1"
_LONG = 16
"""Names from this length on are drawn more often: they are what a small model miscopies."""
_SIZES: Sequence[Size] = ("few", "one", "many", "few", "one")
_SIZES_OF_DEFINITIONS: Sequence[Size] = ("one", "few", "one", "one", "many", "one")
"""Most names are defined once, and that is what people ask."""
_SHORT_LIST = 8
_SELDOM = 0.15


def fraction(*about: str) -> float:
    """Return a number between 0 and 1 that depends on nothing but the words given."""
    digest = hashlib.sha256("\0".join((_SEED, *about)).encode()).digest()
    return (int.from_bytes(digest[:7], "big") + 0.5) / 2**56


def drawn(choices: Sequence[T], *about: str) -> T:
    """Return one of the choices."""
    return choices[int(fraction(*about) * len(choices))]


def shuffled(items: Iterable[Case], kind: str, codebase: str) -> Iterator[Case]:
    """Yield cases in a drawn order: sizes by turns, long names and short lists sooner."""
    queues: dict[Size, list[Case]] = {"one": [], "few": [], "many": []}
    for case in sorted(items, key=lambda case: -(fraction(kind, codebase, case.subject) ** (1 / _weight(case)))):
        queues[case.size].append(case)
    while any(queues.values()):
        for size in _SIZES_OF_DEFINITIONS if kind == "definition" else _SIZES:
            if queues[size]:
                yield queues[size].pop(0)


def _weight(case: Case) -> float:
    longest = max(len(value) for value in case.arguments.values())
    weight = 3.0 if longest >= _LONG else 1.0
    return weight * (1.0 if len(case.spots) <= _SHORT_LIST else _SELDOM)

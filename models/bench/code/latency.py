"""Times of many runs, taken in turns with another program's, and what is said of them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from models.bench.figures import Figure

Item = TypeVar("Item")
Ours = TypeVar("Ours")
Theirs = TypeVar("Theirs")


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` (0 to 1) of the values do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def timed(work: Callable[[], Ours]) -> tuple[Ours, float]:
    """Return what `work` returns and the seconds it took."""
    began = time.perf_counter()
    value = work()
    return value, time.perf_counter() - began


def in_pairs(
    items: Sequence[Item], ours: Callable[[Item], Ours], theirs: Callable[[Item], Theirs]
) -> list[tuple[Ours, Theirs]]:
    """Run both for every item, one right after the other; who begins alternates."""
    pairs: list[tuple[Ours, Theirs]] = []
    for at, item in enumerate(items):
        if at % 2:
            their = theirs(item)
            pairs.append((ours(item), their))
        else:
            our = ours(item)
            pairs.append((our, theirs(item)))
    return pairs


def half_and_tail(name: str, seconds: Sequence[float], target: float | None = None, note: str = "") -> list[Figure]:
    """Return the median and the 95th percentile as figures in milliseconds; the target (ms) is the tail's."""
    count = f"{len(seconds)} runs"
    return [
        Figure(f"{name}, p50", 1000 * percentile(seconds, 0.5), "ms", note=count),
        Figure(f"{name}, p95", 1000 * percentile(seconds, 0.95), "ms", target, note=note),
    ]

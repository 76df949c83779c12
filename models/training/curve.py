"""The course of a training: what each step and each measurement gave."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path

import attrs
import cattrs

LOSSES, ALL_LOSSES = "loss.json", "loss*.json"
"""Files beside an adapter: of its training, or loss-1.json and so on of all that it is made from."""


@attrs.frozen
class Point:
    """One step of learning."""

    step: int
    """From 1."""
    loss: float
    rate: float
    trained: int
    """Tokens that the loss is of."""
    computed: int
    """Tokens that were computed."""
    seconds: float


@attrs.frozen
class Check:
    """One measurement on the validation rows."""

    step: int
    """Steps learnt before it; 0 is the untuned base."""
    loss: float
    perplexity: float
    seconds: float


@attrs.frozen
class Curve:
    """All that was measured, in order."""

    points: tuple[Point, ...] = ()
    checks: tuple[Check, ...] = ()
    peak_bytes: int = 0
    """The most memory that a leg has had."""

    def with_point(self, point: Point) -> Curve:
        """Return the curve with one more step."""
        return attrs.evolve(self, points=(*self.points, point))

    def with_check(self, check: Check) -> Curve:
        """Return the curve with one more measurement."""
        return attrs.evolve(self, checks=(*self.checks, check))

    def with_peak(self, held: int) -> Curve:
        """Return the curve of legs of which one has had `held` bytes."""
        return attrs.evolve(self, peak_bytes=max(self.peak_bytes, held))

    @property
    def seconds(self) -> float:
        """Time that steps and measurements took."""
        return sum(point.seconds for point in self.points) + sum(check.seconds for check in self.checks)

    @property
    def computed(self) -> int:
        """Tokens that the steps computed."""
        return sum(point.computed for point in self.points)

    def to_json(self) -> str:
        """Return the curve as text."""
        return json.dumps(attrs.asdict(self)) + "\n"

    @staticmethod
    def from_json(text: str) -> Curve:
        """Return the curve that `to_json` described.

        Raises:
            ValueError: the text is none.
        """
        try:
            return cattrs.structure(json.loads(text), Curve)
        except cattrs.BaseValidationError as error:
            raise ValueError("it is no loss curve") from error


def smoothed(points: Sequence[Point], width: int) -> list[float]:
    """Return each step's loss as the mean of it and those before it, `width` at most."""
    losses = [point.loss for point in points]
    return [sum(losses[max(0, end - width) : end]) / min(end, width) for end in range(1, len(losses) + 1)]


def read_curves(folder: Path) -> tuple[Curve, ...]:
    """Return the curves that lie beside an adapter; less where files are missing or damaged."""
    curves: list[Curve] = []
    for path in sorted(folder.glob(ALL_LOSSES)):
        with contextlib.suppress(OSError, ValueError):
            curves.append(Curve.from_json(path.read_text("utf-8")))
    return tuple(curves)

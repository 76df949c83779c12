"""A measured figure, its target, and the table that a run prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import attrs


@attrs.frozen
class Figure:
    """One row of the table."""

    name: str
    value: float
    unit: str
    target: float | None = None
    better: Literal["higher", "lower"] = "lower"
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.target is None:
            return None
        return self.value >= self.target if self.better == "higher" else self.value <= self.target


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a Markdown table."""
    lines = ["| figure | measured | target | met | note |", "| --- | --- | --- | --- | --- |"]
    for figure in figures:
        target = "" if figure.target is None else f"{'≥' if figure.better == 'higher' else '≤'} {figure.target:g}"
        met = {None: "", True: "yes", False: "**no**"}[figure.met]
        measured = f"{_number(figure.value)} {figure.unit}".rstrip()
        lines.append(f"| {figure.name} | {measured} | {target} | {met} | {figure.note} |")
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    """Return three digits, or every digit before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits

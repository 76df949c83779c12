"""What the fused 8-bit model is to reach, and what it reaches."""

from __future__ import annotations

from collections.abc import Sequence

from models.bench.figures import Figure
from models.bench.model.summary import Figures, SetFigures

_MEASURED, _ADAPTER = COMPARED = ("fused-8bit", "adapter")
"""What is to reach the targets, and what it is to be like."""
_DECISION, _EVIDENCE, _CITATIONS, _VALUES = 97, 85, 75, 80
_WARM_SECONDS = 8
_APART = 2


def targets(figures: Sequence[Figures], pair: Sequence[Figures] = ()) -> list[Figure]:
    """Return the targets with what was measured; nothing where the configuration answered nothing.

    Args:
        figures: the configurations.
        pair: those of `COMPARED` over the questions that both answered; empty where that is no difference.
    """
    measured = {one.name: one for one in figures if one.sets}
    if _MEASURED not in measured:
        return []
    ours = {it.name: it for it in measured[_MEASURED].sets}
    aims: list[Figure] = []
    if seed := ours.get("seed"):
        aims.append(_aim(seed, "the seed's five", _right(seed), f"of {seed.questions}", seed.questions))
    if choice := ours.get("discrimination"):
        aims.append(_aim(choice, "decision to look or not", choice.all.decided, "%", _DECISION))
    if structural := ours.get("structural"):
        aims += _structural(structural)
    aims.append(Figure("malformed calls", sum(it.malformed for it in ours.values()), "", 0))
    aims.append(Figure("loops", sum(it.loops for it in ours.values()), "", 0))
    return aims + _beside_the_adapter(pair or figures)


def _beside_the_adapter(figures: Sequence[Figures]) -> list[Figure]:
    """Return how many answers apart the fused model and the adapter are, of those that both gave."""
    sets = {one.name: {it.name: it for it in one.sets} for one in figures}
    ours, theirs = sets.get(_MEASURED, {}), sets.get(_ADAPTER, {})
    return [
        Figure(
            f"right answers more or fewer than the adapter's, {name}",
            abs(_right(ours[name]) - _right(theirs[name])),
            "",
            _APART,
            note=f"of {ours[name].all.answers} that both answered",
        )
        for name in ours
        if name in theirs and ours[name].all.answers == theirs[name].all.answers
    ]


def _structural(one: SetFigures) -> list[Figure]:
    aims: list[Figure] = []
    if one.evidence is not None and one.citations is not None:
        aims.append(_aim(one, "evidence F1", one.evidence.f1, "%", _EVIDENCE))
        aims.append(_aim(one, "citations F1", one.citations.f1, "%", _CITATIONS))
    if one.values is not None:
        stating = f"over {one.valued} answers that must state one"
        aims.append(Figure("values in the words", one.values, "%", _VALUES, "higher", stating))
    if one.warm_seconds is not None:
        aims.append(Figure("a listing or definition, warm", one.warm_seconds, "s", _WARM_SECONDS))
    return aims


def _aim(one: SetFigures, name: str, value: float, unit: str, target: float) -> Figure:
    """Return what is to be reached from below, with how many answers it was measured on."""
    return Figure(name, value, unit, target, "higher", f"{one.all.answers} of {one.questions} questions answered")


def _right(one: SetFigures) -> int:
    return round(one.all.right * one.all.answers / 100)

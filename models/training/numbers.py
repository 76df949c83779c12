"""The numbers of a training, as a recipe states them, and the learning rate that follows from them."""

from __future__ import annotations

import math
from collections.abc import Iterator

import attrs


@attrs.frozen
class Training:
    """How an adapter is trained. Every number stands in the recipe; none has a default."""

    layers: int
    """How many layers are adapted, counted from the last."""
    rank: int
    scale: float
    dropout: float
    learning_rate: float
    """The highest, reached at the end of the warm-up."""
    warmup_steps: int
    """Steps over which the rate rises from nothing, in a straight line."""
    final_share: float
    """Share of the highest rate that is left at the last step; 1 keeps the rate constant."""
    weight_decay: float
    clip_norm: float
    """Longest gradient; a longer one is shortened to it. 0 leaves all as they are."""
    rows_per_step: int
    epochs: int
    """How often each row is seen; 0 where `steps` says when to end."""
    steps: int
    """How many steps are made; 0 where `epochs` says when to end."""
    seed: int
    max_tokens: int
    """Tokens of the longest row that is taken, its system message included."""
    tokens_at_once: int
    """Tokens whose activations are in memory together; a step of more is computed in several passes."""
    recompute: bool
    """Whether activations are computed again on the way back instead of being kept: slower, far less memory."""
    save_every: int
    """Steps between two saved states."""
    validate_every: int
    """Steps between two measurements on the validation rows."""
    tokens_per_second: int
    """Measured or expected; what a rehearsal reckons the time from."""


@attrs.frozen
class Further:
    """What is different in a training that goes on from a finished adapter."""

    learning_rate: float
    warmup_steps: int
    epochs: int
    validate_every: int
    repeat_one_in: int
    """Of the rows of each kind that the adapter has learnt from, one in so many is seen again."""

    def of(self, numbers: Training) -> Training:
        """Return the numbers of such a training, given those of the recipe's."""
        return attrs.evolve(
            numbers,
            learning_rate=self.learning_rate,
            warmup_steps=self.warmup_steps,
            epochs=self.epochs,
            steps=0,
            validate_every=self.validate_every,
        )


_NOT_DECISIVE = frozenset({"save_every", "validate_every", "tokens_per_second", "tokens_at_once", "recompute"})
"""What changes neither a loss nor a weight beyond rounding."""


def decisive(numbers: Training) -> dict[str, object]:
    """Return the numbers that decide what is learnt: a training goes on only under the same ones."""
    return {name: value for name, value in attrs.asdict(numbers).items() if name not in _NOT_DECISIVE}


def rate_at(numbers: Training, step: int, total: int) -> float:
    """Return the learning rate of a step.

    Args:
        numbers: The training's.
        step: Which, from 0.
        total: How many there are.
    """
    if step < numbers.warmup_steps:
        return numbers.learning_rate * (step + 1) / numbers.warmup_steps
    way = (step - numbers.warmup_steps) / max(1, total - 1 - numbers.warmup_steps)
    share = numbers.final_share + (1 - numbers.final_share) * (1 + math.cos(math.pi * min(way, 1.0))) / 2
    return numbers.learning_rate * share


def training_faults(numbers: Training) -> Iterator[str]:
    """Yield a sentence for each number that cannot be meant."""
    positive = ("layers", "rank", "scale", "learning_rate", "rows_per_step", "max_tokens", "save_every")
    yield from (
        f"training.{name} must be positive"
        for name in (*positive, "validate_every", "tokens_per_second")
        if getattr(numbers, name) <= 0
    )
    if (numbers.epochs > 0) == (numbers.steps > 0) or min(numbers.epochs, numbers.steps) < 0:
        yield "training ends by epochs or by steps: one of them must be positive and the other 0"
    for name in ("dropout", "final_share", "weight_decay"):
        if not 0 <= getattr(numbers, name) <= 1:
            yield f"training.{name} must lie between 0 and 1"
    if min(numbers.clip_norm, numbers.warmup_steps) < 0:
        yield "training.clip_norm and training.warmup_steps must not be negative"
    if numbers.recompute and numbers.dropout:
        yield "training.recompute and training.dropout exclude each other: what is left to chance cannot be repeated"
    if numbers.tokens_at_once < numbers.max_tokens:
        yield "training.tokens_at_once must hold the longest row"

"""Which rows a step trains on, and how it computes them with little padding."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence

import attrs

from models.data.rows import Encoded
from models.training.numbers import Training

_WORTH_A_BLOCK = 32
"""Tokens of padding that cost as much as a block of their own: the weights are read once more for each."""


@attrs.frozen
class Block:
    """Rows of similar length, computed as one array."""

    rows: tuple[Encoded, ...]

    @property
    def length(self) -> int:
        """Tokens of the longest row behind the prefix; the others are padded to it."""
        return max(len(row.ids) for row in self.rows)

    @property
    def computed(self) -> int:
        """Tokens that are computed, padding included."""
        return len(self.rows) * self.length


@attrs.frozen
class Pass:
    """Blocks that share one computation of their prefix; their activations are in memory together."""

    prefix_ids: tuple[int, ...]
    blocks: tuple[Block, ...]

    @property
    def computed(self) -> int:
        """Tokens that are computed, prefix and padding included."""
        return len(self.prefix_ids) + sum(block.computed for block in self.blocks)


@attrs.frozen
class Place:
    """Where a training stands in its data: what is to be done next."""

    epoch: int
    step: int
    """Within the epoch, from 0."""


def steps_per_epoch(rows: Sequence[Encoded], numbers: Training) -> int:
    """Return how many steps it takes to see each row once."""
    return sum(math.ceil(len(group) / numbers.rows_per_step) for group in _groups(rows))


def total_steps(rows: Sequence[Encoded], numbers: Training) -> int:
    """Return how many steps the training takes."""
    return numbers.steps or numbers.epochs * steps_per_epoch(rows, numbers)


def place_of(step: int, per_epoch: int) -> Place:
    """Return the place of a step that is counted from the training's beginning."""
    return Place(*divmod(step, per_epoch))


def epoch_steps(rows: Sequence[Encoded], numbers: Training, epoch: int) -> tuple[tuple[int, ...], ...]:
    """Return the rows of every step of an epoch, by their numbers: each row once, the order decided by seed and epoch.

    Rows of a step have one prefix. Steps of one prefix differ by at most one row, so that none weighs too much.
    """
    chance = random.Random(f"{numbers.seed}/{epoch}")  # noqa: S311 - an order, not a secret
    steps: list[tuple[int, ...]] = []
    for group in _groups(rows):
        chance.shuffle(group)
        count = math.ceil(len(group) / numbers.rows_per_step)
        steps += [tuple(group[start::count]) for start in range(count)]
    chance.shuffle(steps)
    return tuple(steps)


def passes(rows: Iterable[Encoded], tokens_at_once: int) -> tuple[Pass, ...]:
    """Return rows as passes, each of at most `tokens_at_once` computed tokens (a single row may take more)."""
    by_prefix: dict[tuple[int, ...], list[Encoded]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (len(row.ids), row.ids)):
        by_prefix[row.prefix_ids].append(row)
    found: list[Pass] = []
    for prefix, members in by_prefix.items():
        room = tokens_at_once - len(prefix)
        held: list[Block] = []
        for block in _blocks(members, room):
            if held and sum(one.computed for one in (*held, block)) > room:
                found.append(Pass(prefix, tuple(held)))
                held = []
            held.append(block)
        found.append(Pass(prefix, tuple(held)))
    return tuple(found)


def _groups(rows: Sequence[Encoded]) -> list[list[int]]:
    """Return the numbers of the rows of each prefix, in the order of the data."""
    groups: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        groups[row.prefix_ids].append(number)
    return list(groups.values())


def _blocks(rows: Sequence[Encoded], room: int) -> list[Block]:
    """Cut rows, shortest first, where the padding would cost more than a block, or the memory."""
    blocks: list[list[Encoded]] = []
    for row in rows:
        last = blocks[-1] if blocks else []
        padding = len(last) * (len(row.ids) - len(last[-1].ids)) if last else 0
        if not last or padding > _WORTH_A_BLOCK or (len(last) + 1) * len(row.ids) > room:
            blocks.append([row])
        else:
            last.append(row)
    return [Block(tuple(block)) for block in blocks]

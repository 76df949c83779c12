"""Which rows a step takes, and how they are laid out."""

from __future__ import annotations

from collections import Counter

import attrs
from hypothesis import given
from hypothesis import strategies as st

from models.data.rows import Encoded
from models.training.order import epoch_steps, passes, place_of, steps_per_epoch, total_steps
from support.tiny_training import NUMBERS, PREFIX, row_by_chance

PREFIXES = (PREFIX, PREFIX[:5])

a_row = st.builds(row_by_chance, st.integers(0, 10**6), st.integers(2, 90), st.sampled_from(PREFIXES))
some_rows = st.lists(a_row, min_size=1, max_size=24)


def with_rows_per_step(rows_per_step: int):
    return attrs.evolve(NUMBERS, rows_per_step=rows_per_step)


@given(some_rows, st.integers(1, 7), st.integers(0, 3))
def test_each_epoch_holds_every_row_once(rows: list[Encoded], per_step: int, epoch: int):
    """The steps of an epoch are a partition of the rows, as many as were announced."""
    steps = epoch_steps(rows, with_rows_per_step(per_step), epoch)
    assert sorted(number for step in steps for number in step) == list(range(len(rows)))
    assert len(steps) == steps_per_epoch(rows, with_rows_per_step(per_step))


@given(some_rows, st.integers(1, 7))
def test_steps_have_one_prefix_and_equal_sizes(rows: list[Encoded], per_step: int):
    """A step's rows begin alike; steps of one prefix differ by at most one row and none exceeds the recipe's size."""
    sizes: dict[tuple[int, ...], list[int]] = {}
    for step in epoch_steps(rows, with_rows_per_step(per_step), 0):
        (prefix,) = {rows[number].prefix_ids for number in step}
        sizes.setdefault(prefix, []).append(len(step))
    for found in sizes.values():
        assert max(found) - min(found) <= 1
        assert max(found) <= per_step


def test_the_order_follows_from_seed_and_epoch_alone():
    """The same seed and epoch give the same order; another seed or epoch another one."""
    rows = [row_by_chance(number, 5) for number in range(20)]
    again = epoch_steps(rows, NUMBERS, 1)
    assert epoch_steps(rows, NUMBERS, 1) == again
    assert epoch_steps(rows, NUMBERS, 0) != again
    assert epoch_steps(rows, attrs.evolve(NUMBERS, seed=8), 1) != again


def test_places_run_through_the_epochs():
    """Steps counted from the beginning are places within epochs; the end follows from epochs or from steps."""
    rows = [row_by_chance(number, 5) for number in range(7)]
    assert steps_per_epoch(rows, NUMBERS) == 3
    places = [(place.epoch, place.step) for place in (place_of(step, 3) for step in range(7))]
    assert places == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 0)]
    assert total_steps(rows, NUMBERS) == 6
    assert total_steps(rows, attrs.evolve(NUMBERS, epochs=0, steps=11)) == 11


@given(some_rows, st.integers(120, 400))
def test_passes_hold_every_row_once_within_the_memory(rows: list[Encoded], tokens_at_once: int):
    """No row is lost or doubled, a pass has one prefix and no more computed tokens than fit in memory together."""
    found = passes(rows, tokens_at_once)
    held = [row for one in found for block in one.blocks for row in block.rows]
    assert Counter(held) == Counter(rows)
    for one in found:
        assert {row.prefix_ids for block in one.blocks for row in block.rows} == {one.prefix_ids}
        assert one.computed <= tokens_at_once
        assert one.computed == len(one.prefix_ids) + sum(len(block.rows) * block.length for block in one.blocks)


@given(some_rows, st.integers(120, 400))
def test_little_is_padded(rows: list[Encoded], tokens_at_once: int):
    """Padding in a block stays below what another block would cost, row for row."""
    for one in passes(rows, tokens_at_once):
        for block in one.blocks:
            padding = block.computed - sum(len(row.ids) for row in block.rows)
            assert padding <= 32 * (len(block.rows) - 1)


def test_a_row_that_is_too_long_for_the_memory_stands_alone():
    """One row is never cut: it gets a pass of its own, however long it is."""
    rows = [row_by_chance(1, 500), row_by_chance(2, 20)]
    assert [[len(block.rows) for block in one.blocks] for one in passes(rows, 100)] == [[1], [1]]

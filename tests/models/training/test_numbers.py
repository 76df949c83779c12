"""The learning rate of each step, and numbers that cannot be meant."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training.numbers import Training, decisive, rate_at, training_faults
from support.tiny_training import NUMBERS


def scheduled(warmup: int, share: float) -> Training:
    return attrs.evolve(NUMBERS, warmup_steps=warmup, final_share=share)


schedules = st.builds(scheduled, st.integers(0, 20), st.floats(0, 1))


@given(schedules, st.integers(22, 300))
def test_the_rate_rises_to_its_peak_and_falls_to_its_share(numbers: Training, total: int):
    """Straight up over the warm-up, down on a cosine, and the last step has the share that the recipe names."""
    rates = [rate_at(numbers, step, total) for step in range(total)]
    peak = numbers.learning_rate
    rising, falling = rates[: numbers.warmup_steps], rates[numbers.warmup_steps :]
    assert rising == pytest.approx([peak * (step + 1) / numbers.warmup_steps for step in range(len(rising))])
    assert falling[0] == pytest.approx(peak)
    assert all(later <= earlier for earlier, later in pairwise(falling))
    assert falling[-1] == pytest.approx(peak * numbers.final_share, abs=1e-12)


@given(schedules, st.integers(1, 300))
def test_no_step_learns_more_than_the_peak_or_less_than_nothing(numbers: Training, total: int):
    """However short the training, every rate lies between nothing and the highest."""
    for step in range(total):
        assert 0 <= rate_at(numbers, step, total) <= numbers.learning_rate * (1 + 1e-12)


def test_the_middle_of_the_way_has_the_mean_rate():
    """Half way down a cosine lies the mean of both ends."""
    numbers = attrs.evolve(NUMBERS, learning_rate=1.0, warmup_steps=10, final_share=0.2)
    assert rate_at(numbers, 60, 111) == pytest.approx(0.6)


def test_a_share_of_one_keeps_the_rate():
    """Without a fall every step after the warm-up has the highest rate."""
    numbers = attrs.evolve(NUMBERS, warmup_steps=3, final_share=1.0)
    assert {rate_at(numbers, step, 40) for step in range(3, 40)} == {numbers.learning_rate}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rank": 0}, "training.rank must be positive"),
        ({"epochs": 2, "steps": 5}, "one of them must be positive"),
        ({"epochs": 0, "steps": 0}, "one of them must be positive"),
        ({"final_share": 1.5}, "training.final_share must lie between 0 and 1"),
        ({"clip_norm": -1.0}, "must not be negative"),
        ({"tokens_at_once": 100}, "must hold the longest row"),
        ({"recompute": True, "dropout": 0.1}, "exclude each other"),
    ],
)
def test_numbers_that_cannot_be_meant_are_told(changes: dict[str, Any], words: str):
    """Each fault is one sentence; sound numbers have none."""
    assert not list(training_faults(NUMBERS))
    (fault,) = training_faults(attrs.evolve(NUMBERS, **changes))
    assert words in fault


@pytest.mark.parametrize("name", ["save_every", "validate_every", "tokens_per_second", "tokens_at_once", "recompute"])
def test_what_changes_only_the_pace_does_not_decide(name: str):
    """A training may go on with other numbers of these."""
    assert decisive(attrs.evolve(NUMBERS, **{name: 1})) == decisive(NUMBERS)


def test_all_other_numbers_decide():
    """Changing any other number makes it another training."""
    for name, value in decisive(NUMBERS).items():
        assert isinstance(value, int | float)
        assert decisive(attrs.evolve(NUMBERS, **{name: value + 1})) != decisive(NUMBERS)

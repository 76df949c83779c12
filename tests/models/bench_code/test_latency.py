from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.bench.code.latency import half_and_tail, in_pairs, percentile, timed
from models.bench.figures import Figure, table


@given(st.lists(st.floats(0, 100), min_size=1), st.floats(0, 1))
def test_percentile(values: list[float], share: float):
    """A percentile is one of the values, and at least that share of them does not exceed it."""
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)


def test_half_and_tail():
    """The median and the tail are told in milliseconds; the target is the tail's."""
    half, tail = half_and_tail("search", [0.001 * number for number in range(1, 101)], 90, "100 queries")
    assert (half.value, half.target, half.note) == (50, None, "100 runs")
    assert (tail.value, tail.met, tail.note) == (pytest.approx(95), False, "100 queries")


def test_pairs_take_turns():
    """Both run for every item, and who begins alternates."""
    order: list[str] = []
    pairs = in_pairs("abc", lambda item: order.append(f"our {item}"), lambda item: order.append(f"their {item}"))
    assert order == ["our a", "their a", "their b", "our b", "our c", "their c"]
    assert len(pairs) == 3


def test_timed():
    """The value is passed on with its time."""
    value, seconds = timed(lambda: 7)
    assert value == 7
    assert seconds >= 0


def test_table():
    """A row says whether its target is met; large numbers keep their digits, figures without a unit no blank."""
    rows = table(
        [
            Figure("cold index", 2.3456, "s"),
            Figure("files", 2931.4, "files/s", 1000, "higher"),
            Figure("precision", 0.5, "", 0.98, "higher", "few"),
        ]
    ).splitlines()[2:]
    assert rows == [
        "| cold index | 2.35 s |  |  |  |",
        "| files | 2,931 files/s | ≥ 1000 | yes |  |",
        "| precision | 0.5 | ≥ 0.98 | **no** | few |",
    ]

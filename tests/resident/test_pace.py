"""Prefill chunks that last at most a given time."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.resident.backend import Interrupted
from lsp_server.resident.pace import LONGEST_CHUNK_SECONDS, Pace


@given(st.floats(20, 50_000), st.integers(1, 40))
def test_chunks_settle_below_the_longest_time(tokens_per_second: float, chunks: int) -> None:
    """On a device of any constant speed, after the first chunk none but the smallest lasts too long."""
    pace = Pace()
    for _ in range(chunks):
        pace.record(pace.tokens(), pace.tokens() / tokens_per_second)
    assert pace.tokens() / tokens_per_second <= LONGEST_CHUNK_SECONDS or pace.tokens() == 8


def test_a_slow_chunk_shrinks_the_next_at_once() -> None:
    """A machine that becomes busy gets shorter chunks."""
    pace = Pace()
    for _ in range(10):
        pace.record(pace.tokens(), pace.tokens() / 1000)
    before = pace.tokens()
    pace.record(before, 10 * before / 1000)
    assert pace.tokens() < before / 5


def test_a_short_last_chunk_teaches_nothing() -> None:
    """A chunk shorter than allowed does not shrink the pace."""
    pace = Pace()
    before = pace.tokens()
    pace.record(1, 0.1)
    assert pace.tokens() == before


def test_a_chunk_that_was_given_up_late_shrinks_the_next() -> None:
    """Of work that is always interrupted some is done in the end: what took too long is tried shorter."""
    pace = Pace(longest_seconds=0.001)
    before = pace.tokens()

    def given_up() -> None:
        with pace.chunk(before):
            time.sleep(0.005)  # computes
            raise Interrupted

    with pytest.raises(Interrupted):
        given_up()
    assert pace.tokens() < before


def test_a_chunk_that_cannot_be_given_up_is_shorter() -> None:
    """Whoever has to wait for its end waits a third of the time."""
    pace = Pace()
    for _ in range(10):
        pace.record(pace.tokens(), pace.tokens() / 1000)
    assert pace.tokens(whole=False) == pace.tokens() // 3

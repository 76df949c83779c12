"""Spans and how they are recorded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.trace import Citation, Span, TraceRecorder, line_range


def test_a_span_holds_what_became_known_inside() -> None:
    """What the block fills in is in the span, with when it began and how long it took."""
    recorder = TraceRecorder()
    with recorder.span("search", {"pattern": "x"}) as opened:
        opened.summary = "2 rows"
        opened.hits = 2
    (span,) = recorder.spans
    assert (span.name, span.arguments, span.summary, span.hits, span.error) == (
        "search",
        {"pattern": "x"},
        "2 rows",
        2,
        None,
    )
    assert 0 <= span.start_ms <= span.start_ms + span.ms <= recorder.now_ms() + 0.2


@pytest.mark.parametrize(
    ("error", "words"),
    [(ValueError("boom"), "boom"), (KeyError(), "KeyError"), (KeyboardInterrupt(), "KeyboardInterrupt")],
)
def test_a_span_is_recorded_also_when_the_block_raises(error: BaseException, words: str) -> None:
    """The error goes on to the caller and stands in the span, by its class where it has no words."""
    recorder = TraceRecorder()
    with pytest.raises(type(error)), recorder.span("decode"):
        raise error
    assert [span.error for span in recorder.spans] == [words]


def test_an_error_that_the_block_named_is_kept() -> None:
    """The block's own words go before the exception's."""
    recorder = TraceRecorder()

    def verify() -> None:
        with recorder.span("verify") as opened:
            opened.error = "not there"
            raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        verify()
    assert recorder.spans[0].error == "not there"


def test_the_listener_hears_of_spans_as_they_end() -> None:
    """Inner spans end first; what was timed elsewhere comes when it is added; the order is that of `spans`."""
    heard: list[Span] = []
    recorder = TraceRecorder(heard.append)
    with recorder.span("search"):
        with recorder.span("read_file"):
            assert heard == []
        assert [span.name for span in heard] == ["read_file"]
        recorder.add(Span("queue", "waited", 0.0, 1.0))
    assert [span.name for span in heard] == ["read_file", "queue", "search"]
    assert heard == recorder.spans


@given(st.integers(1, 10**6), st.integers(0, 1000), st.integers(0, 200))
def test_lines_are_one_based_for_people_and_zero_based_on_the_wire(start: int, more: int, length: int) -> None:
    """A citation of a line range names the lines that it was made from."""
    cited = Citation("file:///a", "a", line_range(start, start + more, length))
    assert (cited.start, cited.end) == (start, start + more)
    assert (cited.range.start.line, cited.range.start.character) == (start - 1, 0)
    assert (cited.range.end.line, cited.range.end.character) == (start + more - 1, length)

"""Stop sequences in a stream."""

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.resident.stops import StopFinder


def test_text_ends_before_the_first_stop() -> None:
    """The sequence itself is not shown, nor anything after it."""
    stops = StopFinder(["END", "##"])
    assert stops.feed("one ## two END") == "one "
    assert stops.found
    assert stops.feed("more") == ""


def test_what_may_become_a_stop_is_held_back() -> None:
    """A beginning of a stop is shown only once it is known not to be one."""
    stops = StopFinder(["END"])
    assert stops.feed("the EN") == "the "
    assert stops.feed("tity") == "ENtity"


@given(st.text("abAB", max_size=30), st.lists(st.text("abAB", min_size=1, max_size=4), max_size=3), st.data())
def test_any_chunking_shows_the_same(text: str, sequences: list[str], data: st.DataObject) -> None:
    """How the text is cut into pieces changes nothing."""
    stops = StopFinder(sequences)
    shown = ""
    rest = text
    while rest and not stops.found:
        size = data.draw(st.integers(1, len(rest)))
        shown += stops.feed(rest[:size])
        rest = rest[size:]
    shown += stops.rest()
    # at one end of a match, the earliest start among matches that end there may differ: compare with every prefix
    places = [text.find(sequence) for sequence in sequences if sequence in text]
    if not places:
        assert shown == text
    else:
        assert text.startswith(shown)
        assert not any(sequence in shown for sequence in sequences)
        assert len(shown) >= min(places)

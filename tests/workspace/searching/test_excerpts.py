from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.workspace.rows import MAX_LINE
from lsp_server.workspace.searching.excerpts import excerpt, whole

LETTERS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=20)


@given(
    above=st.lists(LETTERS, max_size=3), before=LETTERS, match=LETTERS, after=LETTERS, stretch=st.sampled_from([1, 90])
)
def test_marks_show_what_the_bytes_say(above: list[str], before: str, match: str, after: str, stretch: int):
    """The marked characters are the span's, in long lines as far as they can be seen; the line number is right."""
    before, after = before * stretch, after * stretch
    lead = "".join(f"{line}\n" for line in above)
    data = f"{lead}{before}{match}{after}\nbelow".encode()
    start = len(f"{lead}{before}".encode())
    shown = excerpt(data, [(start, start + len(match.encode()))])
    [(first, end)] = shown.marks
    assert shown.line == len(above) + 1
    assert shown.text[first:end] == match
    assert len(shown.text) <= MAX_LINE + 2
    assert shown.text.strip("…") in f"{before}{match}{after}"


def test_a_long_match_is_cut():
    """Of a match longer than a row, the beginning is marked."""
    data = b"x" * 100_000
    shown = excerpt(data, [(10, 100_000)])
    assert shown.marks == ((10, MAX_LINE),)
    assert shown.text == "x" * MAX_LINE + "…"


@given(data=st.binary(max_size=40), at=st.tuples(st.integers(0, 40), st.integers(0, 40)))
def test_any_bytes_can_be_shown(data: bytes, at: tuple[int, int]):
    """Broken encodings and spans inside characters do no harm."""
    start, end = sorted(min(place, len(data)) for place in at)
    span = whole(data, (start, end))
    shown = excerpt(data, [span])
    assert all(0 <= first <= last <= len(shown.text) for first, last in shown.marks)


@given(text=st.text(st.characters(codec="utf-8"), max_size=12), at=st.tuples(st.integers(0, 48), st.integers(0, 48)))
def test_a_span_is_widened_to_whole_characters(text: str, at: tuple[int, int]):
    """The result decodes, and holds what it was widened from."""
    data = text.encode()
    start, end = sorted(min(place, len(data)) for place in at)
    first, last = whole(data, (start, end))
    data[first:last].decode()
    assert first <= start
    assert last >= end or start == end

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.agent.checked_stream import CheckedStream
from lsp_server.agent.citations import UNVERIFIED
from lsp_server.agent.places import Claim
from lsp_server.trace import Citation, line_range
from lsp_server.wire import CitationPart, TextPart


def verdict(claim: Claim, before: str, after: str) -> Citation:
    """Verify what is in `good/`, and keep the neighbourhood to compare it."""
    text = f"{before}|{after}"
    return Citation("", claim.path, line_range(claim.start, claim.end), text, verified=claim.path.startswith("good/"))


def spoken(pieces: list[str]) -> tuple[str, list[Citation]]:
    """Return what a stream lets through of `pieces`."""
    stream = CheckedStream(verdict)
    parts = [part for piece in pieces for part in stream.feed(piece)] + stream.finish()
    text = "".join(part.delta for part in parts if isinstance(part, TextPart))
    citations = [part.citation for part in parts if isinstance(part, CitationPart)]
    assert (text, citations) == (stream.text, stream.citations)
    return text, citations


def test_unverified_is_marked():
    """A place that could not be checked carries its mark; a verified one stands as it was said."""
    text, citations = spoken(["`A` is in good/a.py:3, `B` in (bad/b.py:4)."])
    assert text == f"`A` is in good/a.py:3, `B` in (bad/b.py:4{UNVERIFIED})."
    assert [(place.path, place.start, place.verified) for place in citations] == [
        ("good/a.py", 3, True),
        ("bad/b.py", 4, False),
    ]


def test_held_back():
    """Nothing of a place is seen before it is whole and checked."""
    stream = CheckedStream(verdict)
    shown = ""
    for character in "See bad/b.py:4 and nothing else of it now, please, not at all today.":
        for part in stream.feed(character):
            if isinstance(part, TextPart):
                shown += part.delta
                assert "bad" not in shown or UNVERIFIED in shown
    assert UNVERIFIED in shown


def test_plain_words_flow():
    """Words that are no place are let through as soon as they end."""
    stream = CheckedStream(verdict)
    assert stream.feed("The shop is ") == [TextPart("The shop is ")]
    assert stream.feed("op") == []
    assert stream.feed("en ") == [TextPart("open ")]


WORDS = st.sampled_from(
    [
        "The", "`Basket`", "is", "in", "good/a.py:3", "`bad/b.py:4-6`", "good/a.py,", "line", "lines", "12", "3", "to",
        "of", "(good/a.py", "[a](good/a.py#L7)", "`good/my", "notes.md:3`", "\n", "\n\n", "- ", ".", "a.b: 3", "`x`:",
        "bad\\c.py:1", "x.", "``", "[", "](", ":12", "#L3", "good/a.py", "on", "é/ü.py:2", "Foo.bar()", "10:30",
    ]
)  # fmt: skip
TEXTS = st.lists(WORDS, max_size=30).map(" ".join) | st.text("ab./:`1 \nlines[]()#L-", max_size=60)


@given(TEXTS, st.lists(st.integers(0, 200), max_size=20))
def test_any_chunking(text: str, cuts: list[int]):
    """However the words are cut, the same text and citations come out, and nothing of it is lost."""
    bounds = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[start:end] for start, end in pairwise(bounds)]
    whole = spoken([text])
    assert spoken(pieces) == whole
    assert spoken(list(text)) == whole
    assert whole[0].replace(UNVERIFIED, "") == text

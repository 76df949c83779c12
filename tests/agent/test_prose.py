from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.agent.prose import MOST_SENTENCES, Prose


def said(text: str) -> str:
    """Return what is let through of a text that comes at once."""
    prose = Prose()
    prose.feed(text)
    prose.finish()
    return prose.text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("One thing.", "One thing."),
        ("No end", "No end"),
        ("A. B! C? D.", "A. B! C?"),
        ("It ends\nlines.\n\nAnd paragraphs.", "It ends lines. And paragraphs."),
        ("# Title words\nIt closes.", "Title words It closes."),
        ("It does:\n- this\n- that", "It does:"),
        ("It does.\n\n1. first", "It does."),
        ("Like so.\n```python\nx = 1\n```", "Like so."),
        ("```python\nx = 1\n```", ""),
        ("It takes, e.g. `a.b`, or 3.5 and i.e. no more. Good. Yes. Over.", None),
    ],
)
def test_plain_prose(text: str, shown: str | None):
    """Three sentences on one line at the most; a list, a heading or a fence behind them ends the prose."""
    assert said(text) == (text.removesuffix(" Over.") if shown is None else shown)


@given(st.text(st.sampled_from("aB .!?`\n#-*1e.g")), st.data())
def test_however_it_is_cut(text: str, data: st.DataObject):
    """Pieces of any size give the same words, and what is returned piece by piece is what was let through."""
    prose, shown, rest = Prose(), "", text
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        shown += prose.feed(rest[:size])
        rest = rest[size:]
    shown += prose.finish()
    assert shown == prose.text == said(text)
    assert prose.text.startswith(prose.whole)
    assert "\n" not in shown
    assert "```" not in shown


def test_whole_sentences():
    """The sentences that have come to their end are known, for a turn that was cut."""
    prose = Prose()
    prose.feed("One. Two. And then it")
    prose.finish()
    assert (prose.text, prose.whole) == ("One. Two. And then it", "One. Two.")
    assert MOST_SENTENCES == 3
    assert not prose.ended

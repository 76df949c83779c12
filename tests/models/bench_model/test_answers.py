from __future__ import annotations

import pytest

from models.bench.model.answers import Answer, Call, own_words
from models.bench.model.questions import Lines

ROWS = (Lines("a.py", 3, 9), Lines("a.py", 20, 20))
LIST = "- `a.py:3`: class `B(A)`\n- `a.py:20`: class `C(A)`"
CALL = Call("symbols", {"inherits": "A"}, "2 symbols in 1 file")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Two classes.", "Two classes."),
        (f"Two classes.\n\n{LIST}", "Two classes."),
        (f"First.\n\nSecond.\n\n{LIST}\n\n(Stopped: the model repeated a call.)", "First.\n\nSecond."),
        (f"2 symbols in 1 file:\n\n{LIST}", ""),
        ("`2 symbols in 1 file`", ""),
        (f"Two classes.\n\n{LIST}\n\n(Note: Case was ignored.)", "Two classes."),
        ("Here.\n\n- `a.py:3`: `class B(A)`", "Here."),
        ("Twice.\n\nOutput of `git log -n 1`:\n\n```text\none\n\n\n\ntwo\n```\n\n(No path.)", "Twice."),
        ("Here.\n\nNearest by words, not read:\n\n- `a.py:20`: `class C(A)`\n\n(Stopped: no room.)", "Here."),
        ("No idea.\n\nNothing was found. Searched: `symbols(name='X')`.", "No idea."),
        ("Nothing was found. Searched: `symbols(name='X')`.", ""),
        ("The model found no words for this.", ""),
        ("Mine:\n\n- `b.py:1` is a place\n\nThat is all.", "Mine:\n\n- `b.py:1` is a place\n\nThat is all."),
    ],
)
def test_the_models_own_words_end_where_code_goes_on(text: str, words: str):
    """Lists, notes and summaries that code set are not the model's; a list that it wrote itself is."""
    assert own_words(text, ROWS, (CALL,)) == words


def test_what_was_near_by_words_is_shown_and_is_no_evidence():
    """The place that was read comes first; a row that stands nowhere in the text is not shown."""
    text = "It is here.\n\n- `a.py:3`: `x`\n\nNearest by words, not read:\n\n- `b c.py:7`: `y`\n- `` `d.py:9 ``: `z`"
    given = Answer(text, "answered", "It is here.", (), (Lines("a.py", 3, 9),), (), (), 1.0, 10, 5)
    assert given.listed == (Lines("a.py", 3, 3), Lines("b c.py", 7, 7), Lines("`d.py", 9, 9))
    assert given.pointed == (Lines("a.py", 3, 9),)

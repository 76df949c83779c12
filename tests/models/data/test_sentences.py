"""Docs become words of an answer, or nothing: never half a sentence, markup or a wrong verb."""

from __future__ import annotations

import pytest

from models.data.english import listed
from models.data.reading.sentences import counted, first_sentence, in_files, joined, predicate


@pytest.mark.parametrize(
    ("doc", "sentence"),
    [
        ("Return the name of it. More words.", "Return the name of it"),
        ("Sends a :class:`Request <x.Request>` to\nthe server.\n\nDetails.", "Sends a `Request` to the server"),
        ("Make ``a`` of it, e.g. by force. Then rest.", "Make `a` of it, e.g. by force"),
        ("Get it.", ""),
        ("Return the *very* best of it.", ""),
        ("Return what it is (perhaps", ""),
        ("Call the thing on it\nReturns None if it fails.", ""),
    ],
)
def test_first_sentence_is_plain_or_nothing(doc: str, sentence: str) -> None:
    """Markup goes, abbreviations do not end a sentence, and what is too short, marked up or unfinished is left."""
    assert first_sentence(doc) == sentence


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("Return the name", "returns the name"),
        ("Returns the name", "returns the name"),
        ("Copy the file and remove the old one", "copies the file and removes the old one"),
        ("A queue that keeps its order", "is a queue that keeps its order"),
        ("This method parses the head", "parses the head"),
        ("Match the head", "matches the head"),
        ("Get and set values", ""),
        ("Wait strategy that never ends", ""),
        ("Requests uses this inside", ""),
        ("Utilities for everyone here", ""),
    ],
)
def test_predicate_agrees_with_its_subject_or_is_nothing(sentence: str, said: str) -> None:
    """Every verb stands in the third person; where one is in doubt nothing is said."""
    assert predicate(sentence) == said


def test_lists_and_numbers_read_as_english() -> None:
    """Names are code, the last one behind "and"; small numbers are words."""
    assert listed(["a"]) == "`a`"
    assert listed(["a", "b", "c"], "or") == "`a`, `b` or `c`"
    assert joined(["calls `a`", "raises `B`"]) == "calls `a` and raises `B`"
    assert (counted(1, "class", "classes"), counted(2, "class", "classes")) == ("one class", "two classes")
    assert counted(14, "line") == "14 lines"
    assert (in_files(["a.py", "a.py"]), in_files(["a.py", "b.py"])) == ("in `a.py`", "in two files")

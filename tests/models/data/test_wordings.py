"""The ways of asking about structure and of answering."""

from __future__ import annotations

import re

import pytest

from models.data.structural.making import SHAPES
from models.data.structural.wording import Wording, wordings

_SHAPES = sorted(SHAPES)
_STATED = frozenset({"place", "places", "pairs"})
_FEWEST = 12


def _fields(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("shape", _SHAPES)
def test_each_shape_is_asked_in_many_ways(shape: str) -> None:
    """There are enough wordings, no two alike, numbered through."""
    found = wordings(shape)
    assert len(found) >= _FEWEST
    assert [wording.number for wording in found] == list(range(1, len(found) + 1))
    groups = {(wording.group, wording.question.lower()) for wording in found}
    assert len(groups) == len(found)


@pytest.mark.parametrize("shape", _SHAPES)
def test_each_question_says_what_it_asks_about(shape: str) -> None:
    """A question has the name, or the parts that it is made of, so that a call can be made of it."""
    for wording in wordings(shape):
        fields = _fields(wording.question)
        assert "name" in fields or "class" in fields or {"own", "owner"} <= fields, wording.question


@pytest.mark.parametrize("shape", _SHAPES)
def test_an_answer_about_one_place_names_it(shape: str) -> None:
    """Whatever the wording, one result is named with its line, and there is such an answer."""
    for wording in wordings(shape):
        assert wording.answers["one"]
        assert all(_fields(answer) & _STATED for answer in wording.answers["one"]), wording.group


@pytest.mark.parametrize("shape", ["subclasses", "callers", "decorated", "raised"])
def test_answers_about_several_places_exist_for_all_questions(shape: str) -> None:
    """Each has a form that needs nothing but counting."""
    for wording in wordings(shape):
        for size in ("few", "many"):
            assert any(_fields(answer) <= _ALWAYS for answer in wording.answers[size]), (wording.group, size)


_ALWAYS = frozenset(
    {"name", "package", "count", "Count", "number", "times", "Times", "where", "place", "first", "a", "A"}
)


def test_a_yes_or_no_is_answered_with_one() -> None:
    """Questions that want a yes get it in every form, wherever their group is one of those."""
    asked: list[Wording] = [it for shape in ("subclasses", "decorated", "raised") for it in wordings(shape)]
    answers = [answer for it in asked if it.group == "whether" for forms in it.answers.values() for answer in forms]
    assert answers
    assert all(answer.startswith("Yes") for answer in answers)

"""The ways of asking and answering, read from `wordings/*.toml`, and their filling in.

A file holds groups; a group holds `questions` and the answers `one`, `few` and `many`, chosen by how many places there
are. Answers that a group lacks are those of the group `any`. The questions of a file are numbered through.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

import attrs

from models.data.structural.case import Case, Size
from models.data.structural.choice import drawn, fraction

_FIELD = re.compile(r"\{(\w+)\}")
_PLAIN_WORD = re.compile(r"[a-z]+")
_MARKED_NAME = re.compile(r"`@?\{name\}`|@\{name\}|\{name\}\(\)")


@attrs.frozen
class Wording:
    """One way of asking."""

    number: int
    """In its file, from 1."""
    group: str
    question: str
    answers: Mapping[Size, tuple[str, ...]]


@cache
def wordings(shape: str) -> tuple[Wording, ...]:
    """Return the wordings of a shape in the file's order."""
    text = resources.files("models.data").joinpath(f"wordings/{shape}.toml").read_text("utf-8")
    groups: dict[str, dict[str, list[str]]] = tomllib.loads(text)
    questions = [(name, question) for name, group in groups.items() for question in group["questions"]]
    return tuple(
        Wording(number, name, question, _answers(groups[name], groups["any"]))
        for number, (name, question) in enumerate(questions, 1)
    )


def fitting(shape: str, case: Case) -> list[Wording]:
    """Return the wordings that a case has every word for, in the file's order.

    A name that is a plain word, such as `follow`, is only asked for where the wording marks it as a name.
    """
    plain = _PLAIN_WORD.fullmatch(case.words["name"]) is not None
    return [
        wording
        for wording in wordings(shape)
        if wording.group in case.groups and _is_filled(wording.question, case) and _answers_for(wording, case)
        if not (plain and "{name}" in wording.question and not _MARKED_NAME.search(wording.question))
    ]


def least_used(shape: str, case: Case, codebase: str, used: Mapping[int, int]) -> Wording | None:
    """Return the wording to ask a case with, drawn of those that were used least; None where none fits.

    Args:
        shape: whose wordings they are.
        case: what is asked.
        codebase: for which it is drawn, so that codebases are asked about in different ways.
        used: how often each wording was used for the codebase so far, by its number.
    """

    def order(wording: Wording) -> tuple[int, float]:
        rare = 1.0 if wording.group == "any" else 0.7  # what can seldom be asked is asked sooner
        return used.get(wording.number, 0), rare * fraction(shape, codebase, str(wording.number))

    return min(fitting(shape, case), key=order, default=None)


def answer(wording: Wording, case: Case) -> str:
    """Return the answer to a case asked in that way."""
    form = drawn(_answers_for(wording, case), "answer", wording.question, case.subject)
    return filled(form, case)


def filled(form: str, case: Case) -> str:
    """Return a wording with the words of a case in it."""
    return form.format_map(case.words)


def _answers(group: Mapping[str, list[str]], common: Mapping[str, list[str]]) -> dict[Size, tuple[str, ...]]:
    sizes: tuple[Size, ...] = ("one", "few", "many")
    own = any(size in group for size in sizes)
    return {size: tuple((group if own else common).get(size, ())) for size in sizes}


def _answers_for(wording: Wording, case: Case) -> list[str]:
    return [form for form in wording.answers[case.size] if _is_filled(form, case)]


def _is_filled(form: str, case: Case) -> bool:
    return all(case.words.get(field) for field in _FIELD.findall(form))

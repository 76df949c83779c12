"""What the wordings of structure fill in: numbers, articles, and where a list of places lies."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from models.data.structural.choice import drawn
from models.data.structural.truth import Spot

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_BOTH = 2
_SPELLED_WITH_VOWEL = "AEFHILMNORSX"
_SHORTEST_CATEGORY = 4
_NO_CATEGORIES = frozenset({"base", "mixin", "protocol", "class", "type", "impl", "data", "list", "meta"})
_WORDS_OF_NAME = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]+")

_BOTH_IN_ONE_FILE = ("both in `{file}`", "in `{file}`", "both in the file `{file}`")
_IN_ONE_FILE = ("all in `{file}`", "all in the file `{file}`", "in `{file}` only", "in `{file}`")
_UNDER_FOLDER = ("all under `{folder}/`", "all below `{folder}/`", "in {files} files under `{folder}/`")
_IN_FILES = ("in {files} files", "spread over {files} files", "across {files} files", "in {files} different files")


def number(count: int) -> str:
    """Return a small number as a word, a larger one in digits."""
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def article(name: str) -> str:
    """Return `a` or `an`, as it stands before a name that is read aloud."""
    plain = name.lstrip("_")
    spelled = plain[:2].isupper() and plain[:1] in _SPELLED_WITH_VOWEL
    return "an" if spelled or (plain[:1].lower() in "aeio" and not plain[:2].isupper()) else "a"


def folder_of(spots: Sequence[Spot]) -> str:
    """Return the folder that holds all spots; empty for the codebase itself."""
    return posixpath.commonpath([posixpath.dirname(spot.path) or "." for spot in spots]).lstrip(".")


def where(spots: Sequence[Spot], *about: str) -> str:
    """Return where several spots lie, as a phrase to put behind them."""
    files = {spot.path for spot in spots}
    folder = folder_of(spots)
    if len(files) == 1:
        forms = _BOTH_IN_ONE_FILE if len(spots) == _BOTH else _IN_ONE_FILE
    else:
        forms = _UNDER_FOLDER if "/" in folder and len(spots) != _BOTH else _IN_FILES
    form = drawn(forms, "where", *about)
    return form.format(file=min(files), folder=folder, files=number(len(files)))


def category(name: str) -> str:
    """Return what things of a class are called together, by the last word of its name: `BaseTrigger` → `triggers`.

    Empty where the name has no such word.
    """
    words = _WORDS_OF_NAME.findall(name)
    last = words[-1].lower() if len(words) > 1 else ""
    if len(last) < _SHORTEST_CATEGORY or last in _NO_CATEGORIES or last.endswith("s"):
        return ""
    return f"{last[:-1]}ies" if last[-1] == "y" and last[-2] not in "aeiou" else f"{last}s"

"""A name that is slightly wrong: the first look finds nothing, a better one does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lsp_server.engine.base import ToolCall
from models.data.example import Ask, Example
from models.data.reading.code import Code, Named
from models.data.reading.phrases import phrases, shuffled, turn_of
from models.data.reading.sentences import counted

_LEAST_LETTERS = 8
_LEAST_STEM = 5
_MOST_ROWS = 6
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")

Made = tuple[str, str, tuple[ToolCall, ToolCall], str] | None
"""Question, name of its wording, both calls, answer."""


def examples(code: Code, most: int) -> Iterator[Example]:
    """Yield at most so many examples, the kinds of mistake by turns."""
    shapes: tuple[Callable[[Code, Named, int], Made], ...] = (_misspelt, _owner, _other_case, _callers, _misspelt)
    made = 0
    for item in shuffled(code.unique, lambda item: item.place, "retry"):
        if made == most:
            return
        shape = shapes[made % len(shapes)]
        told = shape(code, item, turn_of("retry", code.codebase.name, made // 2))
        if told is not None:
            question, wording, calls, answer = told
            made += 1
            yield Example("retry", code.codebase.name, (Ask(question, calls, answer),), wording)


def _is_nothing(code: Code, relation: str, name: str) -> bool:
    return not code.find({relation: name}).rows


def _misspelt(code: Code, item: Named, turn: int) -> Made:
    """Return a question whose name has a wrong letter in its last part; the parts before it are then searched for."""
    parts = list(_PART.finditer(item.name))
    if item.name != item.bare or len(parts) < 2 or len(item.name) < _LEAST_LETTERS:  # noqa: PLR2004
        return None
    stem = item.name[: parts[-1].start()].rstrip("_")
    wrong = _with_mistake(item.name, parts[-1].start(), turn)
    if len(stem) < _LEAST_STEM or wrong in (item.name, stem) or not _is_nothing(code, "name", wrong):
        return None
    rows = code.codebase.workspace.search(stem)
    if not 0 < rows.total <= _MOST_ROWS or not any(
        row.place.path == item.path and row.place.start == item.definition.line for row in rows.rows
    ):
        return None
    calls = (ToolCall("symbols", {"name": wrong}), ToolCall("search", {"pattern": stem}))
    return _told("misspelt", item, wrong, calls, turn)


def _other_case(code: Code, item: Named, turn: int) -> Made:
    """Return a question that writes a name as other languages would: `getUser` for `get_user`, and back."""
    parts = [match.group() for match in _PART.finditer(item.name)]
    if item.name != item.bare or len(parts) < 2 or item.name.startswith("_") or item.name.isupper():  # noqa: PLR2004
        return None
    wrong = "_".join(part.lower() for part in parts)
    if "_" in item.name:
        wrong = parts[0] + "".join(part.capitalize() for part in parts[1:])
    stands = code.codebase.workspace.search(wrong).total
    if stands or not _is_nothing(code, "name", wrong) or not code.found_alone(item):
        return None
    calls = (ToolCall("symbols", {"name": wrong}), ToolCall("symbols", {"name": item.name}))
    return _told("misspelt", item, wrong, calls, turn)


def _owner(code: Code, item: Named, turn: int) -> Made:
    """Return a question that looks for a method in a class of the same file that does not have it."""
    owner = item.name.rpartition(".")[0]
    others = [each.name for each in code.classes() if each.path == item.path and each.name != owner]
    alone = sum(each.bare == item.bare for each in code.named) == 1
    if item.definition.kind != "method" or not others or not alone or item.bare.startswith("_"):
        return None
    wrong = f"{others[turn % len(others)]}.{item.bare}"
    rows = code.sites({"name": item.bare})
    if not _is_nothing(code, "name", wrong) or len(rows) != 1:
        return None
    calls = (ToolCall("symbols", {"name": wrong}), ToolCall("symbols", {"name": item.bare}))
    return _told("owner", item, wrong, calls, turn)


def _callers(code: Code, item: Named, turn: int) -> Made:
    """Return a question about the calls of a name in the plural."""
    wrong = f"{item.name}s"
    if item.definition.kind not in ("function", "class") or item.name != item.bare or item.name.endswith("s"):
        return None
    rows = code.sites({"calls": item.name})
    if not 0 < len(rows) <= _MOST_ROWS or not _is_nothing(code, "calls", wrong):
        return None
    calls = (ToolCall("symbols", {"calls": wrong}), ToolCall("symbols", {"calls": item.name}))
    table = phrases("retry")["callers"]
    question, wording = table.ask(turn, wrong=wrong)
    answer = table.say("answers", turn, wrong=wrong, name=item.name, places=counted(len(rows), "place"))
    return question, wording, calls, answer


def _told(shape: str, item: Named, wrong: str, calls: tuple[ToolCall, ToolCall], turn: int) -> Made:
    table = phrases("retry")[shape]
    question, wording = table.ask(turn, wrong=wrong)
    parts = {"wrong": wrong, "name": item.name, "place": item.place, "bare": item.bare}
    answer = table.say("answers", turn, **parts, owner=wrong.rpartition(".")[0])
    return question, wording, calls, answer


def _with_mistake(name: str, start: int, turn: int) -> str:
    """Return the name with one mistake behind `start`: two letters changed round, one doubled, or one left out."""
    at = start + 1 + (len(name) - start - 1) // 2
    if at + 1 >= len(name):
        return name + name[-1]
    mistakes = (
        name[:at] + name[at + 1] + name[at] + name[at + 2 :],
        name[:at] + name[at] + name[at:],
        name[:at] + name[at + 1 :],
    )
    return mistakes[turn % len(mistakes)]

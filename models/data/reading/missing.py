"""What does not exist: one or two looks, and a plain answer that says what was searched."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lsp_server.engine.base import ToolCall
from models.data.example import Ask, Example
from models.data.reading.code import Code, Named
from models.data.reading.phrases import number_of, phrases, shuffled, turn_of
from models.data.reading.sentences import counted

_TRIED = 80

Made = tuple[str, str, tuple[ToolCall, ...], str] | None
"""Question, name of its wording, calls, answer."""


def examples(code: Code, most: int) -> Iterator[Example]:
    """Yield at most so many examples, the kinds of absence by turns."""
    number = number_of("missing", code.codebase.name)
    shapes: tuple[Callable[[Code, int], Made], ...] = (_symbol, _unused, _text, _childless, _symbol, _calls, _files)
    for index in range(number, number + most):
        shape = shapes[index % len(shapes)]
        told = shape(code, turn_of(shape.__name__, code.codebase.name, index // len(shapes)))
        if told is not None:
            question, wording, calls, answer = told
            yield Example("not-found", code.codebase.name, (Ask(question, calls, answer),), wording)


def _invented(code: Code, sort: str, turn: int) -> str:
    """Return a name of the list that stands nowhere in the codebase."""
    names = phrases("missing")["names"].sets[sort]
    for index in range(len(names)):
        name = names[(turn + 7 * index) % len(names)]
        if not code.codebase.workspace.search(name).total:
            return name
    return ""


def _looked(shape: str, name: str, turn: int, files: int, *calls: ToolCall) -> Made:
    table = phrases("missing")[shape]
    question, wording = table.ask(turn, name=name)
    searched = f"{files} files" if files != 1 else counted(1, "file")
    return question, wording, calls, table.say("answers", turn, name=name, files=searched)


def _symbol(code: Code, turn: int) -> Made:
    name = _invented(code, "classes" if turn % 2 else "functions", turn)
    if not name:
        return None
    files = code.codebase.workspace.search(name).files
    calls = ToolCall("symbols", {"name": name}), ToolCall("search", {"pattern": name})
    return _looked("symbol", name, turn // 2, files, *calls)


def _calls(code: Code, turn: int) -> Made:
    name = _invented(code, "functions", turn)
    if not name:
        return None
    files = code.codebase.workspace.search(name).files
    calls = ToolCall("symbols", {"calls": name}), ToolCall("search", {"pattern": name})
    return _looked("calls", name, turn, files, *calls)


def _text(code: Code, turn: int) -> Made:
    name = _invented(code, "words", turn)
    if not name:
        return None
    files = code.codebase.workspace.search(name).files
    return _looked("text", name, turn, files, ToolCall("search", {"pattern": name}))


def _files(code: Code, turn: int) -> Made:
    endings = phrases("missing")["names"].sets["endings"]
    ending = endings[turn % len(endings)]
    call = ToolCall("run_command", {"command": f"find . -name '*.{ending}'"})
    if code.codebase.workspace.run_command(str(call.arguments["command"])).text.strip():
        return None
    return _looked("files", ending, turn, 0, call)


def _unused(code: Code, turn: int) -> Made:
    functions = [item for item in code.callables() if item.definition.kind == "function"]
    return _without("unused", code, functions, "calls", turn)


def _childless(code: Code, turn: int) -> Made:
    return _without("childless", code, code.classes(), "inherits", turn)


def _without(shape: str, code: Code, items: list[Named] | tuple[Named, ...], relation: str, turn: int) -> Made:
    """Return a question about something that exists and that nothing calls or inherits from."""
    for item in shuffled(items, lambda item: item.place, shape, str(turn))[:_TRIED]:
        found = code.find({relation: item.name})
        if not found.rows and not found.note:
            return _looked(shape, item.name, turn, found.files, ToolCall("symbols", {relation: item.name}))
    return None

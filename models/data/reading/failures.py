"""A call that cannot be made: the next one follows its hint."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lsp_server.engine.base import ToolCall
from lsp_server.workspace.problems import ToolProblem
from models.data.example import Ask, Example
from models.data.reading.code import Code, Named
from models.data.reading.phrases import number_of, phrases, shuffled, turn_of
from models.data.reading.sentences import counted

_HEAD = 12
_TAIL = 10
_MOST_ROWS = 8
_LONGEST = 60
_LEAST_LINES = 20
_TRIED = 60
"""Definitions that a shape is tried with."""

Made = tuple[str, str, tuple[ToolCall, ToolCall], str] | None
"""Question, name of its wording, both calls, answer."""


def examples(code: Code, most: int) -> Iterator[Example]:
    """Yield at most so many examples, the kinds of failure by turns."""
    number = number_of("failure", code.codebase.name)
    shapes: tuple[Callable[[Code, Named, int], Made], ...] = (_path, _line, _grep, _cat, _path, _line, _grep, _pipe)
    items = shuffled(code.unique, lambda item: item.place, "failure")[:_TRIED]
    for index in range(number, number + most):
        shape = shapes[index % len(shapes)]
        turn = turn_of(shape.__name__, code.codebase.name, index // len(shapes))
        told = next(filter(None, (shape(code, item, turn) for item in items[index % _TRIED :] + items)), None)
        if told is not None:
            question, wording, calls, answer = told
            yield Example("failure", code.codebase.name, (Ask(question, calls, answer),), wording)


def _path(code: Code, item: Named, turn: int) -> Made:
    """Return a question about a file under a name that is almost right."""
    folder, _, name = item.path.rpartition("/")
    stem, _, ending = name.rpartition(".")
    changed = stem[:-1] if stem.endswith("s") else f"{stem}s"
    wrong = f"{folder}/{changed}.{ending}".lstrip("/")
    begins = _beginning(code, item.path)
    first = ToolCall("read_file", {"path": wrong, "start": 1, "end": _HEAD})
    if not begins or stem.startswith("_") or item.path not in _hint(code, wrong):
        return None
    table = phrases("failure")["path"]
    question, wording = table.ask(turn, wrong=wrong, count=_HEAD)
    second = ToolCall("read_file", {"path": item.path, "start": 1, "end": _HEAD})
    answer = table.say("answers", turn, wrong=wrong, path=item.path, begins=begins)
    return question, wording, (first, second), answer


def _line(code: Code, item: Named, turn: int) -> Made:
    """Return a question about a line behind the end of a file."""
    lines = code.text(item.path)
    total = len(lines)
    if total < _LEAST_LINES or not 0 < len(lines[-1].strip()) <= _LONGEST or "`" in lines[-1]:
        return None
    line = (total // 100 + 2 + turn % 5) * 100
    table = phrases("failure")["line"]
    question, wording = table.ask(turn, path=item.path, line=line)
    calls = (
        ToolCall("read_file", {"path": item.path, "start": line, "end": line + _TAIL}),
        ToolCall("read_file", {"path": item.path, "start": total - _TAIL, "end": total}),
    )
    answer = table.say("answers", turn, path=item.path, line=line, total=total, last=lines[-1].strip())
    return question, wording, calls, answer


def _grep(code: Code, item: Named, turn: int) -> Made:
    """Return a request for a command that only a shell has, where searching does the same."""
    rows = code.codebase.workspace.search(item.bare)
    if not 1 < rows.total <= _MOST_ROWS or rows.note:
        return None
    table = phrases("failure")["grep"]
    question, wording = table.ask(turn, name=item.bare)
    written = re.search(rf"(?:grep -\w+|rg) '?{item.bare}'?(?: \.)?", question)
    command = written[0] if written else ""
    calls = (ToolCall("run_command", {"command": command}), ToolCall("search", {"pattern": item.bare}))
    files = counted(len({row.place.path for row in rows.rows}), "file")
    lines = counted(rows.total, "line")
    answer = table.say("answers", turn, tool=command.split()[0], name=item.bare, lines=lines, files=files)
    return question, wording, calls, answer


def _cat(code: Code, item: Named, turn: int) -> Made:
    begins = _beginning(code, item.path)
    if not begins:
        return None
    table = phrases("failure")["cat"]
    question, wording = table.ask(turn, path=item.path, count=_HEAD)
    tool = next(tool for tool in ("cat", "less", "sed") if f"{tool} " in question)
    command = f"sed -n 1,{_HEAD}p {item.path}" if tool == "sed" else f"{tool} {item.path}"
    head = ToolCall("run_command", {"command": f"head -n {_HEAD} {item.path}"})
    answer = table.say("answers", turn, tool=tool, path=item.path, begins=begins)
    return question, wording, (ToolCall("run_command", {"command": command}), head), answer


def _pipe(code: Code, item: Named, turn: int) -> Made:
    del item  # a log is the same for all
    count = 2 + turn % 4
    commits = code.codebase.workspace.run_command("git log --oneline").text.splitlines()
    if len(commits) < 2:  # noqa: PLR2004
        return None
    table = phrases("failure")["pipe"]
    question, wording = table.ask(turn, count=count)
    command = question.removeprefix("Execute: ").removeprefix("Run ").strip("`")
    commit, _, subject = commits[0].partition(" ")
    calls = (
        ToolCall("run_command", {"command": command}),
        ToolCall("run_command", {"command": f"git log --oneline -n {count}"}),
    )
    return question, wording, calls, table.say("answers", turn, commit=commit, subject=subject)


def _hint(code: Code, wrong: str) -> str:
    try:
        code.codebase.workspace.read(wrong)
    except ToolProblem as problem:
        return problem.hint
    return ""


def _beginning(code: Code, path: str) -> str:
    """Return how a file begins, "with `import os`"; empty where its first line is too long or no code."""
    lines = [line.strip() for line in code.text(path)[:_HEAD] if line.strip()]
    if len(lines) < 2 or not 3 < len(lines[0]) <= _LONGEST or "`" in lines[0]:  # noqa: PLR2004
        return ""
    if lines[0].startswith(("#", "//", "/*", "*")):
        return f"with the comment `{lines[0]}`"
    return f"with a docstring, `{lines[0]}`" if lines[0][:3] in ('"""', "'''", 'r""') else f"with `{lines[0]}`"

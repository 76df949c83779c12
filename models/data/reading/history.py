"""What git tells of files, names and lines, where a codebase has more than one commit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain, islice

from lsp_server.engine.base import ToolCall
from models.data.english import capital
from models.data.example import Ask, Example
from models.data.reading.code import Code, Named
from models.data.reading.phrases import phrases, shuffled, turn_of
from models.data.reading.sentences import counted, in_words

_STAT = re.compile(r"(\d+) files? changed(?:, (\d+) insertions?\(\+\))?(?:, (\d+) deletions?\(-\))?")
_BLAMED = re.compile(r"\^?(?P<commit>\w+) \((?P<author>.+?) +(?P<date>\d{4}-\d\d-\d\d) +(?P<line>\d+)\)")
_TELLING = 7
"""Letters of a name that hardly stands for anything else in its file."""
_RECENT = 5

Made = tuple[str, str, str, str] | None
"""Question, name of its wording, command, answer; None where git has nothing to tell."""


def examples(code: Code, most: int) -> Iterator[Example]:
    """Yield at most so many examples; none of a codebase whose history is one commit."""
    if len(_lines(code, "git log --oneline")) < 2:  # noqa: PLR2004
        return
    told = (one for one in chain(_of_all(code), _of_places(code)) if one is not None)
    for question, wording, command, answer in islice(told, most):
        call = ToolCall("run_command", {"command": command})
        yield Example("history", code.codebase.name, (Ask(question, (call,), answer),), wording)


def _of_all(code: Code) -> Iterator[Made]:
    """Yield what is told of the repository as a whole: no file is named, so none may be called for."""
    for shape in (_latest, _newest, _last, _between):
        yield shape(code, turn_of(shape.__name__, code.codebase.name, 0))


def _of_places(code: Code) -> Iterator[Made]:
    shapes: tuple[Callable[[Code, Named, int], Made], ...] = (_touched, _added, _when, _diff, _blame, _added, _added)
    young = iter(_young(code))
    for index, item in enumerate(shuffled(code.unique, lambda item: item.place, "history")):
        shape = shapes[index % len(shapes)]
        turn = turn_of(shape.__name__, code.codebase.name, index // len(shapes) + (index % len(shapes)) // 3)
        if shape is _added and index % len(shapes) > 1:
            yield _added(code, newer, turn) if (newer := next(young, None)) else None
        else:
            yield shape(code, item, turn)


def _lines(code: Code, command: str) -> list[str]:
    return code.codebase.workspace.run_command(command).text.splitlines()


def _young(code: Code) -> Iterator[Named]:
    """Yield definitions whose names the oldest commit does not have in their files."""
    root = _lines(code, "git log --oneline")[-1].partition(" ")[0]
    old = set(_lines(code, f"git log --name-only --format=%h {root}"))
    for path in sorted({item.path for item in code.unique} & old):
        text = code.codebase.workspace.run_command(f"git show {root}:{path}").text
        for item in shuffled(code.unique, lambda item: item.place, "young"):
            if item.path == path and not re.search(rf"\b{re.escape(item.bare)}\b", text):
                yield item
                break


def _touched(code: Code, item: Named, turn: int) -> Made:
    command = f"git log --oneline -n {_RECENT} -- {item.path}"
    commits = _lines(code, command)
    if not 0 < len(commits) < _RECENT:
        return None
    (commit, _, subject), (oldest, _, first) = commits[0].partition(" "), commits[-1].partition(" ")
    table = phrases("history")["touched"]
    question, wording = table.ask(turn, path=item.path)
    answer = table.say(
        "one" if len(commits) == 1 else "many", turn, path=item.path, commit=commit, subject=subject,
        oldest=oldest, first=first, number=in_words(len(commits)), Number=capital(in_words(len(commits))),
    )  # fmt: skip
    return question, wording, command, answer


def _when(code: Code, item: Named, turn: int) -> Made:
    command = f"git log -n 1 --date=short --format='%h %ad %s' -- {item.path}"
    commit, date, subject = _lines(code, command)[0].split(" ", 2)
    table = phrases("history")["when"]
    question, wording = table.ask(turn, path=item.path)
    answer = table.say("answers", turn, path=item.path, commit=commit, date=date, subject=subject)
    return question, wording, command, answer


def _added(code: Code, item: Named, turn: int) -> Made:
    command = f"git log --oneline -S {item.bare} -- {item.path}"
    commits = _lines(code, command)
    root = _lines(code, "git log --oneline")[-1]
    if not commits or len(item.bare) < _TELLING or sum(each.bare == item.bare for each in code.named) > 1:
        return None
    commit, _, subject = commits[-1].partition(" ")
    table = phrases("history")["added"]
    question, wording = table.ask(turn, name=item.bare)
    form = "root" if commits[-1] == root else "answers"
    return question, wording, command, table.say(
        form, turn, name=item.bare, path=item.path, commit=commit, subject=subject
    )  # fmt: skip


def _latest(code: Code, turn: int) -> Made:
    command = "git log --oneline -n 3"
    commits = _lines(code, command)
    commit, _, subject = commits[0].partition(" ")
    table = phrases("history")["latest"]
    question, wording = table.ask(turn, count=in_words(3))
    before = " and ".join(line.partition(" ")[2] for line in commits[1:])
    return question, wording, command, table.say("answers", turn, commit=commit, subject=subject, before=before)


def _newest(code: Code, turn: int) -> Made:
    command = "git show --shortstat --format='%h %s' HEAD"
    lines = _lines(code, command)
    commit, _, subject = lines[0].partition(" ")
    table = phrases("history")["newest"]
    question, wording = table.ask(turn)
    return question, wording, command, table.say("answers", turn, commit=commit, subject=subject, **_sizes(lines))


def _last(code: Code, turn: int) -> Made:
    command = "git log -n 1 --date=short --format='%h %ad %an: %s'"
    commit, date, rest = _lines(code, command)[0].split(" ", 2)
    author, _, subject = rest.partition(": ")
    table = phrases("history")["last"]
    question, wording = table.ask(turn)
    answer = table.say("answers", turn, commit=commit, date=date, author=author, subject=subject)
    return question, wording, command, answer


def _between(code: Code, turn: int) -> Made:
    command = "git diff --shortstat HEAD~1 HEAD"
    table = phrases("history")["between"]
    question, wording = table.ask(turn)
    return question, wording, command, table.say("answers", turn, **_sizes(_lines(code, command)))


def _sizes(lines: list[str]) -> dict[str, str]:
    """Return what git's last line says of a change, in words: files, lines that came, lines that went."""
    stat = _STAT.search(lines[-1])
    files, plus, minus = (int(number or 0) for number in stat.groups()) if stat else (0, 0, 0)
    return {
        "files": counted(files, "file"), "Files": capital(counted(files, "file")),
        "plus": counted(plus, "line"), "Plus": capital(counted(plus, "line")), "minus": counted(minus, "line"),
    }  # fmt: skip


def _diff(code: Code, item: Named, turn: int) -> Made:
    command = f"git diff --stat HEAD~1 HEAD -- {item.path}"
    stat = _STAT.search("\n".join(_lines(code, command)))
    if stat is None:
        return None
    plus, minus = (counted(int(number or 0), "line") for number in (stat[2], stat[3]))
    table = phrases("history")["diff"]
    question, wording = table.ask(turn, path=item.path)
    answer = table.say("answers", turn, path=item.path, plus=plus, Plus=capital(plus), minus=minus)
    return question, wording, command, answer


def _blame(code: Code, item: Named, turn: int) -> Made:
    line = item.definition.line
    command = f"git blame -L {line},{line} {item.path}"
    blamed = _BLAMED.match(_lines(code, command)[0])
    if blamed is None:
        return None
    table = phrases("history")["blame"]
    question, wording = table.ask(turn, path=item.path, line=line)
    return question, wording, command, table.say("answers", turn, **blamed.groupdict())

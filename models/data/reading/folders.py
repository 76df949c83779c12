"""Folders, and files by the ends of their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from lsp_server.engine.base import ToolCall
from models.data.english import capital, listed
from models.data.example import Ask, Example
from models.data.reading.code import Code
from models.data.reading.phrases import number_of, phrases, shuffled
from models.data.reading.sentences import counted, in_words

_MOST_ENTRIES = 30
_FEW = 4
_ENDINGS = ("toml", "cfg", "md", "rst", "txt", "yml", "json", "ini", "html", "sh")


def examples(code: Code, most: int) -> Iterator[Example]:
    """Yield at most so many examples: a folder, the files of a kind, the top of the project."""
    number = number_of("folder", code.codebase.name)
    made = [*_listings(code, number, most), *_kinds(code, number, most), *_top(code, number)]
    order = shuffled(made, lambda example: example.wording, "folder", code.codebase.name)
    yield from order[:most]


def _output(code: Code, call: ToolCall) -> list[str]:
    return code.codebase.workspace.run_command(str(call.arguments["command"])).text.splitlines()


def _listings(code: Code, number: int, most: int) -> Iterator[Example]:
    folders = {located.relative.rpartition("/")[0] for located in code.files} - {""}
    for index, path in enumerate(shuffled(folders, str, "folder")[:most]):
        call = ToolCall("run_command", {"command": f"ls {path}"})
        entries = _output(code, call)
        if not 1 < len(entries) <= _MOST_ENTRIES:
            continue
        table = phrases("folder")["listing"]
        telling = [entry for entry in entries if not entry.startswith("__")]
        form = "few" if len(entries) <= _FEW else "answers"
        named = entries if form == "few" else telling[:_FEW]
        question, wording = table.ask(number + index, path=path)
        answer = table.say(form, number + index, path=path, counts=_counts(entries), names=listed(named))
        yield Example("folder", code.codebase.name, (Ask(question, (call,), answer),), wording)


def _top(code: Code, number: int) -> Iterator[Example]:
    call = ToolCall("run_command", {"command": "ls"})
    entries = _output(code, call)
    folders = [entry.rstrip("/") for entry in entries if entry.endswith("/")]
    if not 1 < len(folders) <= 2 * _FEW or len(entries) > _MOST_ENTRIES:
        return
    table = phrases("folder")["root"]
    question, wording = table.ask(number)
    answer = table.say("answers", number, counts=_counts(entries), names=listed(folders))
    yield Example("folder", code.codebase.name, (Ask(question, (call,), answer),), wording)


def _kinds(code: Code, number: int, most: int) -> Iterator[Example]:
    table = phrases("folder")["named"]
    for index, ending in enumerate(shuffled(_ENDINGS, str, "ending", code.codebase.name)):
        call = ToolCall("run_command", {"command": f"find . -name '*.{ending}'"})
        paths = _output(code, call)
        if not 0 < len(paths) <= _MOST_ENTRIES:
            continue
        form = "one" if len(paths) == 1 else "few" if len(paths) <= _FEW else "many"
        names = paths[0] if len(paths) == 1 else listed(paths[: _FEW if form == "few" else 3])
        many = in_words(len(paths))
        question, wording = table.ask(number + index, ending=ending)
        answer = table.say(form, number + index, ending=ending, number=many, Number=capital(many), names=names)
        yield Example("folder", code.codebase.name, (Ask(question, (call,), answer),), wording)
        if index > most:
            return


def _counts(entries: Sequence[str]) -> str:
    """Return how many files and folders there are: "two folders and 11 files"."""
    counts = Counter(entry.endswith("/") for entry in entries)
    folders, files = counted(counts[True], "folder"), counted(counts[False], "file")
    return f"{folders} and {files}" if counts[True] and counts[False] else folders if counts[True] else files

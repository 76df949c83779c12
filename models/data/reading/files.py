"""One file: what it holds, by reading it, and how long it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from lsp_server.agent.evidence import Shown
from lsp_server.agent.tools import Toolbox
from lsp_server.engine.base import ToolCall
from models.data.english import listed
from models.data.example import Ask, Example
from models.data.reading.body import parsed
from models.data.reading.code import Code
from models.data.reading.phrases import number_of, phrases, shuffled
from models.data.reading.sentences import first_sentence, joined, predicate

_SHORT = 48
"""Lines of a file that is read whole, mostly."""
_MOST_NAMES = 3
_LEAST_LINES = 12


def examples(code: Code, most: int) -> Iterator[Example]:
    """Yield at most so many examples: summaries of short files, then of a long one, then lengths."""
    by_length = {located.relative: len(code.text(located.relative)) for located in code.files}
    filled = [path for path, length in by_length.items() if length >= _LEAST_LINES]
    paths = shuffled(filled, str, "file", code.codebase.name)
    short = [path for path in paths if by_length[path] <= _SHORT]
    long = [path for path in paths if by_length[path] > _SHORT]
    number = number_of("file", code.codebase.name)
    shapes = [_summary(code, path, number + index) for index, path in enumerate([*short[:most], *long[:2]])]
    summaries = [made for made in shapes if made is not None][: most - 1]
    yield from summaries
    yield from _lengths(code, paths, number, most - len(summaries))


def _summary(code: Code, path: str, turn: int) -> Example | None:
    call = ToolCall("read_file", {"path": path})
    shown = _lines_shown(code, call)
    total = len(code.text(path))
    defines = _defined(code, path, shown)
    if not defines:
        return None
    table = phrases("file")["summary"]
    doc = _module_doc(code, path)
    about = predicate(doc) or (f'has the docstring "{doc}"' if doc else "")
    form = ("cut_both" if about else "cut") if shown < total else "both" if about else "defines"
    question, wording = table.ask(turn, path=path)
    answer = table.say(form, turn, path=path, about=about, defines=defines, total=total)
    return Example("file", code.codebase.name, (Ask(question, (call,), answer),), wording)


def _lengths(code: Code, paths: Sequence[str], number: int, most: int) -> Iterator[Example]:
    """Yield questions about the number of lines, and which of two files has more."""
    for index, path in enumerate(paths[:most]):
        total = len(code.text(path))
        other = paths[-1 - index]
        if index % 2 or other == path or len(code.text(other)) == total:
            table = phrases("file")["length"]
            question, wording = table.ask(number + index // 2, path=path)
            call = ToolCall("run_command", {"command": f"wc -l {path}"})
            answer = table.say("answers", number + index, path=path, total=total)
        else:
            table = phrases("file")["longer"]
            question, wording = table.ask(number + index // 2, path=path, other=other)
            call = ToolCall("run_command", {"command": f"wc -l {path} {other}"})
            least, more = sorted([(len(code.text(name)), name) for name in (path, other)])
            answer = table.say(
                "answers", number + index, longer=more[1], most=more[0], shorter=least[1], least=least[0]
            )
        yield Example("file", code.codebase.name, (Ask(question, (call,), answer),), wording)


def _lines_shown(code: Code, call: ToolCall) -> int:
    """Return how many lines of a file the product shows of one reading."""
    outcome = Toolbox(code.codebase.workspace, Shown()).call(call.name, call.arguments, lambda: False)
    return outcome.hits or 0


def _defined(code: Code, path: str, shown: int) -> str:
    """Return what the shown lines define at the top of a file, in words."""
    kinds = {"class": ("class", "classes"), "function": ("function", "functions")}
    words: list[str] = []
    for kind, nouns in kinds.items():
        names = [
            item.name
            for item in code.named
            if item.path == path
            and item.definition.kind == kind
            and item.definition.owner < 0
            and item.name != "exports"
            and item.definition.line <= shown
        ]
        if names:
            more = "" if len(names) <= _MOST_NAMES else f"{len(names)} {nouns[1]}, among them "
            words.append(more or f"the {nouns[len(names) > 1]} ")
            words[-1] += listed(names[:_MOST_NAMES])
    return joined(words) if words else ""


def _module_doc(code: Code, path: str) -> str:
    tree = parsed(code, path)
    doc = ast.get_docstring(tree) if tree is not None else None
    paragraphs = (doc or "").split("\n\n")
    # Some docstrings begin with the module's own name, underlined.
    return next((sentence for text in paragraphs[:2] if (sentence := first_sentence(text))), "")

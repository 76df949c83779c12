"""`find` over the scope: tests on names, kinds, depth, size and age, and nothing that acts."""

from __future__ import annotations

import fnmatch
import operator
import os
import re
import time
from collections.abc import Callable, Iterator

import attrs

from lsp_server.workspace.command_words import refused_flag, whole_number
from lsp_server.workspace.files import Files
from lsp_server.workspace.folder_commands import Printed, tops_of
from lsp_server.workspace.places import Located
from lsp_server.workspace.problems import ToolProblem, scope_as_problem

_SECONDS = 10.0
_MAX_LINES = 5000
_MAX_DEPTH = 100
_MAX_NESTING = 20
_KNOWN = (
    "-name", "-iname", "-path", "-ipath", "-type", "-size", "-mtime", "-empty", "-maxdepth", "-mindepth", "-not", "!",
    "-o", "-a", "(", ")", "-print",
)  # fmt: skip
_UNITS = {"c": 1, "b": 512, "": 512, "k": 1024, "M": 1024**2, "G": 1024**3}

Cancelled = Callable[[], bool]


@attrs.frozen
class Entry:
    """A file or folder that `find` looks at."""

    located: Located
    shown: str
    depth: int
    folder: bool

    def info(self) -> os.stat_result | None:
        """Return what the system knows of it; None when it has gone."""
        try:
            return self.located.absolute.stat(follow_symlinks=False)
        except OSError:
            return None


Test = Callable[[Entry], bool]


def run_find(files: Files, words: tuple[str, ...], cancelled: Cancelled) -> Printed:
    """Find files and folders: `find [PATH...] [EXPRESSION]`.

    Raises:
        ToolProblem: the expression is malformed or acts, or a path may not be seen.
    """
    count = next((i for i, word in enumerate(words) if word.startswith("-") or word in {"!", "(", ")"}), len(words))
    parser = _Parser(list(words[count:]))
    test = parser.expression()
    with scope_as_problem():
        tops = [top for word in words[:count] or (".",) for top in tops_of(files, word)]
        for top in tops:
            if not top.exists:
                raise ToolProblem(f"There is no {files.scope.show(top)} in the workspace.", "Start from . instead.")
    deadline = time.monotonic() + _SECONDS
    lines: list[str] = []
    for entry in _walk(files, tops, parser.max_depth, lambda: cancelled() or time.monotonic() > deadline):
        if entry.depth >= parser.min_depth and test(entry):
            lines.append(entry.shown or ".")
            if len(lines) > _MAX_LINES:
                break
    notes = ["Secret and ignored files are not listed."]
    if time.monotonic() > deadline:
        notes.insert(0, f"Stopped after {_SECONDS:.0f} s.")
    if len(lines) > _MAX_LINES:
        notes.insert(0, f"Only the first {_MAX_LINES:,} are shown.")
    return Printed("\n".join(lines[:_MAX_LINES]), tuple(notes))


def _walk(files: Files, tops: list[Located], max_depth: int, cancelled: Cancelled) -> Iterator[Entry]:
    for top in tops:
        if not top.is_folder:
            yield Entry(top, files.scope.show(top), 0, folder=False)
            continue
        above = top.relative.count("/") + bool(top.relative)
        for folder, names in files.scope.folders(cancelled, top, max_depth):
            depth = folder.relative.count("/") + bool(folder.relative) - above
            shown = files.scope.show(folder)
            yield Entry(folder, shown, depth, folder=True)
            if depth >= max_depth:
                continue
            for name in names:
                located = Located(folder.root, f"{folder.relative}/{name}" if folder.relative else name)
                yield Entry(located, f"{shown}/{name}" if shown else name, depth + 1, folder=False)


class _Parser:
    """Reads an expression of tests joined by and, or, not and parentheses."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self._nesting = 0
        self.max_depth = _MAX_DEPTH
        self.min_depth = 0

    def expression(self) -> Test:
        test = self._either() if self._words else _always
        if self._words:
            raise ToolProblem(f"find does not understand {self._words[0][:60]} there.", f"Known: {' '.join(_KNOWN)}")
        return test

    def _either(self) -> Test:
        tests = [self._both()]
        while self._words and self._words[0] in {"-o", "-or"}:
            self._words.pop(0)
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda entry: any(test(entry) for test in tests)

    def _both(self) -> Test:
        tests = [self._negated()]
        while self._words and self._words[0] not in {"-o", "-or", ")"}:
            if self._words[0] in {"-a", "-and"}:
                self._words.pop(0)
            tests.append(self._negated())
        return tests[0] if len(tests) == 1 else lambda entry: all(test(entry) for test in tests)

    def _negated(self) -> Test:
        negative = False
        while self._words and self._words[0] in {"!", "-not"}:
            self._words.pop(0)
            negative = not negative
        test = self._primary()
        return (lambda entry: not test(entry)) if negative else test

    def _primary(self) -> Test:
        word = self._next("an expression")
        if word == "(":
            self._nesting += 1
            if self._nesting > _MAX_NESTING:
                raise ToolProblem("The find expression is nested too deeply.", "Use fewer parentheses.")
            test = self._either()
            if self._next("a closing parenthesis") != ")":
                raise ToolProblem("The find expression lacks a closing parenthesis.", "find . -name '*.py'")
            self._nesting -= 1
            return test
        if word in {"-maxdepth", "-mindepth"}:
            depth = whole_number("find", word, self._next(word), _MAX_DEPTH)
            self.max_depth, self.min_depth = (depth, self.min_depth) if word == "-maxdepth" else (self.max_depth, depth)
            return _always
        if word == "-print":
            return _always
        if word == "-empty":
            return _is_empty
        return self._valued(word)

    def _valued(self, word: str) -> Test:
        if word in {"-name", "-iname", "-path", "-ipath"}:
            return _matcher(word, self._next(word))
        if word == "-type":
            value = self._next(word)
            if value not in {"f", "d"}:
                raise ToolProblem(f"find -type {value[:20]} is not understood.", "Use f for files, d for folders.")
            return lambda entry: entry.folder == (value == "d")
        if word == "-size":
            return _compare(word, self._next(word), _size_in)
        if word == "-mtime":
            now = time.time()
            return _compare(word, self._next(word), lambda info, _unit: int((now - info.st_mtime) // 86400))
        raise refused_flag("find", word, _KNOWN)

    def _next(self, wanted: str) -> str:
        if not self._words:
            raise ToolProblem(f"The find command ends where {wanted} needs a value.", "find . -name '*.py'")
        return self._words.pop(0)


def _always(_entry: Entry) -> bool:
    return True


def _is_empty(entry: Entry) -> bool:
    info = entry.info()
    return not entry.folder and info is not None and info.st_size == 0


def _matcher(word: str, pattern: str) -> Test:
    fold = word in {"-iname", "-ipath"}
    compiled = re.compile(fnmatch.translate(pattern[:300]), re.IGNORECASE if fold else 0)
    if word in {"-name", "-iname"}:
        return lambda entry: compiled.match(entry.located.name or entry.located.root.name) is not None
    return lambda entry: compiled.match(entry.shown) is not None or compiled.match(f"./{entry.shown}") is not None


def _size_in(info: os.stat_result, unit: str) -> int:
    return -(-info.st_size // _UNITS[unit])


def _compare(word: str, text: str, value: Callable[[os.stat_result, str], int]) -> Test:
    found = re.fullmatch(r"([+-]?)([0-9]{1,12})([cbkMG]?)", text)
    if found is None or (found.group(3) and word != "-size"):
        raise ToolProblem(f"find {word} {text[:20]} is not understood.", "find . -size +10k, find . -mtime -7")
    sign, number, unit = found.group(1), int(found.group(2)), found.group(3)
    agrees = {"+": operator.gt, "-": operator.lt, "": operator.eq}[sign]

    def test(entry: Entry) -> bool:
        info = entry.info()
        return info is not None and bool(agrees(value(info, unit), number))

    return test

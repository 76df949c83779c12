"""`ls` over the scope: what may not be shown is not listed, and counted."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

import attrs

from lsp_server.errors import OutOfScope
from lsp_server.workspace.command_words import refused_flag
from lsp_server.workspace.files import Files
from lsp_server.workspace.places import Located
from lsp_server.workspace.problems import ToolProblem, scope_as_problem

_FLAGS = "1AFRahlp"
_MAX_LINES = 5000

Cancelled = Callable[[], bool]


@attrs.frozen
class Printed:
    """What a command prints."""

    text: str
    notes: tuple[str, ...] = ()
    exit_code: int = 0


def split_flags(command: str, words: tuple[str, ...], flags: str) -> tuple[set[str], list[str]]:
    """Divide words into one-letter flags, which may be joined, and operands.

    Raises:
        ToolProblem: a flag is not among `flags`.
    """
    given: set[str] = set()
    operands: list[str] = []
    for index, word in enumerate(words):
        if word == "--":
            return given, [*operands, *words[index + 1 :]]
        if word.startswith("-") and len(word) > 1:
            unknown = [letter for letter in word[1:] if letter not in flags]
            if unknown:
                raise refused_flag(command, word, tuple(f"-{letter}" for letter in flags))
            given |= set(word[1:])
        else:
            operands.append(word)
    return given, operands


def run_ls(files: Files, words: tuple[str, ...], cancelled: Cancelled) -> Printed:
    """List folders and files: `ls [-1AFRahlp] [PATH...]`.

    Raises:
        ToolProblem: a flag is unknown or a path may not be seen.
    """
    flags, operands = split_flags("ls", words, _FLAGS)
    with scope_as_problem():
        places = [place for operand in operands or ["."] for place in tops_of(files, operand)]
        lines: list[str] = []
        hidden = 0
        for located in places:
            if located.is_folder:
                titled = len(places) > 1 or "R" in flags
                for block in _folders(files, located, flags, cancelled):
                    lines += [f"{files.scope.show(block.located) or '.'}:"] * titled + block.lines + [""] * titled
                    hidden += block.hidden
            elif located.exists:
                lines.append(_line(located.absolute.lstat(), files.scope.show(located), flags))
            else:
                raise ToolProblem(f"There is no {files.scope.show(located)} in the workspace.", "ls lists the folder.")
    notes = (f"{hidden} entries are secret, ignored or outside and are not listed.",) if hidden else ()
    if len(lines) > _MAX_LINES:
        notes += (f"{len(lines) - _MAX_LINES:,} further lines are left out.",)
    return Printed("\n".join(lines[:_MAX_LINES]).rstrip("\n"), notes)


def tops_of(files: Files, operand: str) -> list[Located]:
    """Return the place an operand names; `.` is every folder of the workspace.

    Raises:
        OutOfScope: it may not be seen.
    """
    if operand in {".", "./"}:
        return [Located(root, "") for root in files.scope.roots]
    return [files.scope.locate(operand)]


@attrs.frozen
class _Block:
    located: Located
    lines: list[str]
    hidden: int


def _folders(files: Files, top: Located, flags: set[str], cancelled: Cancelled) -> Iterator[_Block]:
    waiting = [top]
    count = 0
    while waiting and not cancelled() and count <= _MAX_LINES:
        located = waiting.pop()
        try:
            entries, hidden = files.scope.entries(located)
        except OutOfScope:
            if located == top:
                raise
            continue  # unreadable, or gone since it was listed
        dotted = flags & {"a", "A"}
        shown = [entry for entry in entries if dotted or not entry.name.startswith(".")]
        count += len(shown)
        yield _Block(located, [_entry(entry, flags) for entry in shown], hidden)
        if "R" in flags:
            inner = [entry.name for entry in shown if entry.is_dir(follow_symlinks=False)]
            prefix = f"{located.relative}/" if located.relative else ""
            waiting += [Located(located.root, prefix + name) for name in reversed(inner)]


def _entry(entry: os.DirEntry[str], flags: set[str]) -> str:
    try:
        name = entry.name + ("/" if entry.is_dir() else "")
        return _line(entry.stat(follow_symlinks=False), name, flags)
    except OSError:
        return entry.name


def _line(found: os.stat_result, name: str, flags: set[str]) -> str:
    if "l" not in flags:
        return name
    changed = time.strftime("%Y-%m-%d %H:%M", time.localtime(found.st_mtime))
    return f"{found.st_size:>10} {changed} {name}"

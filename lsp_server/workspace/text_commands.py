"""`wc` and `head` over the scope; open buffers stand before files."""

from __future__ import annotations

import re
from collections.abc import Callable

from lsp_server.workspace.command_words import refused_flag, whole_number
from lsp_server.workspace.files import Files
from lsp_server.workspace.folder_commands import Printed, split_flags
from lsp_server.workspace.globs import file_filter
from lsp_server.workspace.places import Located
from lsp_server.workspace.problems import ToolProblem, scope_as_problem
from lsp_server.workspace.ranking import order
from lsp_server.workspace.rows import MAX_LINE, cut

_MAX_FILES = 200
_HEAD_LINES = 10
_HEAD_FLAGS = ("-n", "-c", "-q", "-v")

Cancelled = Callable[[], bool]


def run_wc(files: Files, words: tuple[str, ...], cancelled: Cancelled) -> Printed:
    """Count lines, words, bytes and characters: `wc [-lwcm] PATH...`.

    Raises:
        ToolProblem: a flag is unknown or a path may not be read.
    """
    flags, operands = split_flags("wc", words, "lwcm")
    columns = [flag for flag in "lwmc" if flag in (flags or set("lwc"))]
    totals = [0] * len(columns)
    lines: list[str] = []
    found, notes = _operands(files, "wc", operands, cancelled)
    for located in found:
        with scope_as_problem():
            data = files.data(located)
        text = data.decode("utf-8", "replace")
        counts = {"l": data.count(b"\n"), "w": len(text.split()), "m": len(text), "c": len(data)}
        values = [counts[column] for column in columns]
        totals = [total + value for total, value in zip(totals, values, strict=True)]
        lines.append(_row(values, files.scope.show(located)))
    if len(lines) > 1:
        lines.append(_row(totals, "total"))
    return Printed("\n".join(lines), notes)


def run_head(files: Files, words: tuple[str, ...], cancelled: Cancelled) -> Printed:
    """Show the first lines or bytes: `head [-n N | -N | -c N] PATH...`.

    Raises:
        ToolProblem: a flag is unknown or a path may not be read.
    """
    count, by_bytes, operands = _head_arguments(words)
    blocks: list[str] = []
    found, notes = _operands(files, "head", operands, cancelled)
    for located in found:
        with scope_as_problem():
            data = files.data(located)
        if by_bytes:
            text = data[:count].decode("utf-8", "replace")
        else:
            lines = data.split(b"\n", count)[:count]
            text = "\n".join(cut(line[: 8 * MAX_LINE].decode("utf-8", "replace")) for line in lines).rstrip("\n")
        blocks.append(f"==> {files.scope.show(located)} <==\n{text}" if len(found) > 1 else text)
    return Printed("\n\n".join(blocks), notes)


def _head_arguments(words: tuple[str, ...]) -> tuple[int, bool, list[str]]:
    """Return the count, whether it counts bytes, and the operands."""
    count, by_bytes = _HEAD_LINES, False
    operands: list[str] = []
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        joined = re.fullmatch(r"-(?:-lines=|-bytes=|n|c)?([0-9]+)", word)
        if word == "--":
            operands += waiting
            break
        if joined:
            count, by_bytes = whole_number("head", word, joined.group(1)), word.startswith(("-c", "--bytes"))
        elif word in {"-n", "-c", "--lines", "--bytes"}:
            count, by_bytes = whole_number("head", word, waiting.pop(0) if waiting else ""), word in {"-c", "--bytes"}
        elif word.startswith("-") and word not in {"-q", "-v"}:
            raise refused_flag("head", word, _HEAD_FLAGS)
        elif not word.startswith("-"):
            operands.append(word)
    return count, by_bytes, operands


def _operands(
    files: Files, command: str, operands: list[str], cancelled: Cancelled
) -> tuple[list[Located], tuple[str, ...]]:
    """Return the files that the operands name; wildcards are matched here, as a shell would."""
    if not operands:
        raise ToolProblem(f"{command} needs a file: there is no standard input here.", f"{command} README.md")
    found: list[Located] = []
    for operand in operands:
        with scope_as_problem():
            literal = None if any(char in operand for char in "*?[") else files.scope.locate(operand)
        if literal is not None:
            found.append(literal)
            continue
        matches = sorted(filter(_wildcard(operand), files.all(cancelled)), key=order)
        if not matches:
            raise ToolProblem(f"No file matches {operand[:80]}.", "Give a path, or look with find.")
        found += matches
    notes = (f"Only the first {_MAX_FILES} of {len(found):,} files are shown.",) if len(found) > _MAX_FILES else ()
    return found[:_MAX_FILES], notes


def _wildcard(operand: str) -> Callable[[Located], bool]:
    """Match files as a shell would: `*` stays within one folder, and the pattern begins at the workspace folder."""
    pattern = operand.replace("\\", "/").removeprefix("./")
    inside = file_filter(pattern, _no_label)
    depth = pattern.count("/")
    return lambda located: inside(located) and located.relative.count("/") == depth


def _no_label(located: Located) -> str:
    return located.relative


def _row(values: list[int], name: str) -> str:
    return " ".join(f"{value:>7}" for value in values) + f" {name}"

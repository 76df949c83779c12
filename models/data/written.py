"""Examples that were written by hand: JSON lines of three shapes, in `written/`."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any, cast, get_args

import attrs

from lsp_server.engine.base import ToolCall
from lsp_server.errors import ModelBuildFailed
from models.data.example import Ask, DirectKind, Example, Explanation, Kind, Lines, ToolKind
from models.data.rows import json_lines

_KINDS = frozenset((*get_args(ToolKind), *get_args(DirectKind)))
_HINT = "Correct the line."


@attrs.frozen
class Written:
    """What was written by hand."""

    examples: tuple[Example, ...]
    """Direct ones may name no codebase: any serves."""
    explanations: tuple[Explanation, ...]


def written() -> Written:
    """Read every file of `written/`.

    Raises:
        ModelBuildFailed: a line is broken; the sentence names it.
    """
    with resources.as_file(resources.files("models.data").joinpath("written")) as folder:
        return read_written(sorted(folder.glob("*.jsonl")))


def read_written(paths: list[Path]) -> Written:
    """Read these files.

    Raises:
        ModelBuildFailed: a line is broken; the sentence names it.
    """
    examples: list[Example] = []
    explanations: list[Explanation] = []
    for where, value in (line for path in paths for line in json_lines(path, _HINT)):
        match _value(where, value):
            case Example() as example:
                examples.append(example)
            case explanation:
                explanations.append(explanation)
    return Written(tuple(examples), tuple(explanations))


def _value(where: str, value: dict[str, Any]) -> Example | Explanation:
    match value:
        case {"codebase": str(codebase), "path": str(path), "line": int(line), "answer": str(answer)}:
            return Explanation(codebase, Lines(path, line, line), answer)
        case {"kind": str(kind), "asks": [_, *_] as asks} if kind in _KINDS:
            found = [_ask(where, ask) for ask in asks]
        case {"kind": str(kind), "question": str(), "answer": str()} if kind in _KINDS:
            found = [_ask(where, value)]
        case _:
            raise _broken(where)
    return Example(cast("Kind", kind), str(value.get("codebase", "")), tuple(found))


def _ask(where: str, value: object) -> Ask:
    match value:
        case {"question": str(question), "answer": str(answer)}:
            rest = cast("dict[str, Any]", value)
            calls = tuple(_calls(where, rest.get("calls", [])))
            selection = rest.get("selection")
            return Ask(question, calls, answer, None if selection is None else _lines(where, selection))
        case _:
            raise _broken(where)


def _calls(where: str, value: object) -> Iterator[ToolCall]:
    for call in cast("list[object]", value) if isinstance(value, list) else [value]:
        match call:
            case {"name": str(name), "arguments": dict()}:
                yield ToolCall(name, cast("dict[str, Any]", call)["arguments"])
            case _:
                raise _broken(where)


def _lines(where: str, value: object) -> Lines:
    match value:
        case {"path": str(path), "start": int(start), "end": int(end)}:
            return Lines(path, start, end)
        case _:
            raise _broken(where)


def _broken(where: str) -> ModelBuildFailed:
    return ModelBuildFailed(
        f"{where}, is broken: it needs a known kind with question and answer, or asks; or codebase, path, line and "
        "answer of an explanation.",
        _HINT,
    )

"""Makes the examples of one codebase: cases of every shape, kept where the product's tool says what is true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice

from lsp_server.engine.base import ToolCall
from models.data.codebases import Codebase
from models.data.example import Ask, Example, ToolKind
from models.data.structural import wording
from models.data.structural.case import Case
from models.data.structural.choice import shuffled
from models.data.structural.definitions import decorated, definition, subclasses
from models.data.structural.parsed_truth import parsed_truth
from models.data.structural.python_truth import python_truth
from models.data.structural.sites import callers, raised
from models.data.structural.truth import Truth
from models.data.structural.values import constant, default, signature

SHAPES: Mapping[ToolKind, Callable[[Truth, str], Iterable[Case]]] = {
    "subclasses": subclasses,
    "definition": definition,
    "callers": callers,
    "decorated": decorated,
    "raised": raised,
    "default": default,
    "constant": constant,
    "signature": signature,
}

_PYTHON: Mapping[ToolKind, int] = {
    "subclasses": 6, "definition": 5, "callers": 5, "decorated": 4, "raised": 5, "default": 5, "constant": 3,
    "signature": 4,
}  # fmt: skip
_OTHER: Mapping[ToolKind, int] = {"subclasses": 3, "definition": 4, "callers": 4, "constant": 2, "signature": 2}
_UNSEEN: Mapping[ToolKind, int] = {
    "subclasses": 3, "definition": 3, "callers": 3, "decorated": 2, "raised": 2, "default": 3, "constant": 2,
    "signature": 3,
}  # fmt: skip
"""How many examples a codebase gives of each shape, at most."""


def examples(codebase: Codebase) -> Iterator[Example]:
    """Yield the examples of a codebase, the same ones every time."""
    is_python = codebase.language == "python"
    truth = python_truth(codebase.path) if is_python else parsed_truth(codebase.workspace)
    wanted = _UNSEEN if codebase.split == "valid" else _PYTHON if is_python else _OTHER
    for kind, count in wanted.items():
        yield from islice(_of_kind(kind, codebase, truth), count)


def _of_kind(kind: ToolKind, codebase: Codebase, truth: Truth) -> Iterator[Example]:
    cases = [case for case in SHAPES[kind](truth, codebase.name) if case.is_about_code]
    used: Counter[int] = Counter()
    topics: set[str] = set()
    for case in shuffled(cases, kind, codebase.name):
        chosen = wording.least_used(kind, case, codebase.name, used)
        if chosen is None or case.topic in topics or not case.agrees(codebase.workspace):
            continue
        used[chosen.number] += 1
        topics.add(case.topic)
        ask = Ask(
            wording.filled(chosen.question, case),
            (ToolCall("symbols", dict(case.arguments)),),
            wording.answer(chosen, case),
        )
        yield Example(kind, codebase.name, (ask,), f"{kind}/{chosen.number:02}")

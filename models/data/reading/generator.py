"""All examples that come from reading: which shapes, and how many of each from one codebase."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from models.data.codebases import Codebase
from models.data.example import Example
from models.data.reading import (
    failures,
    files,
    folders,
    follow_up,
    history,
    how,
    implementation,
    missing,
    retries,
    selections,
)
from models.data.reading.code import Code

Shape = Callable[[Code, int], Iterator[Example]]

_SHAPES: tuple[tuple[Shape, int, int], ...] = (
    (implementation.examples, 6, 2),
    (how.examples, 7, 2),
    (files.examples, 4, 2),
    (folders.examples, 3, 1),
    (history.examples, 14, 5),
    (retries.examples, 5, 2),
    (failures.examples, 4, 2),
    (missing.examples, 5, 2),
    (follow_up.examples, 6, 3),
    (selections.with_a_look, 4, 1),
    (selections.without_a_look, 4, 1),
)
"""How many examples of a shape a codebase gives: one that is trained on, one for validation.

Some are refused when they are recorded, and the set is chosen from the rest, so these are more than it needs.
"""


def examples(codebase: Codebase) -> Iterator[Example]:
    """Yield the examples of a codebase, the same on every machine."""
    code = Code(codebase)
    for shape, train, valid in _SHAPES:
        yield from shape(code, train if codebase.split == "train" else valid)

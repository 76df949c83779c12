"""What is asked: four sets of questions, each with the workspace it belongs to and what a right answer names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any, Literal, get_args

import attrs
import cattrs

from lsp_server.errors import BadRequest
from models.bench.model.truth import StructuralKind

SetName = Literal["seed", "standard", "discrimination", "structural"]
SETS: tuple[SetName, ...] = get_args(SetName)


@attrs.frozen
class Lines:
    """Lines of a file; the whole file where `end` is 0."""

    path: str
    start: int = 1
    end: int = 0

    @classmethod
    def parse(cls, text: str) -> Lines:
        """Read `path`, `path:12` or `path:12-20`."""
        path, _, numbers = text.partition(":")
        if not numbers:
            return cls(path)
        start, _, end = numbers.partition("-")
        return cls(path, int(start), int(end or start))


@attrs.frozen
class Question:
    """One question."""

    id: str
    package: str
    """Whose workspace is open."""
    kind: str
    question: str
    expects: Literal["tool", "direct"] = "tool"
    """Whether only the workspace can answer it."""
    accepts: tuple[Lines, ...] = ()
    """An answer that names any of these lines is right."""
    command: str = ""
    """Or: a run of a command that this expression matches."""
    not_found: bool = False
    """Or: the search is in vain, and the answer says so."""
    places: tuple[Lines, ...] = ()
    """Structural: exactly these lines answer."""
    values: tuple[str, ...] = ()
    """Structural: what the words must state."""
    selection: Lines | None = None
    """What is selected in the editor."""
    subject: str = ""
    """Structural: what `places` and `values` are the truth of; see truth.py."""
    parameter: str = ""
    count: bool = False
    """Structural: the value is the number of places."""

    @property
    def key(self) -> str:
        """What its answers are kept under: another wording, package or selection is another question.

        A package's pinned release is no part of it: with new pins everything is to be asked afresh.
        """
        asked = f"{self.package}\n{self.question}\n{self.selection}"
        return f"{self.id}:{hashlib.sha256(asked.encode()).hexdigest()[:12]}"

    @property
    def structural_kind(self) -> StructuralKind:
        """The kind, of a structural question."""
        if self.kind not in get_args(StructuralKind):
            raise BadRequest(f"The question {self.id} is of no structural kind: {self.kind}.")
        return self.kind  # pyright: ignore[reportReturnType] - just checked


def questions(name: SetName) -> tuple[Question, ...]:
    """Read a set, in its order.

    Raises:
        BadRequest: a line is no question.
    """
    lines = resources.files("models.bench.model").joinpath("sets", f"{name}.jsonl").read_text("utf-8").splitlines()
    return tuple(_question(name, number, line) for number, line in enumerate(lines, start=1))


def some(asked: Sequence[Question], limit: int | None) -> tuple[Question, ...]:
    """Return `limit` questions, spread evenly over the set so that every part of it is there; None takes all."""
    if limit is None or limit >= len(asked):
        return tuple(asked)
    return tuple(asked[number * len(asked) // limit] for number in range(limit))


def _question(name: str, number: int, line: str) -> Question:
    try:
        return _converter().structure(json.loads(line), Question)
    except (ValueError, cattrs.BaseValidationError) as error:
        raise BadRequest(f"Line {number} of the set {name} is no question: {error}.") from error


@cache
def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True)

    def lines(value: Any, _kind: type) -> Lines:
        return Lines.parse(str(value))

    converter.register_structure_hook(Lines, lines)
    return converter

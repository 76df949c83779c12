"""One thing that can be asked of a codebase: the call that answers it, and the words for question and answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import attrs

from lsp_server.workspace.problems import ToolProblem
from lsp_server.workspace.ranking import rank
from lsp_server.workspace.rows import SymbolRow
from lsp_server.workspace.workspace import Workspace
from models.data.structural.truth import Spot

MOST_ROWS = 20
FEW = 3
"""So many results can all be named in a sentence."""

Size = Literal["one", "few", "many"]


@attrs.frozen
class Case:
    """A question without its wording."""

    arguments: Mapping[str, str]
    """Of the call of `symbols`."""
    spots: tuple[Spot, ...]
    """What it must find: exactly these, by the truth."""
    words: Mapping[str, str]
    """What a wording may fill in."""
    groups: tuple[str, ...] = ("any",)
    """The groups of wordings that suit it."""
    shows: tuple[str, ...] = ()
    """What the answer states and the results must therefore show."""

    @property
    def subject(self) -> str:
        """What is asked about; no codebase has two cases of a shape with one subject."""
        return " ".join(self.arguments.values())

    @property
    def topic(self) -> str:
        """What a codebase should be asked about once only in a shape, whoever owns it."""
        own = self.subject.rpartition(".")[2]
        return self.words.get("parameter") or (self.subject if own == "__init__" else own)

    @property
    def size(self) -> Size:
        """How many places the answer introduces."""
        return "one" if len(self.spots) == 1 else "few" if len(self.spots) <= FEW else "many"

    @property
    def is_about_code(self) -> bool:
        """Whether the first result lies in the code itself, not in its tests, documentation or built copies."""
        return is_code(self.spots[0].path) and len(self.spots) <= MOST_ROWS

    def agrees(self, workspace: Workspace) -> bool:
        """Say whether the product's tool finds what is true, and shows what the answer states."""
        arguments: dict[str, Any] = dict(self.arguments)
        try:
            found = workspace.symbols(**arguments)
        except ToolProblem:
            return False
        true = sorted((spot.path, spot.line, spot.name) for spot in self.spots)
        rows = sorted((row.place.path, row.place.start, _name(row)) for row in found.rows)
        text = " ".join(row.signature for row in found.rows)
        return rows == true and all(piece in text for piece in self.shows)


def is_code(path: str) -> bool:
    """Say whether a file belongs to the code itself: not to tests, documentation, examples or built copies."""
    aside = {"docs", "doc", "examples", "example", "benchmarks", "benchmark", "extras", "demos", "sites", "tools"}
    return rank(path) == 0 and aside.isdisjoint(path.split("/"))


def shown_order(spots: Sequence[Spot]) -> tuple[Spot, ...]:
    """Return spots as the tool lists them: code first, then tests, then built copies, each by path and line."""
    return tuple(sorted(spots, key=lambda spot: (rank(spot.path), spot.path.replace("/", "\0"), spot.line)))


def _name(row: SymbolRow) -> str:
    return "" if row.kind == "module" else row.name

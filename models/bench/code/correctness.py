"""Definitions, subclasses, callers and raises of whole packages, held against an independent walk of their syntax."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import attrs

from lsp_server.workspace.scope import never
from lsp_server.workspace.searching.find import MAX_HITS
from lsp_server.workspace.workspace import Workspace
from models.bench.code.ast_truth import Relation, Truth, Used, truth
from models.bench.code.product import opened, private_home
from models.bench.figures import Figure

_TARGET = 0.98
CALLED_NAMES = 150
"""So many names of each package are asked for their callers, spread over the alphabet; of the rest, all."""

Compared = Literal["definitions", "subclasses", "callers", "raises"]
_QUERIES: Mapping[Relation, tuple[Compared, str]] = {
    "subclass": ("subclasses", "inherits"),
    "caller": ("callers", "calls"),
    "raise": ("raises", "raises"),
}
Row = tuple[str, str, int]
"""Path, name and line."""


@attrs.define
class Tally:
    """How two sets of rows agree, summed up."""

    both: int = 0
    found: int = 0
    true: int = 0

    def add(self, found: set[Row], true: set[Row]) -> None:
        """Count one query's rows."""
        self.both += len(found & true)
        self.found += len(found)
        self.true += len(true)

    @property
    def precision(self) -> float:
        """Share of what was found that is true."""
        return self.both / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of what is true that was found."""
        return self.both / self.true if self.true else 1.0


@attrs.frozen
class Walked:
    """The syntax of a tree's Python files, by path relative to it."""

    files: Mapping[str, Truth]
    modules: frozenset[str]
    """The names under which its own modules and packages are imported, as far as the first dot."""

    @classmethod
    def of(cls, root: Path) -> Walked:
        """Walk every file that this Python can parse."""
        files: dict[str, Truth] = {}
        modules: set[str] = set()
        for path in sorted(root.rglob("*.py")):
            try:
                files[path.relative_to(root).as_posix()] = truth(path.read_bytes())
            except (SyntaxError, ValueError):
                continue
            modules |= {path.stem, path.parent.name}
        return cls(files, frozenset(modules))

    @property
    def definitions(self) -> set[Row]:
        """Every definition."""
        return {(path, it.name, it.line) for path, of in self.files.items() for it in of.defined}

    def uses(self, relation: Relation) -> Mapping[str, set[Row]]:
        """Return the rows of a relation by name.

        A name that is imported from outside the tree is none of its own: where the tree defines that name too, the use
        is left out.
        """
        own = {name.rpartition(".")[2] for _, name, _ in self.definitions}
        rows: defaultdict[str, set[Row]] = defaultdict(set)
        for path, of in self.files.items():
            for used in of.used:
                if used.relation == relation and not (used.name in own and self._is_outside(used)):
                    rows[used.name].add((path, used.name, used.line))
        return rows

    def _is_outside(self, used: Used) -> bool:
        return bool(used.module.strip(".")) and used.module[:1] != "." and used.module.split(".")[0] not in self.modules


def measure(trees: Mapping[str, Path]) -> list[Figure]:
    """Compare every package as a workspace of its own."""
    tallies: defaultdict[Compared, Tally] = defaultdict(Tally)
    with private_home():
        for root in trees.values():
            with opened(root) as (workspace, _):
                compare(workspace, Walked.of(root), tallies)
    return [
        Figure(f"{compared}, {side}", value, "", _TARGET, "higher", f"{tally.true:,} by ast, {tally.found:,} found")
        for compared, tally in tallies.items()
        for side, value in (("precision", tally.precision), ("recall", tally.recall))
    ]


def compare(workspace: Workspace, walked: Walked, tallies: defaultdict[Compared, Tally]) -> None:
    """Add what the product says of the walked files, and what it should."""
    tallies["definitions"].add(_definitions(workspace, walked), walked.definitions)
    for relation, (compared, query) in _QUERIES.items():
        rows = walked.uses(relation)
        for name in _asked((name for name in rows if len(rows[name]) <= MAX_HITS), relation):
            tallies[compared].add(_related(workspace, query, name, walked), rows[name])


def _asked(names: Iterable[str], relation: Relation) -> list[str]:
    ordered = sorted(names)
    return ordered[:: max(1, len(ordered) // CALLED_NAMES)] if relation == "caller" else ordered


def _definitions(workspace: Workspace, walked: Walked) -> set[Row]:
    view = workspace.view()
    return {
        (located.relative, definition.name, definition.line)
        for located in view.listed(lambda located: located.relative in walked.files, never)
        for definition in view.facts(located).definitions
        if definition.kind in {"class", "function", "method"}
    }


def _related(workspace: Workspace, query: str, name: str, walked: Walked) -> set[Row]:
    found = workspace.find(f"{query}:{name}", "symbol", MAX_HITS)
    return {(hit.located.relative, name, hit.line) for hit in found.hits if hit.located.relative in walked.files}

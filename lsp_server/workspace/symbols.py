"""Structural questions answered from parsed files: definitions, bases, decorators, call and raise sites."""

from __future__ import annotations

import time
from collections.abc import Iterator

import attrs

from lsp_server.workspace.facts import Definition, Facts, Role
from lsp_server.workspace.files import Files, split_lines
from lsp_server.workspace.languages import is_code
from lsp_server.workspace.names import bare, last, named, same
from lsp_server.workspace.places import Located
from lsp_server.workspace.problems import ToolProblem
from lsp_server.workspace.rows import KINDS, MAX_ROWS, Kind, Rows, SymbolRow, cut
from lsp_server.workspace.search import capped_note, stopped_note
from lsp_server.workspace.view import Cancelled, View

SECONDS = 15.0
"""A query stops after this time and says how far it came."""

_CALLS_BY_NAME = "Calls of any method of that name: the receivers' types are not known."


@attrs.frozen
class SymbolQuery:
    """What a symbol must be; every given part must hold.

    `name` and the rest may be bare or dotted; a shorter name matches the end of a longer one.
    """

    name: str = ""
    kind: Kind | None = None
    inherits: str = ""
    """A direct base of the class."""
    decorated_by: str = ""
    calls: str = ""
    """With this or `raises`, rows are the sites, and the other parts describe the definition around them."""
    raises: str = ""
    fold: bool = False
    """Ignore letter case."""

    @classmethod
    def parse(  # noqa: PLR0913 - the tool's own six parameters
        cls,
        *,
        name: str | None,
        kind: str | None,
        inherits: str | None,
        decorated_by: str | None,
        calls: str | None,
        raises: str | None,
    ) -> SymbolQuery:
        """Read the arguments of a call; empty ones count as absent.

        Raises:
            ToolProblem: nothing is asked, or the kind does not exist.
        """
        wanted = (kind or "").strip().lower()
        if wanted and wanted not in KINDS:
            raise ToolProblem(f"There is no kind {wanted[:40]!r}.", f"The kinds are {', '.join(KINDS)}.")
        if calls and raises:
            raise ToolProblem("calls and raises ask for different rows.", "Ask for one of them.")
        query = cls(
            name=bare(name),
            kind=wanted if wanted in KINDS else None,
            inherits=bare(inherits),
            decorated_by=bare(decorated_by),
            calls=bare(calls),
            raises=bare(raises),
        )
        if query == cls():
            raise ToolProblem(
                "Nothing was asked of symbols.", "Give name, kind, inherits, decorated_by, calls or raises."
            )
        return query

    @property
    def names(self) -> Iterator[tuple[str, tuple[Role, ...]]]:
        """Yield the bare names that a file must hold, each with the roles in which it must."""
        asked: tuple[tuple[str, tuple[Role, ...]], ...] = (
            (self.name, ("define",)),
            (self.inherits, ("inherit",)),
            (self.decorated_by, ("decorate",)),
            (self.calls, ("call",)),
            (self.raises, ("raise",)),
        )
        return ((last(name), roles) for name, roles in asked if name)

    def wider(self) -> Iterator[tuple[SymbolQuery, str]]:
        """Yield weaker queries to fall back on when nothing matches, each with the note to give then."""
        if self.kind in {"function", "method"} and self.name:
            yield attrs.evolve(self, kind=None), f"None of kind {self.kind}; these are of another."
        short = attrs.evolve(
            self,
            inherits=last(self.inherits),
            decorated_by=last(self.decorated_by),
            calls=last(self.calls),
            raises=last(self.raises),
        )
        if short != self:
            yield short, "Nothing under the full dotted name; these share its last part."
        yield attrs.evolve(short, fold=True), "Nothing in that letter case; case was ignored."
        if self.name and self.kind in {None, "class"} and self == SymbolQuery(name=self.name, kind=self.kind):
            yield SymbolQuery(inherits=self.name), f"Nothing here defines {self.name}; these inherit from it."


def find_symbols(view: View, query: SymbolQuery, cancelled: Cancelled) -> Rows[SymbolRow]:
    """Return the rows of a query; when there are none, those of a wider one with a note."""
    deadline = time.monotonic() + SECONDS

    def stop() -> bool:
        return cancelled() or time.monotonic() > deadline

    candidates = view.listed(holds_code, stop)
    rows = _rows(view, query, candidates, stop)
    for wider, note in query.wider():
        if rows.total or stop():
            break
        found = _rows(view, wider, candidates, stop)
        if found.total:
            rows = attrs.evolve(found, note=" ".join(filter(None, (note, found.note))))
    return attrs.evolve(rows, note=f"{rows.note} {_CALLS_BY_NAME}".strip()) if _by_name(query) else rows


def holds_code(located: Located) -> bool:
    """Say whether a file is written in a programming language that is known."""
    return is_code(located.name)


def _rows(view: View, query: SymbolQuery, candidates: list[Located], stop: Cancelled) -> Rows[SymbolRow]:
    rows: list[SymbolRow] = []
    total = 0
    seen = len(candidates)
    holding = _holding(view, query, candidates, stop)
    unseen = view.freshness.stale
    for located in holding:
        if stop():
            seen = candidates.index(located)
            break
        for row in _in_file(view, query, located):
            total += 1
            if len(rows) < MAX_ROWS:
                rows.append(row)
    seen = max(0, min(seen, len(candidates) - unseen))
    notes = (stopped_note(seen, len(candidates)), capped_note(total, len(rows)))
    return Rows(tuple(rows), total, seen, " ".join(filter(None, notes)))


def _holding(view: View, query: SymbolQuery, candidates: list[Located], stop: Cancelled) -> list[Located]:
    """Return the candidates that hold every name of the query."""
    for name, roles in query.names:
        known = set(view.naming(name, roles, stop, fold=query.fold))
        candidates = [located for located in candidates if located in known]
    return candidates


def _in_file(view: View, query: SymbolQuery, located: Located) -> Iterator[SymbolRow]:
    facts = view.facts(located)
    if query.calls or query.raises:
        data = view.data(located)
        if data is not None:
            yield from _sites(view.files, query, located, facts, data)
        return
    for definition in facts.definitions:
        if defines(query, definition, located.relative):
            place = view.files.place(located, definition.line, definition.end_line)
            yield SymbolRow(place, definition.kind, definition.name, definition.signature)


def _sites(files: Files, query: SymbolQuery, located: Located, facts: Facts, data: bytes) -> Iterator[SymbolRow]:
    relation = "call" if query.calls else "raise"
    target = query.calls or query.raises
    around = any((query.name, query.kind, query.inherits, query.decorated_by))
    lines: tuple[str, ...] = ()
    for site in sorted(facts.sites, key=lambda site: site.line):
        if site.relation != relation or not targets(site.target, target, fold=query.fold):
            continue
        if query.calls and not reachable(site.target, target, data):
            continue
        enclosing = facts.definitions[site.enclosing] if site.enclosing >= 0 else None
        if around and (enclosing is None or not defines(query, enclosing, located.relative)):
            continue
        place = files.place(located, site.line, site.line)
        lines = lines or split_lines(data)
        text = cut(lines[site.line - 1].strip()) if site.line <= len(lines) else ""
        if enclosing is None:
            stem = located.name.partition(".")[0]
            yield SymbolRow(place, "module", stem, stem, text)
        else:
            yield SymbolRow(place, enclosing.kind, enclosing.name, enclosing.signature, text)


def reachable(found: str, target: str, data: bytes) -> bool:
    """Say whether a bare call can be the dotted function asked for: `join(...)` is `os.path.join` if imported so."""
    owner = target.rpartition(".")[0]
    return not owner or "." in found or last(target)[:1].isupper() or f"from {owner} import".encode() in data


def _by_name(query: SymbolQuery) -> bool:
    return last(query.calls.rpartition(".")[0])[:1].isupper()


def targets(found: str, target: str, *, fold: bool = False) -> bool:
    """Say whether a reference, as it is written, can be one to `target`.

    `Class.method` matches a call of `method` on anything but another class: the types of variables are not known.
    """
    if same(found, target, fold=fold):
        return True
    owner, _, method = target.rpartition(".")
    if not last(owner)[:1].isupper() or not same(found, method, fold=fold):
        return False
    receiver = last(found.rpartition(".")[0])
    return bool(receiver) and not receiver[:1].isupper()


def defines(query: SymbolQuery, definition: Definition, relative: str) -> bool:
    """Say whether a definition has the name, kind, base and decorator that a query gives."""
    if query.kind is not None and definition.kind != query.kind:
        return False
    if query.name and not named(definition.name, query.name, relative, fold=query.fold):
        return False
    if query.inherits and not any(same(base, query.inherits, fold=query.fold) for base in definition.bases):
        return False
    if definition.minor and not (query.name if definition.kind == "constant" else query.inherits):
        return False
    decorators = definition.decorators
    return not query.decorated_by or any(same(it, query.decorated_by, fold=query.fold) for it in decorators)

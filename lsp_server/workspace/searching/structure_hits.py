"""Answers structural questions: subclasses and implementers, what is decorated, callers, raises, in every language.

A reference that its imports lead to another definition is left out; one that nothing decides is marked as found by
its name.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import attrs

from lsp_server.kinds import HitKind
from lsp_server.workspace.facts import Definition, Facts, Role, Site
from lsp_server.workspace.hits import Hit
from lsp_server.workspace.module_files import family_of
from lsp_server.workspace.names import last, named, same
from lsp_server.workspace.one_look import OneLook
from lsp_server.workspace.places import Located
from lsp_server.workspace.ranking import order
from lsp_server.workspace.resolve import resolve
from lsp_server.workspace.scope import never
from lsp_server.workspace.searching.excerpts import excerpt
from lsp_server.workspace.searching.hit_lists import HitList
from lsp_server.workspace.searching.symbol_hits import definition_hit
from lsp_server.workspace.symbols import SymbolQuery, defines, holds_code, reachable, targets
from lsp_server.workspace.view import Cancelled, View

_UNNAMED = "Types of Go do not name the interfaces that they implement; look for a type with the same methods."
_MOST_FILES = 400
"""Files whose facts a question keeps at hand."""
_ENOUGH = 500
"""References; further ones are not looked into."""


def structure_list(view: View, query: SymbolQuery, limit: int, stop: Cancelled) -> HitList:
    """Return the definitions or sites that a query asks for; when there are none, those of a wider one."""
    found = _list(view, query, limit, stop)
    for wider, note in query.wider():
        if found.hits or stop():
            break
        found = _list(view, wider, limit, stop)
        if found.hits:
            found = attrs.evolve(found, note=" ".join(filter(None, (note, found.note))))
    if not found.hits and query.inherits and not stop():
        files = view.naming(last(query.inherits), ("define",), stop)
        if any(family_of(located) == "go" for located in files):
            return attrs.evolve(found, note=_UNNAMED)
    return found


def _list(view: View, query: SymbolQuery, limit: int, stop: Cancelled) -> HitList:
    hits: list[Hit] = []
    most = max(limit, _ENOUGH)
    looks = _Looks(view)
    for located in _files(view, query, stop):
        if stop() or len(hits) >= most:
            break
        hits += islice(_in_file(view, looks, query, located), most - len(hits))
    note = f"Only the first {len(hits):,} were looked for." if len(hits) >= most else ""
    return HitList(1.0, tuple(hits), len(hits), note)


def _files(view: View, query: SymbolQuery, stop: Cancelled) -> list[Located]:
    """Return the files that hold every name of the query, or a name that they import for it."""
    chosen: set[Located] | None = None
    for name, roles in query.names:
        wanted: tuple[Role, ...] = roles if roles == ("define",) else (*roles, "import")
        holding = set(view.naming(name, wanted, stop, fold=query.fold))
        chosen = holding if chosen is None else chosen & holding
    return view.listed(holds_code, stop) if chosen is None else sorted(chosen, key=order)


class _Looks:
    """What the references of one question have looked into, for each language."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._looks: dict[str, OneLook] = {}

    def at(self, located: Located) -> OneLook:
        """Return the look of a file's language."""
        family = family_of(located)
        if family not in self._looks:
            self._looks[family] = OneLook(self._view, family, _MOST_FILES)
        return self._looks[family]


def _in_file(view: View, looks: _Looks, query: SymbolQuery, located: Located) -> Iterator[Hit]:
    facts = view.facts(located)
    look = looks.at(located)
    if not query.calls and not query.raises:
        yield from _definitions(view, look, query, located, facts)
        return
    asked = _Asked(view, look, query.calls or query.raises, query.fold)
    plain = attrs.evolve(query, calls="", raises="")
    for site in facts.sites:
        if site.relation != ("call" if query.calls else "raise"):
            continue
        inside = facts.definitions[site.enclosing] if site.enclosing >= 0 else None
        if plain != SymbolQuery(fold=query.fold) and (inside is None or not defines(plain, inside, located.relative)):
            continue
        known = asked.is_meant(located, facts, site)
        if known is not None:
            hit = _site_hit(view, located, site, inside, by_name=not known)
            if hit is not None:
                yield hit


def _definitions(view: View, look: OneLook, query: SymbolQuery, located: Located, facts: Facts) -> Iterator[Hit]:
    for at, definition in enumerate(facts.definitions):
        by_name = False
        plain = query
        for relation, name in (("inherit", query.inherits), ("decorate", query.decorated_by)):
            if not name:
                continue
            known = _Asked(view, look, name, query.fold).of_definition(located, facts, at, relation)
            if known is None:
                break
            by_name = by_name or not known
        else:
            plain = attrs.evolve(query, inherits="", decorated_by="")
            minor = definition.minor and not (query.name if definition.kind == "constant" else query.inherits)
            if not minor and defines(plain, attrs.evolve(definition, minor=False), located.relative):
                hit = definition_hit(view, located, definition)
                if hit is not None:
                    yield attrs.evolve(hit, by_name=by_name)


def _site_hit(view: View, located: Located, site: Site, inside: Definition | None, *, by_name: bool) -> Hit | None:
    data = view.data(located)
    if data is None or not site.start < site.end <= len(data) or b"\n" in data[site.start : site.end]:
        return None  # changed since it was parsed
    shown = excerpt(data, [(site.start, site.end)])
    kind: HitKind = "call" if site.relation == "call" else "raise"
    name = "" if inside is None else inside.name
    return Hit(located, site.start, site.end, shown.line, shown.text, shown.marks, kind, 0.0, name, by_name)


@attrs.define
class _Asked:
    """A name that references are compared with."""

    view: View
    look: OneLook
    name: str
    fold: bool

    def of_definition(self, located: Located, facts: Facts, at: int, relation: str) -> bool | None:
        """Say whether a definition has the name as a base or decorator; see `is_meant`."""
        definition = facts.definitions[at]
        written = definition.bases if relation == "inherit" else definition.decorators
        answers = [self._means(located, facts, target, definition.owner) for target in written]
        return max((known for known in answers if known is not None), default=None)

    def is_meant(self, located: Located, facts: Facts, site: Site) -> bool | None:
        """Say whether a site is one of the name: True if that is known, False if its name alone says so, else None."""
        known = self._means(located, facts, site.target, site.enclosing, called=site.relation == "call")
        if known is False and not self._reachable(located, site):
            return None
        return known

    def _means(
        self, located: Located, facts: Facts, target: str, enclosing: int, *, called: bool = False
    ) -> bool | None:
        written = targets(target, self.name, fold=self.fold)
        if not written and not self._renamed(facts, target):
            return None
        found = resolve(self.view, located, facts, target, enclosing, called=called, guess=False, look=self.look)
        if found.definitions and not found.by_name:
            return True if any(self._is_asked(file, item) for file, item in found.definitions) else None
        imported = _imported(facts, target)
        if found.outside and imported is not None:
            return True if same(imported, self.name, fold=self.fold) and not self._defined() else None
        return False if written else None

    def _is_asked(self, located: Located, definition: Definition) -> bool:
        return named(definition.name, self.name, located.relative, fold=self.fold)

    def _defined(self) -> bool:
        """Say whether the workspace defines the name, so that one from outside is another."""
        files = self.view.naming(last(self.name), ("define",), never)
        return any(self._is_asked(file, item) for file in files for item in self.view.facts(file).definitions)

    def _renamed(self, facts: Facts, target: str) -> bool:
        """Say whether the target is what an import calls the name here."""
        imported = _imported(facts, target)
        return imported is not None and last(imported) == last(self.name) and last(target) != last(imported)

    def _reachable(self, located: Located, site: Site) -> bool:
        return site.relation != "call" or reachable(site.target, self.name, self.view.data(located) or b"")


def _imported(facts: Facts, target: str) -> str | None:
    """Return a dotted name with its head as the file's imports write it; None when none of them binds it."""
    head, dot, rest = target.partition(".")
    for taken in facts.imports:
        if taken.local == head:
            whole = f"{taken.module}.{taken.name}" if taken.name else taken.module
            return f"{whole}{dot}{rest}"
    return None

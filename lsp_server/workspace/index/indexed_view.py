"""A look at the workspace through its indexes: what they hold is taken from them, the rest is read and parsed."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import attrs

from lsp_server.errors import OutOfScope
from lsp_server.workspace.facts import Definition, Facts, Role
from lsp_server.workspace.files import Files
from lsp_server.workspace.index.base import StoreCorrupt, role_bits
from lsp_server.workspace.index.coverage import Part
from lsp_server.workspace.index.parsed import name_rows
from lsp_server.workspace.index.unranked import rank_changed
from lsp_server.workspace.languages import grammar_of
from lsp_server.workspace.linear_regex import Regex
from lsp_server.workspace.names import last
from lsp_server.workspace.places import Located
from lsp_server.workspace.ranking import order
from lsp_server.workspace.scope import never
from lsp_server.workspace.view import Cancelled, Freshness, Passage, Wanted

_T = TypeVar("_T")
_MORE = 3
"""So many times the wanted passages are asked for, since some may be of texts that have changed."""
_MAX_UNRANKED = 50
"""So many files that are not ranked yet are looked at; more take too long."""

FactsOf = Callable[[Located, bytes], Facts]


@attrs.define(eq=False)
class IndexedView:
    """See `view.View`."""

    files: Files
    _parts: dict[str, Part]
    """By workspace folder."""
    _parse: FactsOf
    """Gives the facts of a text that no index holds."""
    _note: str = ""
    _facts: dict[Located, tuple[bytes, Facts]] = attrs.field(factory=dict[Located, tuple[bytes, Facts]])
    """Of what was read directly: a query asks more than once."""
    _unseen: int = 0
    _unranked: int = 0
    """Files that the last ranking left out."""

    @property
    def freshness(self) -> Freshness:
        """What was read is true, and so is what an index answered; what a cancelled search left out is stale."""
        files = sum(len(part) for part in self._parts.values())
        unseen = min(files, self._unseen + self._unranked)
        note = f"Ranked words cover {files - self._unranked:,} of {files:,} files so far." if self._unranked else ""
        return Freshness(files - unseen, unseen, self._note or note)

    def listed(self, wanted: Wanted, cancelled: Cancelled) -> list[Located]:  # noqa: ARG002
        """Return the wanted files in showing order."""
        return [located for part in self._ordered() for located in part if wanted(located)]

    def _ordered(self) -> Iterator[list[Located]]:
        if len(self._parts) == 1:
            yield from (part.ordered for part in self._parts.values())
        else:
            yield list(heapq.merge(*(part.ordered for part in self._parts.values()), key=order))

    def data(self, located: Located) -> bytes | None:
        """Return a file's normal bytes; None when there are none to see."""
        return self._guarded(lambda: self._data(located))

    def facts(self, located: Located) -> Facts:
        """Return a file's facts: from the index, or parsed."""
        return self._guarded(lambda: self._facts_of(located))

    def definitions(self, located: Located, name: str = "") -> Sequence[Definition]:
        """Return a file's definitions: from the index, or parsed."""
        return self._guarded(lambda: self._definitions_of(located, name))

    def naming(self, name: str, roles: Sequence[Role], cancelled: Cancelled, *, fold: bool = False) -> list[Located]:
        """Return the files that hold the name in one of the roles, and those read directly whose text holds it."""
        bits = role_bits(roles)

        def find() -> list[Located]:
            found: list[Located] = []
            for part in self._parts.values():
                found += (part.located(entry) for entry in part.naming(name, bits, fold=fold))
            return found

        found = self._guarded(find)
        wanted = name.lower().encode() if fold else name.encode()
        for located, data in self._read_directly(_is_code, cancelled):
            if wanted in (data.lower() if fold else data):
                found.append(located)
        return sorted(found, key=order)

    def uses(self, name: str) -> int:
        """Return how often a name is used: counted in the index, and in what was read directly."""
        total = self._guarded(lambda: sum(part.uses(name) for part in self._parts.values()))
        wanted = name.encode()
        for located, data in self._read_directly(_is_code, never):
            if wanted in data:
                total += sum(uses for found, _, _, uses in name_rows(0, self.facts(located)) if found == name)
        return total

    def symbol_names(self, cancelled: Cancelled) -> bytes:
        """Return the names of the index, some of changed files perhaps, with those of what was read directly."""
        known = self._guarded(lambda: [part.symbol_names() for part in self._parts.values()])
        text, names = known[0].text, known[0].names
        own = {name for others in known[1:] for name in others.names}
        for located, _ in self._read_directly(_is_code, cancelled):
            own.update(last(item.name) for item in self.facts(located).definitions)
        new = own - names
        return text + "".join([f"{name}\n" for name in new]).encode("utf-8", "replace") if new else text

    def holding(self, sieve: Regex, wanted: Wanted, cancelled: Cancelled) -> Iterator[tuple[Located, bytes]]:
        """Search all texts at once, then what was not indexed."""
        self._unseen = 0
        given: set[Located] = set()
        try:
            for part in self._parts.values():
                for located, data in part.holding(sieve, wanted, cancelled):
                    given.add(located)
                    yield located, data
        except StoreCorrupt:
            self._degrade()
        if cancelled():
            self._unseen = max(1, sum(len(part) for part in self._parts.values()) - len(given))
            return
        for located, data in self._read_directly(wanted, cancelled):
            if located not in given and sieve.search(data) is not None:
                yield located, data

    def ranked(self, words: str, limit: int, cancelled: Cancelled) -> list[Passage]:
        """Rank by the index; stretches of what it has not ranked yet, by the share of the words they hold.

        While a new index is being ranked, only some of the files that wait for it are; freshness then says so.
        """

        def find() -> tuple[list[Passage], list[Located]]:
            found: list[Passage] = []
            waiting: list[Located] = []
            for part in self._parts.values():
                passages, unranked = part.ranked(words, limit * _MORE)
                found += passages
                waiting += map(part.located, unranked)
            return found, waiting

        found, waiting = self._guarded(find)
        self._unranked = max(0, len(waiting) - _MAX_UNRANKED)
        held = ((it, data) for it in waiting[:_MAX_UNRANKED] if (data := self.data(it)) is not None)
        changed = self._read_directly(lambda _located: True, cancelled)
        best = max((passage.score for passage in found), default=1.0)
        found += rank_changed(words, best, itertools.chain(held, changed), self.facts)
        return sorted(found, key=lambda passage: -passage.score)[:limit]

    # -- inside

    def _data(self, located: Located) -> bytes | None:
        part = self._part(located)
        entry = part.entry(located.relative) if part is not None else None
        if part is not None and entry is not None:
            return part.data(entry)
        try:
            return self.files.data(located)
        except OutOfScope:
            return None  # binary, too large, or gone since it was listed

    def _facts_of(self, located: Located) -> Facts:
        if grammar_of(located.name) is None:
            return Facts()
        part = self._part(located)
        entry = part.entry(located.relative) if part is not None else None
        known = part.facts(entry) if part is not None and entry is not None else None
        if known is not None:
            return known
        data = self._data(located)
        if data is None:
            return Facts()
        seen = self._facts.get(located)
        if seen is None or seen[0] != data:
            seen = self._facts[located] = data, self._parse(located, data)
        return seen[1]

    def _definitions_of(self, located: Located, name: str) -> Sequence[Definition]:
        part = self._part(located)
        entry = part.entry(located.relative) if part is not None else None
        found = part.definitions(entry, name) if part is not None and entry is not None else None
        if found is not None:
            return found
        found = self._facts_of(located).definitions
        return [item for item in found if last(item.name) == name] if name else found

    def _part(self, located: Located) -> Part | None:
        return self._parts.get(str(located.root))

    def _read_directly(self, wanted: Wanted, cancelled: Cancelled) -> Iterator[tuple[Located, bytes]]:
        """Yield the wanted files that no index holds as they stand."""
        self._unseen = 0
        waiting = [located for part in self._parts.values() for located in part.direct if wanted(located)]
        for at, located in enumerate(waiting):
            if cancelled():
                self._unseen = len(waiting) - at
                return
            data = self._data(located)
            if data is not None:
                yield located, data

    def _guarded(self, ask: Callable[[], _T]) -> _T:
        """Ask the indexes; when one of them cannot be read, ask again without them."""
        try:
            return ask()
        except StoreCorrupt:
            self._degrade()
            return ask()

    def _degrade(self) -> None:
        for part in self._parts.values():
            part.degrade(self.files)


def _is_code(located: Located) -> bool:
    return grammar_of(located.name) is not None

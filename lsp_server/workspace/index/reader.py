"""A window's side of one workspace folder's index: what is in it now, and how to ask it."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import attrs

from lsp_server.workspace.facts import Definition, Facts
from lsp_server.workspace.index import fact_json
from lsp_server.workspace.index.base import ROLE_BITS, StoreCorrupt
from lsp_server.workspace.index.cache_folder import CacheFolder
from lsp_server.workspace.index.packed import PackedReader
from lsp_server.workspace.index.ranked import RankedHit, RankedReader
from lsp_server.workspace.index.storage import packed_names
from lsp_server.workspace.index.store import GONE, Stamp
from lsp_server.workspace.linear_regex import Regex
from lsp_server.workspace.names import last
from lsp_server.workspace.places import Located
from lsp_server.workspace.ranking import order

_WINDOW_BYTES = 32_000_000
"""How much text is searched between two looks at whether the search was cancelled."""
_ENTRIES = (
    "SELECT files.id, path, content, coalesce(start, 0), coalesce(length, 0), coalesce(facts, 0), "
    "coalesce(contents.size, -1), modified, changed, files.size, inode "
    "FROM files LEFT JOIN contents ON contents.id = content"
)
_NAMING = "SELECT DISTINCT content FROM names WHERE name = ? AND roles & ?"
_NAMING_FOLDED = "SELECT DISTINCT content FROM names WHERE lower(name) = ? AND roles & ?"
_DEFINED = "SELECT DISTINCT name FROM names WHERE roles & ? AND content IN (SELECT content FROM files)"
_FACTS_KEPT_BYTES = 4_000_000
"""Of facts as they are written; as values they take several times as much."""


@attrs.frozen
class Entry:
    """A file as it was indexed."""

    file: int
    path: str
    content: int
    start: int
    length: int
    facts: int
    """Where its facts begin."""
    size: int
    """Of its facts: 0 where nothing is known, -1 where none are kept."""
    stamp: Stamp

    @property
    def has_text(self) -> bool:
        """Whether there is a text to see."""
        return self.content > 0


@attrs.frozen(eq=False, slots=False)
class Snapshot:
    """The files of one folder at one moment, with their texts."""

    root: Path
    entries: Mapping[str, Entry]
    """By path; those that are gone are left out."""
    texts: PackedReader
    facts: PackedReader
    before: Snapshot | None = None
    """One with the same paths."""

    def data(self, entry: Entry) -> bytes:
        """Return a file's normal bytes.

        Raises:
            StoreCorrupt: they are not where they should be.
        """
        return self.texts.read(entry.start, entry.length)

    @cached_property
    def by_file(self) -> Mapping[int, Entry]:
        """The entries by the number that the index gave them."""
        return {entry.file: entry for entry in self.entries.values()}

    @cached_property
    def by_content(self) -> Mapping[int, Sequence[Entry]]:
        """The entries by the text that they have."""
        found: dict[int, list[Entry]] = {}
        for entry in self.entries.values():
            found.setdefault(entry.content, []).append(entry)
        return found

    @cached_property
    def ordered(self) -> list[Located]:
        """The places of the entries in showing order."""
        if self.before is not None:
            return self.before.ordered
        return sorted((Located(self.root, path) for path in self.entries), key=order)

    @cached_property
    def _spans(self) -> tuple[list[int], list[tuple[int, list[Entry]]]]:
        """Return where texts begin, in order, and for each where it ends and whose it is."""
        found: dict[int, tuple[int, list[Entry]]] = {}
        for entry in self.entries.values():
            if entry.has_text:
                found.setdefault(entry.start, (entry.start + entry.length, []))[1].append(entry)
        starts = sorted(found)
        return starts, [found[start] for start in starts]

    def holding(self, sieve: Regex, cancelled: Callable[[], bool]) -> Iterator[list[Entry]]:
        """Yield the files that the sieve matches, those of one text together, by passing once over all texts."""
        starts, spans = self._spans
        at = 0
        whole = cast("Any", self.texts.map)
        while at < len(starts) and not cancelled():
            limit = starts[at] + _WINDOW_BYTES
            last = max(at, bisect_right(starts, limit) - 1)
            end = spans[last][0]
            while at <= last:
                self.texts.check()
                hit = cast("Any", sieve).search(whole, starts[at], end)
                if hit is None:
                    break
                at = max(at, bisect_right(starts, hit.start()) - 1)
                stop, entries = spans[at]
                inside = hit.start() <= stop and hit.end() <= stop
                if inside or sieve.search(self.texts.read(starts[at], stop - starts[at])) is not None:
                    yield entries
                at += 1
            else:
                continue
            at = last + 1


@attrs.frozen
class SymbolNames:
    r"""Distinct bare names, as a text in which each is followed by `\n`, and as a set."""

    text: bytes
    names: AbstractSet[str]


class Reader:
    """Reads one generation; safe to use from several threads.

    Every method but `close` raises StoreCorrupt when the index cannot be read.
    """

    def __init__(self, folder: CacheFolder, generation: str) -> None:
        """Open the generation."""
        self.generation = generation
        self._folder = folder
        self._lock = threading.RLock()
        self._ranked: RankedReader | None = None
        self._ranked_seen = -1
        self._names: SymbolNames | None = None
        self._renamed: list[Entry] = []
        """Files whose names may not be among them."""
        self._known: OrderedDict[int, tuple[int, Facts]] = OrderedDict()
        """Facts by content, as long as they are used, with the bytes that they were read from."""
        self._known_bytes = 0
        self._revision = self._pack = 0
        with _reading():
            self._db = folder.database(generation)
        self.snapshot = self._whole()

    def close(self) -> None:
        """Let go of the store; snapshots stay usable."""
        with self._lock:
            self._db.close()

    def reload(self) -> None:
        """See everything anew: another indexer may have forgotten what went before."""
        with self._lock:
            self.snapshot = self._whole()

    def refresh(self, revision: int) -> Snapshot:
        """Return the files as they are now, at a revision that the indexer told."""
        with self._lock, _reading():
            old = self.snapshot
            if revision <= self._revision:
                return old
            with self._at_once():
                now, pack = int(self._meta("revision")), int(self._meta("pack"))
                rows = self._db.execute(f"{_ENTRIES} WHERE revision > ?", (self._revision,)).fetchall()
            if pack != self._pack:
                self.snapshot = self._whole()
            elif rows:
                changed = [_entry(row) for row in rows]
                self._renamed += changed
                self.snapshot = self._changed(old, changed)
            self._revision = now
            return self.snapshot

    def _changed(self, old: Snapshot, changed: Sequence[Entry]) -> Snapshot:
        entries = dict(old.entries)
        for entry in changed:
            if entry.content == GONE:
                entries.pop(entry.path, None)
            else:
                entries[entry.path] = entry
        same = entries.keys() == old.entries.keys()
        return self._snapshot(entries, changed, old, old if same else None)

    def facts(self, snapshot: Snapshot, entry: Entry) -> Facts | None:
        """Return the facts of an entry's text; None where none are kept."""
        if entry.size <= 0:
            return None if entry.size else Facts()
        with self._lock:
            known = self._known.get(entry.content)
            if known is not None:
                self._known.move_to_end(entry.content)
                return known[1]
        with _reading():
            facts = fact_json.decode(snapshot.facts.read(entry.facts, entry.size))
        with self._lock:
            if entry.content not in self._known:
                self._known[entry.content] = entry.size, facts
                self._known_bytes += entry.size
            while self._known_bytes > _FACTS_KEPT_BYTES and self._known:
                self._known_bytes -= self._known.popitem(last=False)[1][0]
        return facts

    def definitions(self, snapshot: Snapshot, entry: Entry, name: str = "") -> Sequence[Definition] | None:
        """Return the definitions of an entry's text, or those of a bare name; None where none are kept."""
        if entry.size <= 0:
            return None if entry.size else ()
        with self._lock:
            known = self._known.get(entry.content)
        if known is not None:
            return [item for item in known[1].definitions if not name or last(item.name) == name]
        with _reading():
            return fact_json.decode_definitions(snapshot.facts.read(entry.facts, entry.size), name)

    def naming(self, name: str, roles: int, *, fold: bool) -> list[int]:
        """Return the contents that hold a name in one of the roles, those of no file too."""
        query = _NAMING_FOLDED if fold else _NAMING
        return [content for (content,) in self._rows(query, (name.lower() if fold else name, roles))]

    def uses(self, name: str) -> Sequence[tuple[int, int]]:
        """Return contents, and how often each uses a name."""
        return self._rows("SELECT content, uses FROM names WHERE name = ? AND uses", (name,))

    def symbol_names(self) -> SymbolNames:
        """Return the names of all definitions, and perhaps some that files had until lately."""
        with self._lock:
            known = self._names
            if known is None:
                names = {name for (name,) in self._rows(_DEFINED, (ROLE_BITS["define"],))}
                known = SymbolNames(_lines(names), names)
            else:
                new: set[str] = set()
                for entry in self._renamed:
                    found = self.definitions(self.snapshot, entry) if entry.has_text else None
                    new.update(last(item.name) for item in found or ())
                new -= known.names
                if new:
                    known = SymbolNames(known.text + _lines(new), known.names | new)
            self._names, self._renamed = known, []
            return known

    def ranked(self, words: str, limit: int) -> tuple[list[RankedHit], list[int]]:
        """Return the best stretches for some words, and the files whose words are not yet ranked as they stand."""
        with self._lock, _reading():
            with self._at_once():
                revision = int(self._meta("revision"))
                waiting = [file for (file,) in self._db.execute("SELECT id FROM files WHERE ranked != content")]
            if self._ranked is None:
                self._ranked = RankedReader(self._folder.ranked(self.generation))
            elif revision != self._ranked_seen:
                self._ranked.reload()
            self._ranked_seen = revision
            reader = self._ranked
        return reader.search(words, limit), waiting

    def _rows(self, query: str, values: Sequence[object]) -> list[Any]:
        with self._lock, _reading():
            return self._db.execute(query, tuple(values)).fetchall()

    @contextlib.contextmanager
    def _at_once(self) -> Generator[None]:
        """Let several queries see one state."""
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("COMMIT")

    def _meta(self, key: str) -> str:
        found = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return "0" if found is None else str(found[0])

    def _whole(self) -> Snapshot:
        try:
            return self._read_whole()
        except StoreCorrupt:
            return self._read_whole()  # the texts may have been packed anew in between

    def _read_whole(self) -> Snapshot:
        with _reading():
            with self._at_once():
                self._revision, self._pack = int(self._meta("revision")), int(self._meta("pack"))
                rows = self._db.execute(f"{_ENTRIES} WHERE content != {GONE}").fetchall()
            entries = {entry.path: entry for entry in map(_entry, rows)}
            self._names, self._renamed = None, []
            return self._snapshot(entries, tuple(entries.values()), None, None)

    def _snapshot(
        self, entries: Mapping[str, Entry], new: Sequence[Entry], old: Snapshot | None, same: Snapshot | None
    ) -> Snapshot:
        """Return a snapshot whose packed files hold the new entries too: those of an older one where they suffice."""
        names = packed_names(self._pack)
        ends = max((it.start + it.length for it in new), default=0), max((it.facts + it.size for it in new), default=0)
        mapped = (old.texts, old.facts) if old is not None else (None, None)
        texts, facts = map(self._mapped, names, ends, mapped)
        before = same.before or same if same is not None else None  # no chain of all that ever was
        return Snapshot(self._folder.root, entries, texts, facts, before)

    def _mapped(self, name: str, end: int, old: PackedReader | None) -> PackedReader:
        return old if old is not None and old.holds(end) else PackedReader(self._folder, self.generation, name)


@contextlib.contextmanager
def _reading() -> Generator[None]:
    """Turn whatever SQLite says into one error: a reader cannot mend anything."""
    try:
        yield
    except (sqlite3.Error, OSError, ValueError) as error:
        raise StoreCorrupt(str(error)) from error


def _lines(names: Iterable[str]) -> bytes:
    return "".join([f"{name}\n" for name in names]).encode("utf-8", "replace")


def _entry(row: Sequence[Any]) -> Entry:
    file, path, content, start, length, facts, size, *stamp = row
    return Entry(file, path, content, start, length, facts, size, Stamp(*stamp))

"""A window's side of one workspace folder's index: what is in it now, and how to ask it."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from bisect import bisect_right
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import attrs

from lsp_server.workspace.facts import Definition, Facts
from lsp_server.workspace.index import fact_json
from lsp_server.workspace.index.base import ROLE_BITS, StoreCorrupt
from lsp_server.workspace.index.cache_folder import CacheFolder
from lsp_server.workspace.index.ranked import RankedHit, RankedReader
from lsp_server.workspace.index.store import GONE, Stamp, facts_blob
from lsp_server.workspace.index.texts import TextReader
from lsp_server.workspace.linear_regex import Regex
from lsp_server.workspace.places import Located
from lsp_server.workspace.ranking import order

_WINDOW_BYTES = 32_000_000
"""How much text is searched between two looks at whether the search was cancelled."""
_ENTRIES = (
    "SELECT files.id, path, content, coalesce(start, 0), coalesce(length, 0), modified, changed, size, inode "
    "FROM files LEFT JOIN contents ON contents.id = content"
)
_NAMING = "SELECT DISTINCT file FROM names WHERE name = ? AND roles & ?"
_NAMING_FOLDED = "SELECT DISTINCT file FROM names WHERE lower(name) = ? AND roles & ?"


@attrs.frozen
class Entry:
    """A file as it was indexed."""

    file: int
    path: str
    content: int
    start: int
    length: int
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
    texts: TextReader
    texts_name: str
    revision: int

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
    def ordered(self) -> list[Located]:
        """The places of the entries in showing order."""
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
        self._names: tuple[int, bytes] = (-1, b"")
        with _reading():
            self._db = folder.database(generation)
        self.snapshot = self._whole()

    def close(self) -> None:
        """Let go of the store; snapshots stay usable but for their facts."""
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
            if revision <= old.revision:
                return old
            if self._meta("texts") != old.texts_name:
                self.snapshot = self._whole()
                return self.snapshot
            self._db.execute("BEGIN")
            try:
                now = int(self._meta("revision") or 0)
                rows = self._db.execute(f"{_ENTRIES} WHERE revision > ?", (old.revision,)).fetchall()
            finally:
                self._db.execute("COMMIT")
            entries = dict(old.entries)
            for row in rows:
                entry = _entry(row)
                entries.pop(entry.path, None)
                if entry.content != GONE:
                    entries[entry.path] = entry
            grown = not all(old.texts.holds(row[3], row[4]) for row in rows)
            texts = TextReader(self._folder, self.generation, old.texts_name) if grown else old.texts
            self.snapshot = Snapshot(old.root, entries, texts, old.texts_name, now)
            return self.snapshot

    def facts(self, content: int) -> Facts | None:
        """Return the facts of a content; None where none are kept."""
        blob = self._blob(content)
        if not blob:
            return None if blob is None else Facts()
        with _reading():
            return fact_json.decode(blob)

    def definitions(self, content: int, name: str) -> Sequence[Definition] | None:
        """Return the definitions of a content, all or those of a bare name; None where none are kept."""
        blob = self._blob(content)
        if not blob:
            return None if blob is None else ()
        with _reading():
            return fact_json.decode_definitions(blob, name)

    def _blob(self, content: int) -> bytes | None:
        with self._lock, _reading():
            return facts_blob(self._db, content)

    def naming(self, name: str, roles: int, *, fold: bool) -> list[int]:
        """Return the numbers of the files that hold a name in one of the roles."""
        query = _NAMING_FOLDED if fold else _NAMING
        return [file for (file,) in self._rows(query, (name.lower() if fold else name, roles))]

    def uses(self, name: str) -> Sequence[tuple[int, int]]:
        """Return file numbers, and how often each uses a name."""
        return self._rows("SELECT file, uses FROM names WHERE name = ? AND uses", (name,))

    def symbol_names(self) -> bytes:
        r"""Return the distinct bare names of all definitions, each followed by `\n`."""
        with self._lock:
            revision = self.snapshot.revision
            if self._names[0] != revision:
                rows = self._rows("SELECT DISTINCT name FROM names WHERE roles & ?", (ROLE_BITS["define"],))
                self._names = revision, "".join([f"{name}\n" for (name,) in rows]).encode("utf-8", "replace")
            return self._names[1]

    def ranked(self, words: str, limit: int, commits: int) -> list[RankedHit]:
        """Return the best stretches for some words, at the number of commits that the indexer told."""
        with self._lock:
            if self._ranked is None:
                self._ranked = RankedReader(self._folder.ranked(self.generation))
            elif commits != self._ranked_seen:
                self._ranked.reload()
            self._ranked_seen = commits
            reader = self._ranked
        return reader.search(words, limit)

    def _rows(self, query: str, values: Sequence[object]) -> list[Any]:
        with self._lock, _reading():
            return self._db.execute(query, tuple(values)).fetchall()

    def _meta(self, key: str) -> str:
        found = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return "" if found is None else str(found[0])

    def _whole(self) -> Snapshot:
        try:
            return self._read_whole()
        except StoreCorrupt:
            return self._read_whole()  # the texts may have been packed anew in between

    def _read_whole(self) -> Snapshot:
        with _reading():
            self._db.execute("BEGIN")
            try:
                revision, name = int(self._meta("revision") or 0), self._meta("texts")
                rows = self._db.execute(f"{_ENTRIES} WHERE content != {GONE}").fetchall()
            finally:
                self._db.execute("COMMIT")
        texts = TextReader(self._folder, self.generation, name)
        entries = {entry.path: entry for entry in map(_entry, rows)}
        return Snapshot(self._folder.root, entries, texts, name, revision)


@contextlib.contextmanager
def _reading() -> Generator[None]:
    """Turn whatever SQLite says into one error: a reader cannot mend anything."""
    try:
        yield
    except (sqlite3.Error, OSError, ValueError) as error:
        raise StoreCorrupt(str(error)) from error


def _entry(row: Sequence[Any]) -> Entry:
    file, path, content, start, length, *stamp = row
    return Entry(file, path, content, start, length, Stamp(*stamp))

"""The index's tables: contents by hash, their names, files by path. One process writes them, many read.

`files` tells what stands on the disk now. `contents` and `names` also keep what stood there before, so that a file
that changes back, or a branch that is switched back to, costs no parsing.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Generator, Iterator, Sequence
from typing import Any

import attrs

from lsp_server.workspace.index.base import CacheUnusable, StoreCorrupt
from lsp_server.workspace.index.parsed import NameRow

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE contents (
    id INTEGER PRIMARY KEY, key BLOB UNIQUE, start INTEGER, length INTEGER, facts INTEGER, size INTEGER
);
CREATE TABLE files (
    id INTEGER PRIMARY KEY, path TEXT UNIQUE, content INTEGER, modified INTEGER, changed INTEGER, size INTEGER,
    inode INTEGER, revision INTEGER, ranked INTEGER DEFAULT 0
);
CREATE INDEX files_by_revision ON files (revision);
CREATE INDEX files_unranked ON files (id) WHERE ranked != content;
CREATE TABLE names (
    name TEXT, content INTEGER, roles INTEGER, uses INTEGER, PRIMARY KEY (name, content)
) WITHOUT ROWID;
"""
GONE = -1
"""The content of a file that is no longer there; its row stays until the next start, so that readers hear of it."""
NO_TEXT = 0
"""The content of a file that is there and has no text to see: binary, too large, or denied."""
_FULL = ("full", "readonly database", "disk I/O error", "unable to open")
_NAMES_AT_ONCE = 60_000
_CHECKPOINT_PAGES = 8000
"""The log is copied into the store when it is this long; rarely, since a page is then copied once for many changes."""


@attrs.frozen
class Stamp:
    """What the file system says of a file: equal stamps mean equal text."""

    modified: int
    """Nanoseconds."""
    changed: int
    """Nanoseconds: of its inode, which no tool can set back."""
    size: int
    inode: int

    @classmethod
    def of(cls, found: os.stat_result) -> Stamp:
        """Take the stamp from the system's answer."""
        return cls(found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)


@attrs.frozen
class Content:
    """A text that was seen once, and where it and its facts lie."""

    id: int
    start: int
    length: int
    facts: int
    size: int
    """Of the facts: 0 where nothing is known, -1 where they were never asked for."""


@attrs.frozen
class FileRow:
    """A file as it was last looked at."""

    id: int
    content: int
    stamp: Stamp

    @property
    def is_there(self) -> bool:
        """Whether the file existed then."""
        return self.content != GONE


@attrs.frozen
class Unranked:
    """A file whose ranked words are not those of its content."""

    file: int
    path: str
    content: int
    new: bool
    """Whether it never had any."""
    text: Content | None


@contextlib.contextmanager
def store_errors() -> Generator[None]:
    """Turn SQLite's errors into ours.

    Raises:
        CacheUnusable: the disk is full, or the folder cannot be written.
        StoreCorrupt: anything else.
    """
    try:
        yield
    except sqlite3.Error as error:
        if isinstance(error, sqlite3.OperationalError) and any(word in str(error) for word in _FULL):
            raise CacheUnusable(f"The index cannot be kept: {error}.") from error
        raise StoreCorrupt(str(error)) from error


class Store:
    """The writer's side: rows are gathered, and written when there are many, when some are asked for, by `commit`."""

    def __init__(self, connection: sqlite3.Connection, *, new: bool) -> None:
        """Prepare the tables.

        Raises:
            StoreCorrupt: they are not as they should be.
            CacheUnusable: the disk is full.
        """
        self._db = connection
        self._new_keys: dict[bytes, Content] = {}
        self._files: list[tuple[object, ...]] = []
        self._names: list[NameRow] = []
        with store_errors():
            if new:
                self._db.execute("PRAGMA page_size = 8192")
            self._db.execute("PRAGMA journal_mode = WAL")
            # a power cut may cost the last seconds, never the store: what it holds is checked against the files
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute("PRAGMA cache_size = -16000")
            self._db.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
            if new:
                self._db.executescript(_TABLES)
            self._revision = int(self.meta("revision", "0"))
            self._next_content = self._one("SELECT coalesce(max(id), 0) FROM contents") + 1
            self._next_file = self._one("SELECT coalesce(max(id), 0) FROM files") + 1

    # -- reading

    def meta(self, key: str, default: str = "") -> str:
        """Return a value that `set_meta` kept."""
        found = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return default if found is None else str(found[0])

    def content(self, key: bytes) -> Content | None:
        """Return the content of a key, if it was ever seen."""
        waiting = self._new_keys.get(key)
        if waiting is not None:
            return waiting
        found = self._db.execute(f"{_CONTENTS} WHERE key = ?", (key,)).fetchone()
        return None if found is None else Content(*found)

    def file(self, path: str) -> FileRow | None:
        """Return a file's row, also that of one that is gone."""
        self._flush()
        found = self._db.execute(f"{_FILE_ROW} WHERE path = ?", (path,)).fetchone()
        return None if found is None else _file_row(found[1:])

    def files(self) -> dict[str, FileRow]:
        """Return every file, those that are gone included, by path."""
        self._flush()
        return {row[0]: _file_row(row[1:]) for row in self._db.execute(_FILE_ROW)}

    def below(self, folder: str) -> list[str]:
        """Return the paths of the files in a folder that are there."""
        self._flush()
        low, high = f"{folder}/", f"{folder}0"  # 0 follows the slash in ASCII
        query = "SELECT path FROM files WHERE path > ? AND path < ? AND content != ?"
        return [path for (path,) in self._db.execute(query, (low, high, GONE))]

    def unranked(self, after: int, count: int) -> list[Unranked]:
        """Return the first files behind a number whose ranked words are not those of their content."""
        self._flush()
        query = (
            "SELECT files.id, path, content, ranked = 0, contents.id, start, length, facts, contents.size "
            "FROM files LEFT JOIN contents ON contents.id = content "
            "WHERE ranked != content AND files.id > ? ORDER BY files.id LIMIT ?"
        )
        return [_unranked(row) for row in self._db.execute(query, (after, count))]

    def count_unranked(self) -> int:
        """Return how many of them there are."""
        self._flush()
        return self._one("SELECT count(*) FROM files WHERE ranked != content")

    def newest(self, count: int) -> list[Content]:
        """Return the contents that were added last."""
        query = f"{_CONTENTS} ORDER BY id DESC LIMIT ?"
        return [Content(*row) for row in self._db.execute(query, (count,))]

    def count(self) -> int:
        """Return how many files there are."""
        self._flush()
        return self._one("SELECT count(*) FROM files WHERE content >= 0")

    def unused(self) -> tuple[int, int]:
        """Return how many contents no file has any more, and how many bytes of text."""
        self._flush()
        query = (
            "SELECT count(*), coalesce(sum(length), 0) FROM contents "
            "WHERE id NOT IN (SELECT content FROM files WHERE content > 0)"
        )
        count, length = self._db.execute(query).fetchone()
        return count, length

    # -- writing

    def set_meta(self, key: str, value: str) -> None:
        """Keep a small value."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def reserve(self) -> int:
        """Return a number for a text that is to be added."""
        self._next_content += 1
        return self._next_content - 1

    def add_content(self, key: bytes, content: Content, names: list[NameRow]) -> None:
        """Keep where a text lies, under a number that was reserved, and the names that it holds."""
        self._new_keys[key] = content
        self._names += names
        if len(self._names) > _NAMES_AT_ONCE:
            self._flush()

    def put_file(self, path: str, known: FileRow | None, content: int, stamp: Stamp) -> None:
        """Say what a file holds now."""
        if known is None:
            file = self._next_file
            self._next_file += 1
        else:
            file = known.id
        values = (stamp.modified, stamp.changed, stamp.size, stamp.inode)
        self._files.append((file, path, content, *values, self._revision + 1))

    def set_ranked(self, files: Sequence[tuple[int, int]]) -> None:
        """Note, as pairs of content and file, of which content a file's ranked words are."""
        self._db.executemany("UPDATE files SET ranked = ? WHERE id = ?", files)

    def forget_gone(self) -> None:
        """Drop the rows of files that are gone; only while nobody reads."""
        self._db.execute("DELETE FROM files WHERE content = ? AND ranked IN (0, ?)", (GONE, GONE))

    def repack(self) -> Iterator[Content]:
        """Drop the contents that no file has, and yield the others in their order, to be moved."""
        self._flush()
        self._db.execute("DELETE FROM contents WHERE id NOT IN (SELECT content FROM files)")
        self._db.execute("DELETE FROM names WHERE content NOT IN (SELECT content FROM files)")
        for row in self._db.execute(f"{_CONTENTS} ORDER BY start").fetchall():
            yield Content(*row)

    def move(self, content: int, start: int, facts: int) -> None:
        """Say where a text and its facts lie now."""
        self._db.execute("UPDATE contents SET start = ?, facts = ? WHERE id = ?", (start, facts, content))

    def commit(self) -> int:
        """End the transaction, if there is one; return the revision that readers see from now on.

        Raises:
            CacheUnusable: the disk is full.
            StoreCorrupt: the store is damaged.
        """
        with store_errors():
            self._flush()
            if self._db.in_transaction:
                self._revision += 1
                self.set_meta("revision", str(self._revision))
                self._db.commit()
        return self._revision

    def close(self) -> None:
        """Let go of the store; what was not committed is dropped."""
        with contextlib.suppress(sqlite3.Error):
            self._db.rollback()
        self._db.close()

    def _flush(self) -> None:
        if self._new_keys:
            rows = [(it.id, key, it.start, it.length, it.facts, it.size) for key, it in self._new_keys.items()]
            self._db.executemany("INSERT INTO contents VALUES (?, ?, ?, ?, ?, ?)", rows)
            self._new_keys.clear()
        if self._names:
            self._names.sort()  # neighbours go to the same page
            self._db.executemany("INSERT OR REPLACE INTO names VALUES (?, ?, ?, ?)", self._names)
            self._names = []
        if self._files:
            self._db.executemany(_PUT_FILE, self._files)
            self._files = []

    def _one(self, query: str) -> int:
        return int(self._db.execute(query).fetchone()[0])


_CONTENTS = "SELECT id, start, length, facts, size FROM contents"
_FILE_ROW = "SELECT path, id, content, modified, changed, size, inode FROM files"
_PUT_FILE = (
    "INSERT INTO files (id, path, content, modified, changed, size, inode, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (id) DO UPDATE SET content = excluded.content, modified = excluded.modified, "
    "changed = excluded.changed, size = excluded.size, inode = excluded.inode, revision = excluded.revision"
)


def _file_row(row: Sequence[int]) -> FileRow:
    return FileRow(row[0], row[1], Stamp(*row[2:]))


def _unranked(row: Sequence[Any]) -> Unranked:
    file, path, content, new, *text = row
    return Unranked(file, path, content, bool(new), Content(*text) if text[0] is not None else None)

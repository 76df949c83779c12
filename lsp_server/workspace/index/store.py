"""The index's tables: contents by hash, files by path, names by file. One process writes them, many read.

`files` and `names` tell what stands on the disk now. `contents` and `facts` also keep what stood there before, so that
a file that changes back, or a branch that is switched back to, costs no parsing.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Generator, Iterable, Iterator, Sequence

import attrs

from lsp_server.workspace.index.base import CacheUnusable, StoreCorrupt
from lsp_server.workspace.index.parsed import NameRow

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE contents (id INTEGER PRIMARY KEY, key BLOB UNIQUE, start INTEGER, length INTEGER);
CREATE TABLE facts (content INTEGER PRIMARY KEY, blob BLOB);
CREATE TABLE files (
    id INTEGER PRIMARY KEY, path TEXT UNIQUE, content INTEGER, modified INTEGER, changed INTEGER, size INTEGER,
    inode INTEGER, revision INTEGER, ranked INTEGER
);
CREATE INDEX files_by_revision ON files (revision);
CREATE TABLE names (name TEXT, file INTEGER, roles INTEGER, uses INTEGER, PRIMARY KEY (name, file)) WITHOUT ROWID;
"""
GONE = -1
"""The content of a file that is no longer there; its row stays until the next start, so that readers hear of it."""
NO_TEXT = 0
"""The content of a file that is there and has no text to see: binary, too large, or denied."""
_FULL = ("full", "readonly database", "disk I/O error", "unable to open")


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
    """A text that was seen once, and where it lies."""

    id: int
    start: int
    length: int


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
    """The writer's side; a change begins a transaction that `commit` ends."""

    def __init__(self, connection: sqlite3.Connection, *, new: bool) -> None:
        """Prepare the tables.

        Raises:
            StoreCorrupt: they are not as they should be.
            CacheUnusable: the disk is full.
        """
        self._db = connection
        with store_errors():
            self._db.execute("PRAGMA journal_mode = WAL")
            # a power cut may cost the last seconds, never the store: what it holds is checked against the files
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute("PRAGMA cache_size = -16000")
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
        found = self._db.execute("SELECT id, start, length FROM contents WHERE key = ?", (key,)).fetchone()
        return None if found is None else Content(*found)

    def facts(self, content: int) -> bytes:
        """Return the facts of a content as they were written; empty where there are none."""
        return facts_blob(self._db, content) or b""

    def file(self, path: str) -> FileRow | None:
        """Return a file's row, also that of one that is gone."""
        found = self._db.execute(f"{_FILE_ROW} WHERE path = ?", (path,)).fetchone()
        return None if found is None else _file_row(found[1:])

    def files(self) -> dict[str, FileRow]:
        """Return every file, those that are gone included, by path."""
        return {row[0]: _file_row(row[1:]) for row in self._db.execute(_FILE_ROW)}

    def below(self, folder: str) -> list[str]:
        """Return the paths of the files in a folder that are there."""
        low, high = f"{folder}/", f"{folder}0"  # 0 follows the slash in ASCII
        query = "SELECT path FROM files WHERE path > ? AND path < ? AND content != ?"
        return [path for (path,) in self._db.execute(query, (low, high, GONE))]

    def unranked(self) -> list[tuple[int, str, int, int, int]]:
        """Return id, path, content, start and length for each file whose ranked words are not those of its content."""
        query = (
            "SELECT files.id, path, content, coalesce(start, 0), coalesce(length, 0) FROM files "
            "LEFT JOIN contents ON contents.id = content WHERE ranked IS NOT content"
        )
        return self._db.execute(query).fetchall()

    def newest(self, count: int) -> list[Content]:
        """Return the contents that were added last."""
        query = "SELECT id, start, length FROM contents ORDER BY id DESC LIMIT ?"
        return [Content(*row) for row in self._db.execute(query, (count,))]

    def count(self) -> int:
        """Return how many files there are."""
        return self._one("SELECT count(*) FROM files WHERE content >= 0")

    def live_bytes(self) -> int:
        """Return how long the texts are that files have now."""
        return self._one("SELECT coalesce(sum(length), 0) FROM contents WHERE id IN (SELECT content FROM files)")

    # -- writing

    def set_meta(self, key: str, value: str) -> None:
        """Keep a small value."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def add_content(self, key: bytes, start: int, length: int, blob: bytes | None) -> int:
        """Keep a text's place and facts, None for those of no language; return its id."""
        content = self._next_content
        self._next_content += 1
        self._db.execute("INSERT INTO contents VALUES (?, ?, ?, ?)", (content, key, start, length))
        if blob is not None:
            self._db.execute("INSERT INTO facts VALUES (?, ?)", (content, blob))
        return content

    def put_file(self, path: str, known: FileRow | None, content: int, stamp: Stamp) -> int:
        """Say what a file holds now; return its id. Its names are the caller's to change."""
        values = (content, stamp.modified, stamp.changed, stamp.size, stamp.inode, self._revision + 1)
        if known is not None:
            query = "UPDATE files SET content=?, modified=?, changed=?, size=?, inode=?, revision=? WHERE id=?"
            self._db.execute(query, (*values, known.id))
            return known.id
        file = self._next_file
        self._next_file += 1
        self._db.execute("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)", (file, path, *values))
        return file

    def add_names(self, files: Iterable[tuple[int, list[NameRow]]]) -> None:
        """Add the names that files hold."""
        rows = [(name, file, roles, uses) for file, names in files for name, roles, uses in names]
        rows.sort()  # neighbours go to the same page
        self._db.executemany("INSERT OR REPLACE INTO names VALUES (?, ?, ?, ?)", rows)

    def drop_names(self, file: int, names: Iterable[NameRow]) -> None:
        """Remove the names that a file held."""
        self._db.executemany("DELETE FROM names WHERE name = ? AND file = ?", [(row[0], file) for row in names])

    def set_ranked(self, files: Sequence[tuple[int, int]]) -> None:
        """Note, as pairs of content and file, of which content a file's ranked words are."""
        self._db.executemany("UPDATE files SET ranked = ? WHERE id = ?", files)

    def forget_gone(self) -> None:
        """Drop the rows of files that are gone; only while nobody reads."""
        self._db.execute("DELETE FROM files WHERE content = ? AND ranked = ?", (GONE, GONE))

    def repack(self) -> Iterator[Content]:
        """Drop the contents that no file has, and yield the others in their order, to be moved."""
        self._db.execute("DELETE FROM facts WHERE content NOT IN (SELECT content FROM files)")
        self._db.execute("DELETE FROM contents WHERE id NOT IN (SELECT content FROM files)")
        for row in self._db.execute("SELECT id, start, length FROM contents ORDER BY start").fetchall():
            yield Content(*row)

    def move(self, content: int, start: int) -> None:
        """Say where a text lies now."""
        self._db.execute("UPDATE contents SET start = ? WHERE id = ?", (start, content))

    def commit(self) -> int:
        """End the transaction, if there is one; return the revision that readers see from now on.

        Raises:
            CacheUnusable: the disk is full.
            StoreCorrupt: the store is damaged.
        """
        with store_errors():
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

    def _one(self, query: str) -> int:
        return int(self._db.execute(query).fetchone()[0])


def facts_blob(connection: sqlite3.Connection, content: int) -> bytes | None:
    """Return the facts of a content as they were written: empty where nothing is known, None where none are kept."""
    found = connection.execute("SELECT blob FROM facts WHERE content = ?", (content,)).fetchone()
    return None if found is None else found[0]


_FILE_ROW = "SELECT path, id, content, modified, changed, size, inode FROM files"


def _file_row(row: Sequence[int]) -> FileRow:
    return FileRow(row[0], row[1], Stamp(*row[2:]))

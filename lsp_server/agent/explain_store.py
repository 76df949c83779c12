"""Explanations on disk: one SQLite file for all windows of a user, which holds words and hashes, nothing else."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

MOST_ENTRIES = 20_000
MOST_BYTES = 20_000_000
_KEPT_SHARE = 0.9
"""What stays when the oldest go, so that they need not go at each writing."""
_PATIENCE_SECONDS = 2.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS words (key TEXT PRIMARY KEY, text TEXT NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pace (model TEXT PRIMARY KEY, seconds REAL NOT NULL) WITHOUT ROWID;
"""
_SIZE = "SELECT count(*), total(length(CAST(text AS BLOB))) FROM words"
_TRIM = """
DELETE FROM words WHERE key IN (
    SELECT key FROM (
        SELECT key, row_number() OVER newest AS number, sum(length(CAST(text AS BLOB))) OVER newest AS bytes
        FROM words WINDOW newest AS (ORDER BY used DESC, key ROWS UNBOUNDED PRECEDING)
    ) WHERE number > ? OR bytes > ?
)
"""

_Value = TypeVar("_Value", str, float)


class ExplanationStore:
    """Reads through one connection and writes through another, so that a reader never waits for a writer.

    A file that is corrupt is begun anew; where the disk refuses, nothing is kept until it takes something again.
    Nothing raises: what is not kept is generated again.
    """

    def __init__(self, path: Path, *, most_entries: int = MOST_ENTRIES, most_bytes: int = MOST_BYTES) -> None:
        """Open the file, making it where it is missing; this may take the disk's time."""
        self._path = path
        self._most = (most_entries, most_bytes)
        self._reader: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None
        self._writing = threading.Lock()
        self._closed = False
        self._write(lambda _: None)

    def text(self, key: str) -> str | None:
        """Return the words kept under `key`; takes microseconds."""
        return self._read("SELECT text FROM words WHERE key = ?", key, str)

    def seconds(self, model: str) -> float | None:
        """Return how long an explanation by that model takes here, as it was last noted."""
        return self._read("SELECT seconds FROM pace WHERE model = ?", model, float)

    def keep(self, key: str, text: str) -> None:
        """Keep words under `key`; beyond the limits those go that were not used for longest."""

        def change(writer: sqlite3.Connection) -> None:
            writer.execute("INSERT OR REPLACE INTO words VALUES (?, ?, ?)", (key, text, int(time.time())))
            size = writer.execute(_SIZE).fetchone()
            if any(value > most for value, most in zip(size, self._most, strict=True)):
                writer.execute(_TRIM, [int(most * _KEPT_SHARE) for most in self._most])

        self._write(change)

    def note_used(self, keys: Iterable[str]) -> None:
        """Note that words were used now."""
        rows = [(int(time.time()), key) for key in keys]
        self._write(lambda writer: writer.executemany("UPDATE words SET used = ? WHERE key = ?", rows))

    def note_seconds(self, model: str, seconds: float) -> None:
        """Keep how long an explanation by that model takes here."""
        self._write(lambda writer: writer.execute("INSERT OR REPLACE INTO pace VALUES (?, ?)", (model, seconds)))

    def close(self) -> None:
        """Let go of the file, for good."""
        with self._writing:
            self._closed = True
            self._let_go()

    def _read(self, query: str, key: str, kind: type[_Value]) -> _Value | None:
        try:
            row = self._reader.execute(query, (key,)).fetchone() if self._reader is not None else None
        except sqlite3.Error:  # locked, corrupt or closed: as if it were not there; the next writing mends it
            return None
        return row[0] if row is not None and isinstance(row[0], kind) else None

    def _write(self, change: Callable[[sqlite3.Connection], object]) -> None:
        """Make a change in a transaction, in a new file where the present one is corrupt."""
        with self._writing, suppress(OSError, sqlite3.Error):
            if self._closed:
                return
            try:
                self._change(change)
            except sqlite3.OperationalError:  # full, locked or read-only; corruption is not of this kind
                return
            except sqlite3.DatabaseError:
                self._let_go()
                self._remove()
                self._change(change)

    def _change(self, change: Callable[[sqlite3.Connection], object]) -> None:
        writer = self._writer or self._open()
        with writer:
            change(writer)

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))  # SQLite's own mode is wider
        writer = self._connected(_PATIENCE_SECONDS)
        try:
            writer.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; {_SCHEMA}")
            self._reader = self._connected(0)
        except sqlite3.Error:
            writer.close()
            raise
        self._writer = writer
        return writer

    def _connected(self, patience: float) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=patience, check_same_thread=False)

    def _let_go(self) -> None:
        for connection in (self._reader, self._writer):
            if connection is not None:
                connection.close()
        self._reader = self._writer = None

    def _remove(self) -> None:
        for ending in ("-wal", "-shm", ""):  # the file last: a new one must not meet an old log
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)

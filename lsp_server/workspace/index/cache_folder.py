"""An index's folder in the user's cache folder: the only file of the index that opens anything, and only there."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import mmap
import os
import shutil
import sqlite3
import stat
import time
from collections.abc import Generator
from io import FileIO
from pathlib import Path

import attrs

from lsp_server.settings import Settings
from lsp_server.user_folders import cache_root
from lsp_server.workspace.index.base import CacheUnusable
from lsp_server.workspace.index.version import index_version

_FOLDER_MODE = 0o700
_FILE_MODE = 0o600
_BUSY_SECONDS = 10.0
"""How long a statement waits for the other process's."""
_UNUSED_SECONDS = 30 * 24 * 3600
"""An index that no window has used for this long goes."""

_CURRENT = "current"
_LOCK = "lock"
_ABOUT = "about.json"
_STORE = "store.sqlite"
_RANKED = "ranked"


def decisive(settings: Settings) -> dict[str, object]:
    """Return the settings that decide which files an index holds."""
    return {
        "allow_ignored": list(settings.allow_ignored),
        "max_file_bytes": settings.max_file_bytes,
        "exclude": list(settings.exclude),
    }


@contextlib.contextmanager
def cache_errors() -> Generator[None]:
    """Turn what a full disk, a denied or a vanished cache folder raise into one error.

    Raises:
        CacheUnusable: with a sentence for a person.
    """
    try:
        yield
    except OSError as error:
        raise CacheUnusable(f"The index cannot be kept in {cache_root()}: {_reason(error)}.") from error


def _reason(error: OSError) -> str:
    return "the disk is full" if error.errno in {errno.ENOSPC, errno.EDQUOT} else error.strerror or str(error)


@attrs.frozen
class CacheFolder:
    """The files of the index of one workspace folder under one set of settings, as this program's version makes it."""

    path: Path
    root: Path

    @classmethod
    def of(cls, root: Path, settings: Settings) -> CacheFolder:
        """Name the folder; nothing is made."""
        about = json.dumps([os.fsdecode(root), decisive(settings), index_version()])
        name = hashlib.blake2b(about.encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()
        return cls(cache_root() / "index" / name, root)

    def make(self) -> None:
        """Make the folder, and those above it that are missing; nobody else may enter any of them.

        Raises:
            CacheUnusable: it cannot be made, or is another user's.
        """
        with cache_errors():
            for folder in reversed((self.path, *self.path.parents)):
                folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
            for folder in (self.path.parent, self.path):
                _make_private(folder)

    def lock(self) -> int | None:
        """Take the writer's lock for as long as the descriptor is open; None while another process has it.

        Raises:
            CacheUnusable: the lock's file cannot be opened.
        """
        with cache_errors():
            handle = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _FILE_MODE)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return None
        if not self._is_locked_by(handle):  # the folder was removed in between: the next try makes it again
            os.close(handle)
            return None
        os.utime(handle)  # says when the index was last used
        about = json.dumps({"root": os.fsdecode(self.root), "version": index_version()})
        with cache_errors():
            _replace(self.path / _ABOUT, about.encode("utf-8", "surrogateescape"))
        return handle

    def _is_locked_by(self, handle: int) -> bool:
        """Say whether what `lock` returned is still the lock: who removes the folder takes it away."""
        try:
            return os.path.samestat(os.fstat(handle), (self.path / _LOCK).stat())
        except OSError:
            return False

    def log(self) -> int:
        """Open the log of the indexer, emptied.

        Raises:
            CacheUnusable: it cannot be opened.
        """
        with cache_errors():
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
            return os.open(self.path / "log", flags, _FILE_MODE)

    # -- generations: a damaged store is made again in another folder, which then takes its place

    def current(self) -> str:
        """Return the generation to read; empty where there is none."""
        try:
            name = (self.path / _CURRENT).read_text("ascii").strip()
        except (OSError, ValueError):
            return ""
        return name if name.isdecimal() and (self.path / name).is_dir() else ""

    def fresh(self) -> str:
        """Make the folder of the next generation and return its name.

        Raises:
            CacheUnusable: it cannot be made.
        """
        with cache_errors():
            name = str(int(self.current() or "0") + 1)
            shutil.rmtree(self.path / name, ignore_errors=True)
            (self.path / name / _RANKED).mkdir(mode=_FOLDER_MODE, parents=True)
            (self.path / name).chmod(_FOLDER_MODE)
            return name

    def swap(self, generation: str) -> None:
        """Let readers take this generation from now on, and remove the others.

        Raises:
            CacheUnusable: the folder cannot be written.
        """
        with cache_errors():
            _replace(self.path / _CURRENT, generation.encode())
            for other in self.path.iterdir():
                if other.name.isdecimal() and other.name != generation:
                    shutil.rmtree(other, ignore_errors=True)

    def discard(self, generation: str) -> None:
        """Remove a generation, to give its space back."""
        shutil.rmtree(self.path / generation, ignore_errors=True)

    def size(self) -> int:
        """Return the bytes that all files of the folder take."""
        files = (path.stat() for path in self.path.rglob("*") if path.is_file())
        return sum(found.st_size for found in files)

    # -- files of one generation

    def database(self, generation: str, *, write: bool = False) -> sqlite3.Connection:
        """Connect to a generation's store, for one thread at a time.

        Raises:
            sqlite3.Error: it cannot be opened.
        """
        path = self.path / generation / _STORE
        if write:
            with cache_errors():
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _FILE_MODE))
        # a reader takes part in SQLite's locks, which lie in files beside the store: it may not be opened read-only
        connection = sqlite3.connect(
            f"{path.as_uri()}?mode=rw",
            uri=True,
            timeout=_BUSY_SECONDS,
            isolation_level="IMMEDIATE" if write else None,
            check_same_thread=False,
        )
        connection.execute(f"PRAGMA query_only = {int(not write)}")
        return connection

    def append_packed(self, generation: str, name: str) -> FileIO:
        """Open a packed file of a generation to append to it.

        Raises:
            CacheUnusable: it cannot be opened.
        """
        with cache_errors():
            path = self.path / generation / name
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            return os.fdopen(os.open(path, flags, _FILE_MODE), "ab", buffering=0)

    def map_packed(self, generation: str, name: str) -> mmap.mmap:
        """Map a packed file of a generation into memory, as long as it is now.

        Raises:
            OSError: it cannot be read.
            ValueError: it is empty.
        """
        with (self.path / generation / name).open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def drop_packed(self, generation: str, name: str) -> None:
        """Remove a file that was packed anew; who has it mapped keeps it."""
        (self.path / generation / name).unlink(missing_ok=True)

    def keep_packed(self, generation: str, names: tuple[str, ...]) -> None:
        """Remove the packed files but these: an indexer that is killed while it packs leaves some behind."""
        for path in (self.path / generation).glob("*-[0-9]*"):
            if path.name not in names:
                path.unlink(missing_ok=True)

    def ranked(self, generation: str) -> Path:
        """Return the folder that the ranked words of a generation lie in."""
        return self.path / generation / _RANKED

    # -- other indexes

    def remove_outdated(self) -> None:
        """Remove indexes of the same folder by other versions, and those that nobody has used for long."""
        for other in self._others():
            if self._is_outdated(other):
                _remove_unlocked(other)

    def _others(self) -> list[Path]:
        with contextlib.suppress(OSError):
            return [path for path in self.path.parent.iterdir() if path != self.path and path.is_dir()]
        return []

    def _is_outdated(self, other: Path) -> bool:
        try:
            about = json.loads((other / _ABOUT).read_bytes())
            if about["root"] == os.fsdecode(self.root) and about["version"] != index_version():
                return True
            return time.time() - (other / _LOCK).stat().st_mtime > _UNUSED_SECONDS
        except FileNotFoundError:
            return False  # it is being made
        except (OSError, ValueError, KeyError, TypeError):
            return True


def _make_private(folder: Path) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise PermissionError(errno.EPERM, f"{folder} is not this user's")
    folder.chmod(_FOLDER_MODE)


def _remove_unlocked(folder: Path) -> None:
    """Remove an index unless a process writes it."""
    with contextlib.suppress(OSError):
        handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _FILE_MODE)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(handle)


def _replace(path: Path, data: bytes) -> None:
    """Write a small file such that a reader sees the old one or the new one."""
    beside = path.with_name(f".{path.name}.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _FILE_MODE)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)

"""The socket's name in the file system, given up such that no client is lost and no other process's is taken."""

from __future__ import annotations

import fcntl
import os
import socket
from pathlib import Path

import anyio
from anyio.abc import SocketListener

_PRIVATE = 0o600


class Door:
    """The path by which clients find this process.

    Whoever starts a process holds the lock and has found that nobody listens. A process that listens therefore owns
    its path, and takes it away before it stops to listen, never after.
    """

    def __init__(self, path: Path, lock: Path) -> None:
        self._public = path
        self._path = path
        self._lock = lock
        self._identity: tuple[int, int] | None = None
        self._handle: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether clients can still find this process, or could if it were not hidden."""
        return self._identity is not None and self._identity == _identity(self._path)

    def is_taken(self) -> bool:
        """Whether another process listens at the path."""
        with socket.socket(socket.AF_UNIX) as caller:
            try:
                caller.connect(str(self._public))
            except OSError:
                return False
            return True

    async def open(self) -> SocketListener:
        """Listen; a file that a killed process left behind is replaced."""
        self._public.unlink(missing_ok=True)
        listener = await anyio.create_unix_listener(self._public, mode=_PRIVATE)
        self._identity = _identity(self._public)
        return listener

    def hide(self) -> bool:
        """Take the lock and the path, for good or until `show`; False where somebody else holds the lock."""
        handle = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._handle = handle
        if self.is_open:
            self._path = self._public.rename(self._public.with_suffix(".leaving"))
        return True

    def show(self) -> None:
        """Undo `hide`."""
        if self.is_open:
            self._path = self._path.rename(self._public)
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def close(self) -> None:
        """Take the path away, if it is ours; whoever comes from here on starts a fresh process."""
        if self.is_open:
            self._path.unlink(missing_ok=True)
        self._identity = None


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino

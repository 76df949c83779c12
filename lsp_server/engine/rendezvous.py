"""Where a resident process is met: its socket and its lock, in a folder that only this user may enter."""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import attrs

from lsp_server.engine.base import WIRE_VERSION
from lsp_server.errors import EngineUnavailable

_PRIVATE = 0o700
_LONGEST_SOCKET_PATH = 100
"""Bytes; macOS takes 103, Linux 107."""
_NAME_BYTES = len("/0123456789abcdef.leaving")
"""The longest name that a socket has in its folder (resident/door.py renames it)."""
_ASK_AGAIN_SECONDS = 0.05
"""A lock is asked for this often: a thread that blocks in flock could not be cancelled."""


@attrs.frozen
class Rendezvous:
    """The files of one resident process."""

    socket: Path
    lock: Path
    log: Path


def rendezvous(model_hash: str, command: Sequence[str], logs: Path) -> Rendezvous:
    """Return where the process of this model, wire version and program is met.

    Raises:
        EngineUnavailable: the folder cannot be made, or is another user's.
    """
    name = hashlib.sha256("\0".join((model_hash, str(WIRE_VERSION), *command)).encode()).hexdigest()[:16]
    folder = _private_folder()
    try:
        logs.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EngineUnavailable(f"The folder {logs} cannot be made: {error.strerror}.") from error
    return Rendezvous(folder / f"{name}.sock", folder / f"{name}.lock", logs / f"resident-{name}.log")


def _private_folder() -> Path:
    """Return the user's runtime folder: the first candidate that exists and is short enough for a socket's path."""
    temporary = f"inglenook-{os.getuid()}"
    base = os.environ.get("XDG_RUNTIME_DIR")
    candidates = [Path(base) / "inglenook"] if base else []
    candidates += [Path(tempfile.gettempdir()) / temporary, Path("/tmp") / temporary]  # noqa: S108 - its owner is checked
    folder = next((path for path in candidates if _fits(path)), candidates[-1])
    try:
        folder.mkdir(mode=_PRIVATE, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise EngineUnavailable(f"The folder {folder} cannot be used: {error.strerror}.") from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise EngineUnavailable(f"The folder {folder} is not this user's.", f"Remove {folder} and try again.")
    if stat.S_IMODE(found.st_mode) != _PRIVATE:
        folder.chmod(_PRIVATE)
    return folder


def _fits(folder: Path) -> bool:
    return folder.parent.is_dir() and len(os.fsencode(folder)) + _NAME_BYTES <= _LONGEST_SOCKET_PATH


@asynccontextmanager
async def start_lock(path: Path) -> AsyncGenerator[None, None]:
    """Hold the lock under which a process is started or leaves; waits without blocking the event loop.

    Raises:
        EngineUnavailable: the lock's file cannot be opened.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise EngineUnavailable(f"The file {path} cannot be opened: {error.strerror}.") from error
    try:
        while not _taken(handle):  # noqa: ASYNC110 - nothing tells when another process lets go
            await anyio.sleep(_ASK_AGAIN_SECONDS)
        yield
    finally:
        os.close(handle)


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

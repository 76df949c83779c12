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
import anyio.to_thread
import attrs

from lsp_server.engine.base import WIRE_VERSION
from lsp_server.errors import EngineUnavailable

_PRIVATE = 0o700


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
    logs.mkdir(parents=True, exist_ok=True)
    return Rendezvous(folder / f"{name}.sock", folder / f"{name}.lock", logs / f"resident-{name}.log")


def _private_folder() -> Path:
    """Return the user's runtime folder; short, since a socket's path may have about 100 bytes."""
    base = os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(base) / "inglenook" if base else Path(tempfile.gettempdir()) / f"inglenook-{os.getuid()}"
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


@asynccontextmanager
async def start_lock(path: Path) -> AsyncGenerator[None, None]:
    """Hold the lock under which a process is started or leaves; waits without blocking the event loop."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        await anyio.to_thread.run_sync(fcntl.flock, handle, fcntl.LOCK_EX, limiter=anyio.CapacityLimiter(1))
        yield
    finally:
        os.close(handle)

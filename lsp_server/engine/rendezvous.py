"""Where a resident process is met: its socket and its lock, in a folder that only this user may enter."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import attrs

from lsp_server.engine.base import WIRE_VERSION
from lsp_server.errors import EngineUnavailable
from lsp_server.user_folders import runtime_folder

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
    try:
        folder = runtime_folder()
    except OSError as error:
        raise EngineUnavailable(f"The folder {error.filename} cannot be used: {error.strerror}.") from error
    try:
        logs.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EngineUnavailable(f"The folder {logs} cannot be made: {error.strerror}.") from error
    return Rendezvous(folder / f"{name}.sock", folder / f"{name}.lock", logs / f"resident-{name}.log")


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

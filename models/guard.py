"""What every making keeps to: alone, on the disk, nothing half-made left behind, the disk's failures as sentences."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Generator
from pathlib import Path

from lsp_server.errors import ModelBuildFailed
from models.progress import Note, Watch

_DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextlib.contextmanager
def alone(final: Path, watch: Watch) -> Generator[None]:
    """Hold the lock of one folder to be; a second making waits for the first, and then finds it made."""
    waiting = Note(f"Another build of {final.name} is running; waiting for it.")
    with locked(final.with_name(f".lock-{final.name}"), lambda: watch.tell(waiting)):
        yield


@contextlib.contextmanager
def locked(path: Path, busy: Callable[[], None]) -> Generator[None]:
    """Hold the lock of a file; where another process holds it, call `busy`, which may raise, and then wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            busy()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def disk_told(final: Path) -> Generator[None]:
    """Tell what the operating system refused as a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_FULL:
            raise ModelBuildFailed(
                f"The disk is full: {final.parent} has no room for the model.",
                "Free some space (`inglenook model plan` says how much), or set INGLENOOK_HOME to a larger disk; "
                "what was downloaded is kept.",
            ) from error
        raise ModelBuildFailed(
            f"The model could not be written: {error}.", "Check the folder's permissions."
        ) from error


@contextlib.contextmanager
def unfinished(final: Path) -> Generator[Path]:
    """Give the path, beside `final`, of what is not whole yet; whatever happens, it is gone afterwards."""
    partial = final.with_name(f".partial-{final.name}")
    clear(partial)
    try:
        yield partial
    finally:
        clear(partial)


def sync(path: Path) -> None:
    """Wait until a file, or a folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def clear(path: Path) -> None:
    """Delete a folder, if there is one."""
    shutil.rmtree(path, ignore_errors=True)

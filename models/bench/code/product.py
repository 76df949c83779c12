"""The product as shipped, in a private home: its index begins cold, and its processes can be told from others."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import attrs
import psutil

from lsp_server.settings import Settings
from lsp_server.user_folders import HOME_VARIABLE
from lsp_server.workspace.index.base import IndexState
from lsp_server.workspace.scope import never
from lsp_server.workspace.workspace import Workspace
from models.bench.surroundings import variable

READY_SECONDS = 120.0
_LEAVING_SECONDS = 15.0
_SAMPLES_SECONDS = 0.05


@attrs.frozen
class Home:
    """A home of the product's that nothing but this run uses."""

    folder: Path

    @property
    def index_bytes(self) -> int:
        """Size of everything that the index keeps."""
        return sum(path.stat().st_size for path in (self.folder / "cache").rglob("*") if path.is_file())

    def processes(self) -> list[psutil.Process]:
        """Return the product's processes in this home, without the one that measures."""
        return [process for process in psutil.process_iter() if self._has(process)]

    def wait_until_empty(self) -> None:
        """Wait until the processes have left by themselves.

        Raises:
            RuntimeError: one of them did not; it was ended.
        """
        _, staying = psutil.wait_procs(self.processes(), timeout=_LEAVING_SECONDS)
        for process in staying:
            process.kill()
        if staying:
            raise RuntimeError(f"{len(staying)} processes did not leave within {_LEAVING_SECONDS:g} s.")

    def _has(self, process: psutil.Process) -> bool:
        if process.pid == os.getpid():
            return False
        try:
            return process.environ().get(HOME_VARIABLE) == str(self.folder)
        except (psutil.Error, OSError):
            return False  # another user's, or gone


@contextmanager
def private_home() -> Generator[Home]:
    """Give this process and its children a new home, and take it away when they have left it."""
    with (
        tempfile.TemporaryDirectory(prefix="nook-", ignore_cleanup_errors=True) as folder,
        variable(HOME_VARIABLE, folder),
    ):
        home = Home(Path(folder))
        try:
            yield home
            home.wait_until_empty()
        finally:
            for process in home.processes():
                process.kill()


@attrs.frozen
class Start:
    """What the start of an index took, in seconds."""

    ready: float
    """Until names, references and texts were whole."""
    ranked: float
    """Until the ranked words were, too."""


@contextmanager
def opened(root: Path) -> Generator[tuple[Workspace, Start]]:
    """Open a folder as a window does, and yield it once its index is whole, with the seconds that this took.

    Raises:
        RuntimeError: the index did not become ready.
    """
    workspace = Workspace([root], Settings())
    began = time.perf_counter()
    workspace.open_index(_unheard, watch=False)
    try:
        if not workspace.wait_ready(READY_SECONDS, never) or workspace.index_state.state != "ready":
            raise RuntimeError(f"The index of {root.name} is not ready: {workspace.index_state}.")
        ready = time.perf_counter() - began
        if not workspace.wait_ready(READY_SECONDS, never, ranked=True):
            raise RuntimeError(f"The index of {root.name} is not ranked: {workspace.index_state}.")
        yield workspace, Start(ready, time.perf_counter() - began)
    finally:
        workspace.close()


def _unheard(_state: IndexState) -> None:
    """Hear what the index is doing; `wait_ready` tells what is needed here."""


class MemoryWatch:
    """The most memory that some processes held together, sampled until the block ends."""

    def __init__(self, processes: Callable[[], list[psutil.Process]]) -> None:
        self.largest = 0
        """Bytes."""
        self._processes = processes
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopped.wait(_SAMPLES_SECONDS):
            self.largest = max(self.largest, sum(map(memory_of, self._processes())))


def memory_of(process: psutil.Process) -> int:
    """Return the bytes that a process holds: its share of shared pages on Linux, resident pages elsewhere."""
    try:
        full = process.memory_full_info()
        return int(getattr(full, "pss", full.rss))
    except (psutil.Error, OSError):
        return 0  # gone

"""Windows over one folder: workspaces whose index's states are recorded and can be waited for."""

from __future__ import annotations

import fcntl
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lsp_server.settings import Settings
from lsp_server.user_folders import cache_root
from lsp_server.workspace.index.base import IndexState
from lsp_server.workspace.index.messages import Told
from lsp_server.workspace.places import Located
from lsp_server.workspace.scope import never
from lsp_server.workspace.workspace import Workspace

SECONDS = 60.0
"""Longer than any wait takes on a busy machine."""


class Window:
    """One editor's workspace with its index open."""

    def __init__(self, roots: Sequence[Path], settings: Settings, *, watch: bool) -> None:
        self.workspace = Workspace(roots, settings)
        self.states: list[IndexState] = []
        self._changed = threading.Condition()
        self.workspace.open_index(self._hear, watch=watch)

    def _hear(self, state: IndexState) -> None:
        with self._changed:
            self.states.append(state)
            self._changed.notify_all()

    @property
    def told(self) -> Told:
        """What the indexer of the first folder said last."""
        indexes = self.workspace._index.indexes  # pyright: ignore[reportPrivateUsage]
        assert indexes is not None
        return indexes.clients[0].told

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds; it is looked at whenever the index's state changes."""
        deadline = time.monotonic() + SECONDS
        with self._changed:
            while not holds():
                assert self._changed.wait(deadline - time.monotonic()), self.states[-5:]

    def ready(self, *, ranked: bool = False) -> Window:
        """Wait until the index is ready, its ranked words too if wanted."""
        assert self.workspace.wait_ready(SECONDS, ranked=ranked), self.states[-5:]
        return self

    def changed(self, *paths: Path) -> None:
        """Tell of changed paths, and wait until they are indexed."""
        self.workspace.files_changed(paths)
        self.ready()

    def files(self) -> list[str]:
        """Return every file that a view lists, by name."""
        return sorted(located.relative for located in self.workspace.view().listed(lambda _located: True, never))

    def defining(self, name: str) -> list[str]:
        """Return the files that define a name."""
        view = self.workspace.view()
        found = view.naming(name, ("define",), never)
        return [it.relative for it in found if any(d.name == name for d in view.facts(it).definitions)]

    def text(self, path: str) -> bytes | None:
        """Return a file's text as a view sees it."""
        return self.workspace.view().data(Located(self.workspace.roots[0], path))

    def close(self) -> None:
        """Close the window."""
        self.workspace.close()


class Windows:
    """Opens windows, and closes them with every process that they started."""

    def __init__(self) -> None:
        self._windows: list[Window] = []

    def open(self, *roots: Path, settings: Settings | None = None, watch: bool = False) -> Window:
        """Open one more window."""
        window = Window(roots, settings or Settings(), watch=watch)
        self._windows.append(window)
        return window

    def close(self) -> None:
        """Close every window and wait for the indexers to leave."""
        for window in self._windows:
            window.close()
        indexers_left()


def indexers_left() -> None:
    """Wait until no process holds the lock of an index in the cache folder; it fails when one stays."""
    for lock in (cache_root() / "index").glob("*/lock"):
        left = threading.Event()
        threading.Thread(target=_wait_for, args=(lock, left), daemon=True).start()
        assert left.wait(SECONDS), f"An indexer holds {lock}."


def _wait_for(lock: Path, left: threading.Event) -> None:
    with lock.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
    left.set()


@contextmanager
def open_windows() -> Generator[Windows]:
    """Yield a way to open windows; none, and no process of theirs, is left behind."""
    windows = Windows()
    try:
        yield windows
    finally:
        windows.close()

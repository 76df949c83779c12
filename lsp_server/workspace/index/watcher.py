"""Watches a workspace folder for editors that cannot tell of changed files."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from lsp_server.workspace.ignoring import CACHE_FOLDERS, VCS_FOLDERS
from lsp_server.workspace.index.base import EXCLUDE_FILE

_STEP_MS = 20
"""Changes that follow one another this closely are told together."""
_DEBOUNCE_MS = 200
_AGAIN_SECONDS = 10.0
"""A folder that cannot be watched is compared, and tried again, this often."""


class Watcher:
    """Tells of changed paths, relative to the folder, from a thread of its own."""

    def __init__(
        self,
        root: Path,
        changed: Callable[[Sequence[str]], None],
        opened: AbstractSet[str] = frozenset(),
        again_seconds: float = _AGAIN_SECONDS,
    ) -> None:
        """Prepare; `opened` are names of cache folders that are not passed over."""
        self._root = root
        self._changed = changed
        self._passed_over = (CACHE_FOLDERS - opened) | VCS_FOLDERS
        self._again_seconds = again_seconds
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to watch; a second call does nothing. What changed before is told as one change of everything."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="watching", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        said = ""
        while not self._stop.is_set():
            try:
                self._follow()
            except (OSError, RuntimeError) as error:  # the folder is gone, or the system has no watch to spare
                if str(error) != said:
                    said = str(error)
                    sys.stderr.write(f"{self._root} cannot be watched: {said}\n")
                    sys.stderr.flush()
                self._stop.wait(self._again_seconds)
                self._changed([""])

    def _follow(self) -> None:
        """Tell of changes until the end, or until another folder stands in the place of this one."""
        import watchfiles  # noqa: PLC0415 - few editors need it

        base = f"{self._root}/"
        watched = self._root.stat()
        changes = watchfiles.watch(
            self._root,
            watch_filter=lambda _change, path: self._wanted(path.removeprefix(base)),
            stop_event=self._stop,
            step=_STEP_MS,
            debounce=_DEBOUNCE_MS,
            rust_timeout=500,
            yield_on_timeout=True,
            raise_interrupt=False,
        )
        first = True
        for found in changes:
            paths = [path.removeprefix(base) for _, path in found]
            if first:  # the system's watch stands by now, and nobody has told what happened before
                paths, first = ["", *paths], False
            if paths:
                self._changed(paths)
            if str(self._root) in paths or not os.path.samestat(self._root.stat(), watched):
                return

    def _wanted(self, relative: str) -> bool:
        return relative == EXCLUDE_FILE or not self._passed_over.intersection(relative.split("/"))

"""The indexes of a window's workspace folders, taken together."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

from lsp_server.errors import OutOfScope
from lsp_server.settings import Settings
from lsp_server.workspace.files import Files
from lsp_server.workspace.ignoring import is_version_control
from lsp_server.workspace.index.base import EXCLUDE_FILE, IndexState, State
from lsp_server.workspace.index.client import Client
from lsp_server.workspace.index.coverage import cover
from lsp_server.workspace.index.indexed_view import IndexedView
from lsp_server.workspace.index.overlay import Overlay
from lsp_server.workspace.listing import is_plain
from lsp_server.workspace.parse_cache import ParseCache
from lsp_server.workspace.path_names import relative_to
from lsp_server.workspace.places import Located
from lsp_server.workspace.view import Cancelled

_LOOK_AGAIN_SECONDS = 0.05
"""Nothing tells when a caller cancels."""
_WORST_FIRST: tuple[State, ...] = ("direct", "starting", "indexing", "ready")

OnState = Callable[[IndexState], None]


class Indexes:
    """Safe to use from several threads."""

    def __init__(self, files: Files, settings: Settings, parsed: ParseCache, on_state: OnState, *, watch: bool) -> None:
        """Begin to look for the indexers; `on_state` is called from threads of this object."""
        self._files = files
        self._on_state = on_state
        self._changed = threading.Condition()
        self._said = IndexState()
        self._clients = {
            root: Client(root, settings, watch=watch, on_change=self._on_change) for root in files.scope.roots
        }
        self._overlay = Overlay(parsed, self._parse)
        self._closed = False
        files.on_buffer(self._on_buffer)
        for client in self._clients.values():
            client.begin()

    @property
    def state(self) -> IndexState:
        """The least advanced of the folders' states, their files summed up."""
        states = [client.state for client in self._clients.values()]
        worst = min(states, key=lambda state: _WORST_FIRST.index(state.state))
        percents = [state.percent for state in states if state.percent is not None]
        return IndexState(
            worst.state,
            sum(state.files for state in states),
            sum(state.stale for state in states),
            min(percents) if percents else None,
            next((state.message for state in states if state.message), None),
            sum(state.unranked for state in states),
        )

    @property
    def clients(self) -> Sequence[Client]:
        """One for each folder."""
        return tuple(self._clients.values())

    def view(self, files: Files, cancelled: Cancelled, *, verified: bool) -> IndexedView:
        """Return a look at all files, for one query; see `coverage.cover`."""
        parts = {
            str(root): cover(root, client.look(), files, cancelled, verified=verified)
            for root, client in self._clients.items()
        }
        facts = self._overlay.facts if verified else self._overlay.newest
        return IndexedView(files, parts, facts, self.state.message or "")

    def files_changed(self, paths: Sequence[Path]) -> None:
        """Hear of files and folders that were made, changed or removed; those outside do not matter."""
        changed: dict[Path, list[str]] = {}
        for located in dict.fromkeys(found for path in paths for found in self._meant(path)):
            changed.setdefault(located.root, []).append(located.relative)
        for root, relatives in changed.items():
            self._clients[root].changed(relatives)

    def _meant(self, path: Path) -> Iterator[Located]:
        """Yield what a path leads to, and the path itself: where a file was, a link may be by now."""
        if not is_plain(str(path)):
            return  # never listed
        with suppress(OutOfScope):
            yield self._files.scope.locate(str(path), even_ignored=True)
        for written in (path, Path(os.path.realpath(path.parent), path.name)):
            for root in self._clients:
                relative = relative_to(written, root)
                if relative is not None and _matters(relative):
                    yield Located(root, relative)

    def cancel(self) -> None:
        """Stop indexing until something changes."""
        for client in self._clients.values():
            client.cancel()

    def wait(self, timeout: float, cancelled: Cancelled, *, ranked: bool) -> bool:
        """Wait until the index is ready, at most `timeout` seconds; False too when there is none to be had.

        Args:
            timeout: in seconds.
            cancelled: ends the wait.
            ranked: wait for the ranked words too.
        """
        deadline = time.monotonic() + timeout
        with self._changed:
            while not self._is_settled(state := self.state, ranked=ranked):
                left = deadline - time.monotonic()
                if left <= 0 or cancelled() or self._closed:
                    return False
                self._changed.wait(min(left, _LOOK_AGAIN_SECONDS))
        return state.state == "ready"

    def _is_settled(self, state: IndexState, *, ranked: bool) -> bool:
        return state.state == "direct" or (state.state == "ready" and not (ranked and state.unranked))

    def close(self) -> None:
        """Let go of the indexers."""
        self._closed = True
        self._overlay.close()
        for client in self._clients.values():
            client.close()

    def _on_change(self) -> None:
        with self._changed:
            state = self.state
            self._changed.notify_all()
            if state == self._said or self._closed:
                return
            self._said = state
        self._on_state(state)

    def _on_buffer(self, located: Located, data: bytes | None) -> None:
        if not self._closed:
            self._overlay.changed(located, data)

    def _parse(self, located: Located, data: bytes, facts: Future[bytes]) -> None:
        self._clients[located.root].parse(located.relative, data, facts)


def _matters(relative: str) -> bool:
    return relative == EXCLUDE_FILE or not any(map(is_version_control, relative.split("/")))

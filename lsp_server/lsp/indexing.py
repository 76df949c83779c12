"""What the index is doing: a status on every change, progress where it takes longer, fresh lenses at its end."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import anyio

from lsp_server.lsp import watched_files
from lsp_server.lsp.progress import WorkDone, work_done
from lsp_server.wire import IndexStatus

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer
    from lsp_server.workspace.index.base import IndexState
    from lsp_server.workspace.workspace import Workspace

SHOWN_AFTER_SECONDS = 1.0
"""Shorter work needs no progress."""
_BUSY = {"starting", "indexing"}


class Indexing:
    """Follows the index of the open workspace."""

    def __init__(self, ls: InglenookServer) -> None:
        self._ls = ls
        self._told: IndexStatus = IndexStatus("off")
        self._listeners: list[Callable[[], None]] = []
        self._over: anyio.Event | None = None
        """Set when the work that runs has ended; None while none does."""
        self._progress: WorkDone | None = None

    def open(self, workspace: Workspace) -> None:
        """Put the index behind a workspace; called in the thread that opened it."""
        on_state = partial(self._ls.soon, self._heard, workspace)
        workspace.open_index(on_state, watch=not watched_files.client_watches(self._ls))

    def follow(self, workspace: Workspace | None) -> None:
        """Follow this workspace from now on; None where no folder is open."""
        if workspace is None:
            self._tell(IndexStatus("off"))
        else:
            self._heard(workspace, workspace.index_state)

    @contextmanager
    def telling(self, listener: Callable[[], None]) -> Generator[None]:
        """Call `listener` on every change while the block runs."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    def _heard(self, workspace: Workspace, state: IndexState) -> None:
        """Take what the index says; what one that was left says late counts no more."""
        if workspace is self._ls.session.workspace:
            self._tell(IndexStatus(state.state, state.files, state.stale, state.percent, state.message))

    def _tell(self, status: IndexStatus) -> None:
        if status == self._told:
            return
        was_busy, self._told = self._told.state in _BUSY, status
        self._ls.status.tell_index(status)
        for listener in tuple(self._listeners):
            listener()
        if status.state in _BUSY:
            self._work()
        else:
            self._rest()
            if was_busy:
                self._ls.lenses.recount()

    def _work(self) -> None:
        if self._over is None:
            self._over = anyio.Event()
            self._ls.in_background(partial(self._show, self._over))
        elif self._progress is not None:
            self._report(self._progress)

    def _rest(self) -> None:
        if self._over is not None:
            self._over.set()
            self._over = None

    async def _show(self, over: anyio.Event) -> None:
        """Show progress until the work is over; cancelling it stops the work, and searches read the files."""
        with anyio.move_on_after(SHOWN_AFTER_SECONDS):
            await over.wait()
            return
        with work_done(self._ls, "Indexing", token=None, cancel=self._cancel, create=True) as progress:
            self._progress = progress
            try:
                self._report(progress)
                await over.wait()
                progress.ending = f"{self._told.files:,} files"
            finally:
                self._progress = None

    def _report(self, progress: WorkDone) -> None:
        progress.report(self._told.message or f"{self._told.files:,} files", self._told.percent)

    def _cancel(self) -> None:
        workspace = self._ls.session.workspace
        if workspace is not None:
            self._ls.in_background(partial(self._ls.threads.short, workspace.cancel_indexing))

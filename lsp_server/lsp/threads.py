"""The threads that look at the workspace, so that the loop only ever reads and writes messages.

What a person waits for at every keystroke has threads of its own: a long search cannot keep a hover waiting.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.to_thread

from lsp_server.errors import OutOfScope, WorkspaceUnusable
from lsp_server.workspace.problems import Outdated

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer
    from lsp_server.workspace.workspace import Workspace

Result = TypeVar("Result")
Cancelled = Callable[[], bool]


class Threads:
    """Two pools."""

    def __init__(self) -> None:
        self._short = _Pool(4)
        self._long = _Pool(4)

    async def short(self, function: Callable[[], Result]) -> Result:
        """Run what takes milliseconds; once cancelled, its result is dropped."""
        return await self._short.run(function)

    async def long(self, function: Callable[[Cancelled], Result]) -> Result:
        """Run what may take seconds; `function` is given a callable that says whether to stop."""
        stop = threading.Event()
        try:
            return await self._long.run(partial(function, stop.is_set))
        finally:
            stop.set()


class _Pool:
    """So many threads at once, those too that nobody waits for any more: together they would hold up the loop."""

    def __init__(self, size: int) -> None:
        self._waiting = anyio.CapacityLimiter(size)
        self._running = threading.BoundedSemaphore(size)

    async def run(self, function: Callable[[], Result]) -> Result:
        """Run a function that looks at the workspace; again where a buffer was edited under its eyes."""
        dropped = threading.Event()
        guarded = partial(self._guarded, function, dropped)
        try:
            while True:
                with suppress(Outdated):
                    return await anyio.to_thread.run_sync(guarded, abandon_on_cancel=True, limiter=self._waiting)
        finally:
            dropped.set()

    def _guarded(self, function: Callable[[], Result], dropped: threading.Event) -> Result:
        with self._running:
            if dropped.is_set():
                raise Outdated
            return function()


async def glance(ls: InglenookServer, look: Callable[[Workspace], Result], nothing: Result) -> Result:
    """Return what `look` finds in the workspace; `nothing` where no folder is open, or the file is not in one.

    An editor asks of every document it shows; that one lies elsewhere is no failure.
    """
    try:
        async with ls.session.look() as (_bench, workspace):
            return await ls.threads.short(partial(look, workspace))
    except (OutOfScope, WorkspaceUnusable):
        return nothing

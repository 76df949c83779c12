"""The threads that look at the workspace, so that the loop only ever reads and writes messages.

What a person waits for at every keystroke has threads of its own: a long search cannot keep a hover waiting.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.to_thread

from lsp_server.errors import OutOfScope, WorkspaceUnusable

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer
    from lsp_server.workspace.workspace import Workspace

Result = TypeVar("Result")
Cancelled = Callable[[], bool]


class Threads:
    """Two pools."""

    def __init__(self) -> None:
        self._short = anyio.CapacityLimiter(4)
        self._long = anyio.CapacityLimiter(4)

    async def short(self, function: Callable[[], Result]) -> Result:
        """Run what takes milliseconds; once cancelled, its result is dropped."""
        return await anyio.to_thread.run_sync(function, abandon_on_cancel=True, limiter=self._short)

    async def long(self, function: Callable[[Cancelled], Result]) -> Result:
        """Run what may take seconds; `function` is given a callable that says whether to stop."""
        stop = threading.Event()
        try:
            return await anyio.to_thread.run_sync(function, stop.is_set, abandon_on_cancel=True, limiter=self._long)
        finally:
            stop.set()


async def glance(ls: InglenookServer, look: Callable[[Workspace], Result], nothing: Result) -> Result:
    """Return what `look` finds in the workspace; `nothing` where no folder is open, or the file is not in one.

    An editor asks of every document it shows; that one lies elsewhere is no failure.
    """
    try:
        async with ls.session.look() as (_bench, workspace):
            return await ls.threads.short(partial(look, workspace))
    except (OutOfScope, WorkspaceUnusable):
        return nothing

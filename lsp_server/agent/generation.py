"""An explanation that waits or is being made, and everyone who wants it."""

from __future__ import annotations

import asyncio

import attrs

from lsp_server.agent.base import Listener
from lsp_server.engine.base import Priority
from lsp_server.errors import InglenookError
from lsp_server.wire import AskPart, ExplainResult, ResetPart
from lsp_server.workspace.explaining import ExplainTarget


@attrs.define(eq=False)
class Generation:
    """One explanation; itself a listener, which tells everyone who has joined."""

    target: ExplainTarget
    priority: Priority
    refresh: bool = False
    kept: bool = False
    """Whether a hover wants it, which waits for nothing and comes again."""
    result: ExplainResult | None = None
    error: InglenookError | None = None
    """Why there is no result; both are None while it lasts and where it was stopped."""
    over: asyncio.Event = attrs.field(factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    _listeners: list[Listener] = attrs.field(factory=list[Listener])
    _said: list[AskPart] = attrs.field(factory=list[AskPart])

    @property
    def wanted(self) -> bool:
        """Whether anyone wants it; what is made ahead of time nobody does yet."""
        return self.kept or bool(self._listeners)

    def join(self, listener: Listener) -> None:
        """Tell `listener` what was said so far, and all that follows."""
        for part in self._said:
            listener.part(part)
        self._listeners.append(listener)

    def leave(self, listener: Listener) -> None:
        """Tell `listener` no more."""
        self._listeners.remove(listener)

    def part(self, part: AskPart) -> None:
        """Hand a part to everyone."""
        if isinstance(part, ResetPart):
            self._said.clear()
        self._said.append(part)
        for listener in self._listeners:
            listener.part(part)

    def progress(self, message: str, percent: int | None) -> None:
        """Hand a line about the running step to everyone."""
        for listener in self._listeners:
            listener.progress(message, percent)

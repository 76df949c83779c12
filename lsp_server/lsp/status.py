"""What engine and index are doing, told to the client on every change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.engine.base import Engine
from lsp_server.errors import WorkspaceUnusable
from lsp_server.lsp.bench import Bench
from lsp_server.wire import STATUS, EngineStatus, IndexStatus, StatusParams

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer


class StatusBoard:
    """Sends `inglenook/status`, each state once."""

    def __init__(self, ls: InglenookServer) -> None:
        self._ls = ls
        self._told: StatusParams | None = None
        self._engine = EngineStatus("unloaded")
        self._index = IndexStatus("off")
        self._watched: Engine | None = None

    def watch(self, bench: Bench) -> None:
        """Follow this bench's engine from now on."""
        engine = bench.engine
        if bench.problem is not None and not isinstance(bench.problem, WorkspaceUnusable):
            self._watched = None
            self.tell(EngineStatus.of_failure(bench.problem))
        elif engine is None:
            self._watched = None
            settings = bench.settings
            self.tell(EngineStatus("ready", model=settings.endpoint_model or settings.endpoint, device="endpoint"))
        else:
            if engine is not self._watched:
                self._watched = engine
                engine.on_status(lambda status: self._ls.soon(self._heard, engine, status))
                self._ls.in_background(engine.warm)
            self.tell(engine.status())

    def tell(self, status: EngineStatus) -> None:
        """Send what the engine is doing, unless the client knows it."""
        self._engine = status
        self._send()

    def tell_index(self, status: IndexStatus) -> None:
        """Send what the index is doing, unless the client knows it."""
        self._index = status
        self._send()

    def _send(self) -> None:
        status = StatusParams(self._engine, self._index)
        if status != self._told:
            self._told = status
            self._ls.protocol.notify(STATUS, status)

    def _heard(self, engine: Engine, status: EngineStatus) -> None:
        if engine is self._watched:
            self.tell(status)

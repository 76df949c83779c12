"""What a question needs, made ready once and made again when settings or folders change."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import anyio
import anyio.to_thread
import attrs

from lsp_server.agent.base import Asker
from lsp_server.engine.base import Engine
from lsp_server.errors import InglenookError, WorkspaceUnusable
from lsp_server.settings import Settings

if TYPE_CHECKING:
    from lsp_server.workspace.workspace import Workspace

_log = logging.getLogger(__name__)

EngineFactory = Callable[[Settings], Engine]
AgentFactory = Callable[[Settings, "Workspace", Engine | None], Asker]


@runtime_checkable
class Unloadable(Protocol):
    """An engine whose model can leave memory before its time."""

    async def unload(self) -> None:
        """Have it leave."""
        ...


@attrs.define(eq=False)
class Bench:
    """Everything that belongs to one set of settings and folders."""

    settings: Settings
    roots: tuple[Path, ...]
    workspace: Workspace | None = None
    engine: Engine | None = None
    asker: Asker | None = None
    problem: InglenookError | None = None
    """Why nothing can be asked."""
    users: int = 0
    retired: bool = False

    def serves(self, settings: Settings, roots: tuple[Path, ...]) -> bool:
        """Whether it would be made again just like this: only the diagnostics' setting is not its own."""
        same = attrs.evolve(settings, trace_diagnostics=self.settings.trace_diagnostics) == self.settings
        return same and roots == self.roots and self.problem is None

    async def aclose(self) -> None:
        """Let go of agent and engine."""
        if self.asker is not None:
            await self.asker.aclose()
        if self.engine is not None:
            await self.engine.aclose()


class Session:
    """Makes benches, one at a time and never on the loop's own thread, and lends the newest."""

    def __init__(
        self,
        engine_factory: EngineFactory,
        agent_factory: AgentFactory,
        *,
        read_settings: Callable[[], Awaitable[Settings]],
        read_roots: Callable[[], tuple[Path, ...]],
        on_bench: Callable[[Bench], None],
    ) -> None:
        self._engine_factory = engine_factory
        self._agent_factory = agent_factory
        self._read_settings = read_settings
        self._read_roots = read_roots
        self._on_bench = on_bench
        self._wanted = 0
        self._made = 0
        self._wake = anyio.Event()
        self._done = anyio.Event()
        self._discarded: list[Bench] = []
        self.bench: Bench | None = None
        """The newest; None before the first is ready."""

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.bench.settings if self.bench is not None else Settings()

    def refresh(self) -> None:
        """Read settings and folders again; what is asked from now on waits for the outcome."""
        self._wanted += 1
        self._wake.set()

    async def run(self) -> None:
        """Make benches as they are wanted, for as long as the server lives."""
        while True:
            await self._wake.wait()
            self._wake = anyio.Event()
            wanted = self._wanted
            await self._renew()
            self._made = wanted
            self._done.set()
            self._done = anyio.Event()
            await self._close_discarded()

    @asynccontextmanager
    async def use(self) -> AsyncGenerator[Bench]:
        """Lend the bench, once it is ready; it stays whole until given back. An earlier failure is tried again.

        Raises:
            InglenookError: why nothing can be asked.
        """
        bench = await self._newest()
        if bench.problem is not None:
            raise InglenookError.from_wire(bench.problem.to_wire())
        bench.users += 1
        try:
            yield bench
        finally:
            bench.users -= 1
            if bench.retired and not bench.users:
                with anyio.CancelScope(shield=True):
                    await _close(bench)

    async def _newest(self) -> Bench:
        if self.bench is not None and self.bench.problem is not None:
            self.refresh()
        while True:
            if self.bench is None and self._made == self._wanted:
                self.refresh()
            wanted = self._wanted
            while self._made < wanted:
                await self._done.wait()
            if self.bench is not None:
                return self.bench

    def renew(self) -> None:
        """Make everything anew, whatever the settings say: the model on disk is another one."""
        self._retire()
        self.refresh()

    async def unload(self) -> None:
        """Have the model leave memory; the next question brings it back."""
        if self.bench is not None and isinstance(self.bench.engine, Unloadable):
            await self.bench.engine.unload()
        self._retire()
        await self._close_discarded()

    async def aclose(self) -> None:
        """Let go of everything, also of what is lent."""
        if self.bench is not None:
            await _close(self.bench)
            self.bench = None
        await self._close_discarded()

    def _retire(self) -> None:
        bench, self.bench = self.bench, None
        if bench is not None:
            bench.retired = True
            if not bench.users:
                self._discarded.append(bench)

    async def _close_discarded(self) -> None:
        while self._discarded:
            await _close(self._discarded.pop())

    async def _renew(self) -> None:
        try:
            settings, roots = await self._read_settings(), self._read_roots()
        except Exception:  # noqa: BLE001 - logged
            _log.exception("The configuration could not be read")
            settings, roots = self.settings, ()
        if self.bench is not None and self.bench.serves(settings, roots):
            self.bench.settings = settings
            self._on_bench(self.bench)
            return
        fresh = Bench(settings, roots)
        try:
            if not settings.endpoint:
                fresh.engine = self._engine_factory(settings)
            await anyio.to_thread.run_sync(partial(self._furnish, fresh), abandon_on_cancel=True)
        except InglenookError as error:
            fresh.problem = error
        except Exception as error:  # noqa: BLE001 - told to the client
            _log.exception("The server could not be made ready")
            fresh.problem = InglenookError(f"The server could not be made ready: {type(error).__name__}: {error}")
        self._retire()
        self.bench = fresh
        self._on_bench(fresh)

    def _furnish(self, bench: Bench) -> None:
        """Open the workspace and import the agent's framework: the slow part, in a thread."""
        if not bench.roots:
            raise WorkspaceUnusable("No folder is open.", "Open the folder whose code you want to ask about.")
        from lsp_server.workspace.workspace import Workspace  # noqa: PLC0415 - its grammars need not delay `initialize`

        bench.workspace = Workspace(bench.roots, bench.settings)
        bench.asker = self._agent_factory(bench.settings, bench.workspace, bench.engine)


async def _close(bench: Bench) -> None:
    try:
        await bench.aclose()
    except Exception:  # noqa: BLE001 - logged
        _log.exception("Letting go of the model failed")

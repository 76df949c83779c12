"""What a request needs, made ready once and made again when settings or folders change."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import anyio

from lsp_server.errors import InglenookError
from lsp_server.lsp.bench import Agent, AgentFactory, Bench, EngineFactory, open_bench
from lsp_server.settings import Settings

if TYPE_CHECKING:
    from lsp_server.workspace.workspace import Workspace

_log = logging.getLogger(__name__)


@runtime_checkable
class Unloadable(Protocol):
    """An engine whose model can leave memory before its time."""

    async def unload(self) -> None:
        """Have it leave."""
        ...


class Surroundings(Protocol):
    """What a session asks of the server, and tells it."""

    @property
    def wants_model(self) -> bool:
        """Whether agent and engine are made before anybody asks."""
        ...

    async def read_settings(self) -> Settings:
        """Return the settings in force."""
        ...

    async def settled(self) -> None:
        """Wait until the workspace has heard of every change that the client told of."""
        ...

    def read_roots(self) -> tuple[Path, ...]:
        """Return the open folders."""
        ...

    def open_index(self, workspace: Workspace) -> None:
        """Put an index behind a new workspace; called in the thread that opened it."""
        ...

    def on_workspace(self, bench: Bench) -> None:
        """Hear that the workspace of a bench is open, or that it is none."""
        ...

    def on_agent(self, bench: Bench) -> None:
        """Hear that the agent of a bench is made, or that it is none."""
        ...


class Session:
    """Makes benches, one at a time and never on the loop's own thread, and lends the newest."""

    def __init__(self, engine_factory: EngineFactory, agent_factory: AgentFactory, surroundings: Surroundings) -> None:
        self._engine_factory = engine_factory
        self._agent_factory = agent_factory
        self._surroundings = surroundings
        self._wanted = 0
        self._made = 0
        self._asked = False
        self._wake = anyio.Event()
        self._done = anyio.Event()
        self._discarded: list[Bench] = []
        self.bench: Bench | None = None
        """The newest; None before the first is ready."""
        self.settings = Settings()
        """Those in force."""

    @property
    def workspace(self) -> Workspace | None:
        """The open workspace."""
        return self.bench.workspace if self.bench is not None else None

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
            bench = await self._renew()
            self._made = wanted
            self._done.set()
            self._done = anyio.Event()
            if self._asked or self._surroundings.wants_model:
                await self._furnish(bench)
            await self._close_discarded()

    @asynccontextmanager
    async def look(self) -> AsyncGenerator[tuple[Bench, Workspace]]:
        """Lend the bench with its workspace, which needs no model; it stays whole until given back.

        Raises:
            InglenookError: why there is no workspace.
        """
        bench = await self._newest(retry=self.workspace is None)
        if bench.workspace is None:
            raise _copy(bench.problem)
        async with _lent(bench):
            await self._surroundings.settled()
            yield bench, bench.workspace

    @asynccontextmanager
    async def use(self) -> AsyncGenerator[tuple[Bench, Workspace, Agent]]:
        """Lend the bench, once there is an agent; it stays whole until given back. A failure is tried again.

        Raises:
            InglenookError: why nothing can be asked.
        """
        bench = await self._newest(retry=self.bench is not None and self.bench.problem is not None)
        while True:
            async with _lent(bench):
                if not self._asked:
                    self._asked = True
                    self.refresh()
                await bench.furnished.wait()
                if bench.problem is not None:
                    raise _copy(bench.problem)
                if bench.workspace is not None and bench.agent is not None:
                    yield bench, bench.workspace, bench.agent
                    return
            bench = await self._newest(retry=False)  # this one was retired before it had an agent

    async def _newest(self, *, retry: bool) -> Bench:
        if self.bench is not None and retry:
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
        """Have the model leave memory; the next question, and nothing else, brings it back."""
        if self.bench is not None and isinstance(self.bench.engine, Unloadable):
            await self.bench.engine.unload()

    async def aclose(self) -> None:
        """Let go of everything, also of what is lent."""
        if self.bench is not None:
            await self.bench.aclose()
            self.bench = None
        await self._close_discarded()

    def _retire(self) -> None:
        bench, self.bench = self.bench, None
        if bench is not None:
            bench.retired = True
            bench.furnished.set()  # whoever waits for its agent waits for another one's
            if not bench.users:
                self._discarded.append(bench)

    async def _close_discarded(self) -> None:
        while self._discarded:
            await self._discarded.pop().aclose()

    async def _renew(self) -> Bench:
        """Return a bench with a workspace, the present one where it serves; an agent it may still want."""
        try:
            settings, roots = await self._surroundings.read_settings(), self._surroundings.read_roots()
        except Exception:  # noqa: BLE001 - logged
            _log.exception("The configuration could not be read")
            settings, roots = self.settings, ()
        present = self.bench if self.bench is not None and self.bench.is_made_from(settings, roots) else None
        if present is None or present.workspace is None:
            bench = await open_bench(settings, roots, self._surroundings.open_index)
            if present is None or bench.workspace is not None:
                self._retire()
                self.bench = present = bench
            present.problem = bench.problem  # where there still is no workspace, its engine stays
        elif present.problem is not None:
            present.problem, present.furnished = None, anyio.Event()
        self.settings = present.settings = settings
        self._surroundings.on_workspace(present)
        return present

    async def _furnish(self, bench: Bench) -> None:
        if bench.furnished.is_set():
            return
        async with _lent(bench):
            await bench.furnish(self._engine_factory, self._agent_factory)
            if bench is self.bench:
                self._surroundings.on_agent(bench)


@asynccontextmanager
async def _lent(bench: Bench) -> AsyncGenerator[None]:
    bench.users += 1
    try:
        yield
    finally:
        bench.users -= 1
        if bench.retired and not bench.users:
            with anyio.CancelScope(shield=True):
                await bench.aclose()


def _copy(problem: InglenookError | None) -> InglenookError:
    """Return the error as a new one: an exception that is raised twice gathers tracebacks."""
    return InglenookError.from_wire(problem.to_wire()) if problem is not None else InglenookError("Nothing is open.")

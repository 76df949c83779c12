"""The server as its handlers see it: what it holds, how it starts and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import psutil
from anyio.abc import ObjectReceiveStream, TaskGroup
from anyio.streams.memory import MemoryObjectSendStream
from lsprotocol import types
from pygls.lsp.server import LanguageServer

from lsp_server import __version__
from lsp_server.lsp import documents
from lsp_server.lsp.bench import AgentFactory, Bench, EngineFactory
from lsp_server.lsp.command_line import OURS
from lsp_server.lsp.configuration import Configuration
from lsp_server.lsp.converter import make_converter
from lsp_server.lsp.diagnostics import TraceDiagnostics
from lsp_server.lsp.indexing import Indexing
from lsp_server.lsp.lenses import Lenses
from lsp_server.lsp.logs import OUR_LOGGER, ClientLog
from lsp_server.lsp.options import Options
from lsp_server.lsp.prefetch import Prefetch
from lsp_server.lsp.progress import Running
from lsp_server.lsp.protocol import InglenookProtocol
from lsp_server.lsp.search import Searches
from lsp_server.lsp.session import Session
from lsp_server.lsp.status import StatusBoard
from lsp_server.lsp.streams import FrameReader, FrameWriter, Pipes
from lsp_server.lsp.threads import Threads
from lsp_server.lsp.watched_files import Job, Told
from lsp_server.settings import Settings

if TYPE_CHECKING:
    from lsp_server.workspace.workspace import Workspace

_log = logging.getLogger(__name__)

PARENT_POLL_SECONDS = 1.0
SWITCH_SECONDS = 0.0005
"""A tenth of Python's own: after each wait the loop gets its turn so much sooner while other threads compute."""
CLOSING_SECONDS = 3.0
"""What is not let go of by then is left to the operating system."""


class InglenookServer(LanguageServer):
    """A language server that answers questions."""

    protocol: InglenookProtocol  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(self, engine_factory: EngineFactory, agent_factory: AgentFactory, *, with_index: bool) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType]
            "inglenook", __version__, protocol_cls=InglenookProtocol, converter_factory=make_converter
        )
        self.running = Running()
        self.diagnostics = TraceDiagnostics(self)
        self.status = StatusBoard(self)
        self.configuration = Configuration(self)
        self.had_folders = False
        """Whether the client speaks of workspace folders; then `rootUri` counts no more."""
        self.options = Options()
        self.trusted = True
        self.command_line: Sequence[str] = OURS
        """The program that plans and builds models, in processes of its own."""
        self.threads = Threads()
        self.searches = Searches()
        self.with_index = with_index
        self.told = Told(self.in_background)
        self.indexing = Indexing(self)
        self.lenses = Lenses(self)
        self.prefetch = Prefetch(self)
        self.session = Session(engine_factory, agent_factory, self)
        self._exit_code = 1
        self._stopped = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._jobs: MemoryObjectSendStream[Job] | None = None
        """To whatever starts them in a task, as starting a task needs one; None while the server does not run."""

    # How it lives

    def run(self, pipes: Pipes) -> int:
        """Serve one client until it goes, and return the process's exit code."""
        sys.setswitchinterval(SWITCH_SECONDS)
        try:
            return asyncio.run(self._run(pipes))
        except KeyboardInterrupt:
            return 1

    async def _run(self, pipes: Pipes) -> int:
        for name in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # Windows
                asyncio.get_running_loop().add_signal_handler(name, self.stop, 1)
        return await self.serve(pipes, on_stopping=_leave_for_certain)

    def stop(self, exit_code: int) -> None:
        """End the server; from any thread. The first word counts."""
        self.soon(self._stop, exit_code)

    def _stop(self, exit_code: int) -> None:
        if not self._stopped.is_set():
            self._exit_code = exit_code
            self._stopped.set()

    def soon(self, function: Callable[..., None], *arguments: Any) -> None:
        """Call `function` on the loop's thread; does nothing once the loop has ended."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *arguments)

    def in_background(self, job: Job) -> None:
        """Run `job` beside everything else, until the server ends; its failure is only logged."""
        if self._jobs is not None:
            self._jobs.send_nowait(job)

    async def serve(self, pipes: Pipes, *, on_stopping: Callable[[int], None] = lambda _code: None) -> int:
        """Serve one client on the running loop, and return the exit code; `on_stopping` is told of it first."""
        self._loop = asyncio.get_running_loop()
        writer = FrameWriter(pipes.write, self._lost)
        self.protocol.set_writer(writer)
        to_client = ClientLog(self)
        logging.getLogger(OUR_LOGGER).addHandler(to_client)
        to_loop, bodies = anyio.create_memory_object_stream[bytes](math.inf)
        self._jobs, jobs = anyio.create_memory_object_stream[Job](math.inf)
        FrameReader(pipes.read, lambda body: self.soon(to_loop.send_nowait, body), self._lost).start()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._receive, bodies)
            tasks.start_soon(self.session.run)
            tasks.start_soon(_start, tasks, jobs)
            await self._stopped.wait()
            on_stopping(self._exit_code)
            self._jobs.close()
            self._jobs = None
            tasks.cancel_scope.cancel()
        with anyio.move_on_after(CLOSING_SECONDS):
            await self.protocol.cancel_all()
            await self.session.aclose()
        logging.getLogger(OUR_LOGGER).removeHandler(to_client)
        writer.close()
        to_loop.close()
        return self._exit_code

    async def _receive(self, bodies: ObjectReceiveStream[bytes]) -> None:
        """Handle what the client says in a task, as whatever starts further tasks needs it."""
        async with bodies:
            async for body in bodies:
                self.protocol.receive(body)

    def _lost(self, reason: str) -> None:
        """The connection has ended; without `exit` that is no orderly end, except after `shutdown`."""
        _log.info("The connection has ended: %s", reason)
        self.stop(0 if self.protocol.phase == "shutdown" else 1)

    def watch_parent(self, process_id: int | None) -> None:
        """End with the process that the client named, if it can be seen from here."""
        with contextlib.suppress(psutil.Error):
            if process_id is not None:
                self.in_background(partial(self._end_with, psutil.Process(process_id)))

    async def _end_with(self, parent: psutil.Process) -> None:
        while _alive(parent):  # noqa: ASYNC110 - no event tells of it everywhere
            await anyio.sleep(PARENT_POLL_SECONDS)
        _log.info("The client's process has ended")
        self.stop(1)

    # What its handlers share

    @property
    def shows_progress(self) -> bool:
        """Whether the client shows progress that the server begins."""
        window = self.client_capabilities.window
        return bool(window and window.work_done_progress)

    def show(self, message: str, kind: types.MessageType) -> None:
        """Show a sentence to the person."""
        self.window_show_message(types.ShowMessageParams(type=kind, message=message))

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log what the library could not do."""
        _log.error("%s: %s", getattr(source, "__name__", source), error)

    # What the session asks and tells

    @property
    def wants_model(self) -> bool:
        """Whether the client says so."""
        return self.options.model

    async def read_settings(self) -> Settings:
        """Return the settings in force."""
        return await self.configuration.read()

    async def settled(self) -> None:
        """Wait until the workspace has heard of every change that the client told of."""
        await self.told.settled()

    def read_roots(self) -> tuple[Path, ...]:
        """Return the open folders."""
        return documents.roots(self)

    def open_index(self, workspace: Workspace) -> None:
        """Put an index behind a new workspace."""
        if self.with_index:
            self.indexing.open(workspace)

    def on_workspace(self, bench: Bench) -> None:
        """Tell a workspace what the editor holds, and follow its index."""
        if bench.workspace is not None:
            bench.workspace.trusted = self.trusted
            documents.open_buffers(self, bench.workspace)
        off = bench.settings.trace_diagnostics == "off"
        self.diagnostics.keep_below(() if off or bench.workspace is None else bench.workspace.roots)
        self.indexing.follow(bench.workspace)
        self.lenses.show(bench.settings.code_lens)

    def on_agent(self, bench: Bench) -> None:
        """Follow the engine."""
        self.status.watch(bench)


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


async def _start(tasks: TaskGroup, jobs: ObjectReceiveStream[Job]) -> None:
    async with jobs:
        async for job in jobs:
            tasks.start_soon(_logged, job)


async def _logged(job: Job) -> None:
    try:
        await job()
    except Exception:  # noqa: BLE001 - logged
        _log.exception("A task in the background failed")


def _leave_for_certain(exit_code: int) -> None:
    """See to it that the process ends, also where a thread of a tool does not."""
    watchdog = threading.Timer(2 * CLOSING_SECONDS, os._exit, (exit_code,))
    watchdog.daemon = True
    watchdog.start()

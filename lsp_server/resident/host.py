"""The resident process's socket: many clients, one worker, and an exit when nobody is left."""

from __future__ import annotations

import logging
import math
import os
import signal
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import anyio
import anyio.from_thread
import anyio.lowlevel
import attrs
import psutil
from anyio.abc import SocketAttribute, SocketStream, TaskGroup
from anyio.streams.buffered import BufferedByteReceiveStream

from lsp_server.engine.base import WIRE_VERSION, Chunk, DoneChunk, Job
from lsp_server.engine.frames import (
    MAX_LINE_BYTES,
    Count,
    Counted,
    Emitted,
    Failed,
    Frame,
    Generate,
    Hello,
    StatusChanged,
    Unload,
    Watch,
    decode,
    encode,
)
from lsp_server.errors import BadRequest, EngineUnavailable, InglenookError
from lsp_server.peer import GONE, is_same_user
from lsp_server.resident.door import Door
from lsp_server.resident.generate import Model
from lsp_server.resident.worker import Worker, WorkerState
from lsp_server.wire import EngineStatus

ModelLoader = Callable[[Hello, Callable[[int], None]], Model]
"""Loads and probes the model; given the first client's words, and a progress from 0 to 100."""

_FIRST_CLIENT_SECONDS = 10.0
"""A process that was just started waits at least this long for who started it."""

_LATE_CLIENT_SECONDS = 0.5
"""Whoever connected before the socket's name was taken away has been accepted after this long."""

Send = Callable[[Frame], Awaitable[None]]


@attrs.frozen
class HostOptions:
    """Where the process listens and when it leaves."""

    socket: Path
    lock: Path
    """Held by whoever starts a host, and by a host that is about to leave."""
    idle_seconds: float
    model_name: str


class Host:
    """Serves one model on one Unix socket."""

    def __init__(self, options: HostOptions, load: ModelLoader) -> None:
        self._options = options
        self._load = load
        self._worker: Worker | None = None
        self._status = EngineStatus("starting", model=options.model_name, pid=os.getpid())
        self._watchers: dict[int, Callable[[EngineStatus], None]] = {}
        self._door = Door(options.socket, options.lock)
        self._clients = 0
        self._had_clients = False
        self._presence_changed = anyio.Event()
        self._token: anyio.lowlevel.EventLoopToken | None = None
        self._scope: anyio.CancelScope | None = None

    async def serve(self, ready: Callable[[], None]) -> None:
        """Listen until idle or told to leave; `ready` is called once clients can connect.

        Where another process listens already, clients are left to it.
        """
        self._token = anyio.lowlevel.current_token()
        if self._door.is_taken():
            ready()
            return
        listener = await self._door.open()
        try:
            async with listener, anyio.create_task_group() as group:
                self._scope = group.cancel_scope
                group.start_soon(self._leave_when_idle)
                group.start_soon(self._leave_on_signal)
                ready()
                await listener.serve(self._serve_client, group)
        finally:
            self._door.close()
            if self._worker is not None:
                await anyio.to_thread.run_sync(self._worker.stop)

    # -- clients

    async def _serve_client(self, stream: SocketStream) -> None:
        with self._present():
            async with stream:
                if not is_same_user(stream.extra(SocketAttribute.raw_socket)):  # noqa: S610 - anyio's, not Django's
                    return
                try:
                    await self._serve_request(stream, BufferedByteReceiveStream(stream))
                except* GONE:
                    pass  # the client has gone in the middle of it
                except* Exception:
                    logging.getLogger(__name__).exception("A client's request failed")

    async def _serve_request(self, stream: SocketStream, lines: BufferedByteReceiveStream) -> None:
        async def send(frame: Frame) -> None:
            await stream.send(encode(frame))

        async with _failures_sent(send):
            worker = self._worker_for(await _receive(lines))
            request = await _receive(lines)
            match request:
                case Generate(job):
                    await _until_gone(lines, lambda: self._generate(worker, job, send))
                case Watch():
                    await _until_gone(lines, lambda: self._watch(send))
                case Count(text):
                    model = worker.model
                    if worker.failure is not None:
                        raise worker.failure
                    if model is None:
                        raise EngineUnavailable("The model is still loading.", "Ask again in a moment.")
                    await send(Counted(len(model.chat.encode_text(text))))
                case Unload():
                    self._leave()
                case _:
                    raise BadRequest(f"A client may not send {type(request).__name__}.")

    def _worker_for(self, hello: Frame) -> Worker:
        if not isinstance(hello, Hello):
            raise BadRequest("The first frame must be a Hello.")
        if hello.wire_version != WIRE_VERSION:
            raise EngineUnavailable(
                f"The model process speaks version {WIRE_VERSION}, this client version {hello.wire_version}.",
                "Restart the editors that still run the older version.",
            )
        if self._worker is None:
            self._worker = Worker(lambda progress: self._load(hello, progress), self._from_worker)
            self._worker.start()
        return self._worker

    async def _generate(self, worker: Worker, job: Job, send: Send) -> None:
        inbox, outbox = anyio.create_memory_object_stream[Chunk | InglenookError](math.inf)
        ticket = worker.submit(job, lambda item: self._call_soon(inbox.send_nowait, item))
        try:
            with inbox, outbox:
                async with _failures_sent(send):
                    async for item in outbox:
                        if isinstance(item, InglenookError):
                            raise item
                        await send(Emitted(item))
                        if isinstance(item, DoneChunk):
                            return
        finally:
            ticket.cancel()

    async def _watch(self, send: Send) -> None:
        inbox, outbox = anyio.create_memory_object_stream[EngineStatus](math.inf)
        with inbox, outbox:
            self._watchers[id(inbox)] = inbox.send_nowait
            try:
                inbox.send_nowait(self._status)
                async for status in outbox:
                    await send(StatusChanged(status))
                    if status.state == "failed":
                        return  # a fresh process is the one to watch
            finally:
                del self._watchers[id(inbox)]

    # -- the worker's thread

    def _call_soon(self, function: Callable[..., object], *arguments: object) -> None:
        """Run a function in the event loop; from the worker's thread, or from the loop itself."""
        try:
            if threading.current_thread() is threading.main_thread():
                function(*arguments)
            else:
                anyio.from_thread.run_sync(function, *arguments, token=self._token)
        except (*GONE, anyio.RunFinishedError):
            return  # the client has gone, or all have

    def _from_worker(self, state: WorkerState) -> None:
        self._call_soon(self._changed, state)

    def _changed(self, state: WorkerState) -> None:
        worker = self._worker
        model = worker.model if worker is not None else None
        self._status = attrs.evolve(
            self._status,
            state=state.state,
            percent=state.percent,
            queued=state.queued,
            device=model.backend.device if model is not None else self._status.device,
            memory_bytes=psutil.Process().memory_info().rss,
            message=state.error.sentence if state.error else None,
            hint=state.error.hint if state.error else None,
            kind=state.error.kind if state.error else None,
        )
        for tell in list(self._watchers.values()):
            tell(self._status)
        if state.state == "failed":
            self._door.close()  # the next client starts a fresh process; those connected still hear why this one failed
            self._announce_presence()

    # -- leaving

    @contextmanager
    def _present(self) -> Generator[None]:
        self._clients += 1
        self._had_clients = True
        self._announce_presence()
        try:
            yield
        finally:
            self._clients -= 1
            self._announce_presence()

    def _announce_presence(self) -> None:
        self._presence_changed.set()
        self._presence_changed = anyio.Event()

    async def _leave_when_idle(self) -> None:
        patience = self._patience()
        while True:
            changed = self._presence_changed
            if self._clients:
                await changed.wait()
                patience = self._patience()
                continue
            with anyio.move_on_after(patience):
                await changed.wait()
                patience = self._patience()
                continue
            if await self._nobody_comes():
                self._leave()
                return
            patience = _FIRST_CLIENT_SECONDS

    def _patience(self) -> float:
        """Return how many seconds to stay without a client."""
        if self._status.state == "failed":
            return _LATE_CLIENT_SECONDS
        idle = self._options.idle_seconds
        return idle if self._had_clients else max(idle, _FIRST_CLIENT_SECONDS)

    async def _nobody_comes(self) -> bool:
        """Take the lock and the socket's name, and give both back if a client has come in just before."""
        if not self._door.is_open:
            return True  # nobody can find this process any more
        changed = self._presence_changed
        if not self._door.hide():
            return False  # somebody holds the lock: a client is about to connect
        with anyio.move_on_after(_LATE_CLIENT_SECONDS):
            await changed.wait()
            self._door.show()
            return False
        return True

    async def _leave_on_signal(self) -> None:
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
            async for _ in signals:
                self._leave()
                return

    def _leave(self) -> None:
        self._door.close()
        if self._scope is not None:
            self._scope.cancel()


async def _receive(lines: BufferedByteReceiveStream) -> Frame:
    line = await lines.receive_until(b"\n", MAX_LINE_BYTES)
    try:
        return decode(line)
    except ValueError as error:
        raise BadRequest(str(error)) from error


@asynccontextmanager
async def _failures_sent(send: Send) -> AsyncGenerator[None, None]:
    """Turn an error into the last frame of the connection."""
    try:
        yield
    except InglenookError as error:
        await send(Failed(error.to_wire()))


async def _until_gone(lines: BufferedByteReceiveStream, serve: Callable[[], Awaitable[None]]) -> None:
    """Serve a request until it is done or its client has closed the connection, which cancels it."""
    async with anyio.create_task_group() as group:
        group.start_soon(_cancel_at_end, lines, group)
        await serve()
        group.cancel_scope.cancel()


async def _cancel_at_end(lines: BufferedByteReceiveStream, group: TaskGroup) -> None:
    try:
        while True:
            await lines.receive()
    except GONE:
        group.cancel_scope.cancel()

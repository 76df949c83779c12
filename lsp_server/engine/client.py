"""Finds, starts and speaks to the resident process. A request is a connection; closing it cancels."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path

import anyio
import attrs
from anyio.abc import SocketAttribute, SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

from lsp_server import modelstore, user_folders
from lsp_server.engine.base import Chunk, DoneChunk, Job
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
from lsp_server.engine.rendezvous import Rendezvous, rendezvous, start_lock
from lsp_server.errors import EngineDied, EngineUnavailable, InglenookError
from lsp_server.modelstore import ModelFolder
from lsp_server.own_programs import module_command
from lsp_server.peer import GONE, is_same_user
from lsp_server.settings import Settings
from lsp_server.shortage import is_shortage, shortage
from lsp_server.wire import EngineStatus

RESIDENT_COMMAND = module_command("lsp_server.resident")
_NOBODY = (FileNotFoundError, ConnectionRefusedError)
_MEGABYTE = 2**20


class ResidentEngine:
    """The Engine protocol over a process that outlives this one."""

    def __init__(
        self,
        settings: Settings,
        *,
        hello: Hello,
        command: Sequence[str] = RESIDENT_COMMAND,
        folder: Callable[[], ModelFolder] | None = None,
    ) -> None:
        """Prepare; nothing is started before it is needed.

        `command` starts a resident process; `folder` finds the model anew for each request, so that one that was
        just built is seen.
        """
        self._settings = settings
        self._hello = hello
        self._command = tuple(command)
        self._program = self._command[1:]
        """What runs, whichever way its interpreter is spelled: an editor and a shell must meet."""
        self._folder = folder or (lambda: modelstore.chosen(settings))
        self._listeners: list[Callable[[EngineStatus], None]] = []
        self._status = EngineStatus("unloaded")
        self._watching: asyncio.Task[None] | None = None
        self._watched: Path | None = None
        """The socket of the process whose status is followed."""
        self._following = asyncio.Lock()

    @property
    def model_name(self) -> str:
        """The recipe of the model, or what is wrong with it."""
        try:
            return self._folder().manifest.recipe
        except InglenookError:
            return self._settings.recipe

    def status(self) -> EngineStatus:
        """Return the last known status."""
        return self._status

    def on_status(self, listener: Callable[[EngineStatus], None]) -> None:
        """Call `listener` on every later change."""
        self._listeners.append(listener)

    async def warm(self) -> None:
        """Find or start the process and follow its status; failures show in the status."""
        with suppress(InglenookError):
            await self._follow()

    async def generate(self, job: Job) -> AsyncGenerator[Chunk, None]:
        """Yield the chunks of one turn; see engine.base.Engine."""
        await self._follow()
        async with self._request(Generate(job)) as lines, aclosing(_frames(lines)) as frames:
            async for frame in frames:
                match frame:
                    case Emitted(chunk):
                        yield chunk
                        if isinstance(chunk, DoneChunk):
                            return
                    case Failed():
                        raise frame.raised()
                    case _:
                        continue
        raise EngineDied("The model process ended while it was answering.")

    async def count_tokens(self, text: str) -> int:
        """Return how many tokens `text` has."""
        async with self._request(Count(text)) as lines, aclosing(_frames(lines)) as frames:
            async for frame in frames:
                if isinstance(frame, Failed):
                    raise frame.raised()
                if isinstance(frame, Counted):
                    return frame.tokens
        raise EngineDied("The model process ended while it was counting.")

    async def unload(self) -> None:
        """Ask the process to leave, if there is one, and wait until it has let go."""
        try:
            place, _ = self._place()
            stream = await _connected(place.socket)
        except (*_NOBODY, InglenookError):
            return
        async with stream:
            with suppress(*GONE):  # it was leaving anyway
                await _send(stream, self._hello, Unload())
            async with aclosing(_frames(BufferedByteReceiveStream(stream))) as frames:
                async for _ in frames:
                    pass

    async def aclose(self) -> None:
        """Let go of the process; it stays for others and leaves when it is idle."""
        await self._stop_watching()

    # -- connections

    def _place(self) -> tuple[Rendezvous, ModelFolder]:
        folder = self._folder()
        logs = user_folders.data_root() / "logs"
        words = (*self._program, self._hello.prompt_version)  # for other prompts the model is admitted anew
        return rendezvous(folder.manifest.model_hash, words, logs), folder

    @asynccontextmanager
    async def _request(self, frame: Frame) -> AsyncGenerator[BufferedByteReceiveStream, None]:
        async with await self._connect() as stream:
            try:
                await _send(stream, self._hello, frame)
            except GONE as error:
                raise EngineDied("The model process ended before it could answer.") from error
            yield BufferedByteReceiveStream(stream)

    async def _connect(self) -> SocketStream:
        place, folder = self._place()
        with suppress(*_NOBODY):
            return await _connected(place.socket)
        async with start_lock(place.lock):
            with suppress(*_NOBODY):
                return await _connected(place.socket)
            await self._start(place, folder)
            try:
                return await _connected(place.socket)
            except _NOBODY as error:
                raise EngineUnavailable(f"The model process ended at once; its log is {place.log}.") from error

    async def _start(self, place: Rendezvous, folder: ModelFolder) -> None:
        self._tell(EngineStatus("starting", model=folder.manifest.recipe))
        options = {
            "--folder": folder.path,
            "--socket": place.socket,
            "--lock": place.lock,
            "--log": place.log,
            "--idle-seconds": self._settings.idle_minutes * 60,
            "--cache-bytes": self._settings.cache_megabytes * _MEGABYTE,
            "--model-name": folder.manifest.recipe,
        }
        arguments = [str(word) for pair in options.items() for word in pair]
        try:
            done = await anyio.run_process([*self._command, *arguments], check=False)
        except OSError as error:
            if is_shortage(error):
                raise shortage("the model process was started") from error
            raise EngineUnavailable(f"The model process could not be started: {error}.") from error
        if done.returncode != 0:
            said = (done.stdout or done.stderr).decode(errors="replace").strip().splitlines()
            why = said[-1] if said else f"exit status {done.returncode}"
            raise EngineUnavailable(f"The model process could not be started: {why}")

    # -- status

    async def _follow(self) -> None:
        """Find or start the process and follow its status.

        Raises:
            InglenookError: there is no model, or no process; the status says so too.
        """
        async with self._following:
            try:
                place, folder = self._place()
                if self._watching is not None and not self._watching.done():
                    if self._watched == place.socket:
                        return
                    await self._stop_watching()  # another model was chosen meanwhile
                    self._tell(EngineStatus("starting", model=folder.manifest.recipe))
                stream = await self._connect()
            except InglenookError as error:
                self._tell(EngineStatus.of_failure(error))
                raise
            self._watched = place.socket
            self._watching = asyncio.create_task(self._watch(stream))

    async def _stop_watching(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])

    async def _watch(self, stream: SocketStream) -> None:
        failed = False
        try:
            async with stream:
                await _send(stream, self._hello, Watch())
                async with aclosing(_frames(BufferedByteReceiveStream(stream))) as frames:
                    async for frame in frames:
                        if isinstance(frame, StatusChanged):
                            failed = frame.status.state == "failed"
                            self._tell(frame.status)
        except GONE:
            pass
        if not failed:
            self._tell(
                attrs.evolve(self._status, state="unloaded", percent=None, queued=0, memory_bytes=None, pid=None)
            )

    def _tell(self, status: EngineStatus) -> None:
        self._status = status
        for listener in self._listeners:
            listener(status)


async def _connected(path: Path) -> SocketStream:
    """Connect to the process that listens at a path.

    Raises:
        FileNotFoundError, ConnectionRefusedError: nobody listens there.
        EngineUnavailable: another user does, or the path cannot be used.
    """
    try:
        stream = await anyio.connect_unix(path)
    except _NOBODY:
        raise
    except OSError as error:
        raise EngineUnavailable(f"The model process cannot be reached at {path}: {error.strerror}.") from error
    if not is_same_user(stream.extra(SocketAttribute.raw_socket)):  # noqa: S610 - anyio's, not Django's
        await stream.aclose()
        raise EngineUnavailable(f"Another user's process listens at {path}.", "Remove it and try again.")
    return stream


async def _send(stream: SocketStream, *frames: Frame) -> None:
    await stream.send(b"".join(map(encode, frames)))


async def _frames(lines: BufferedByteReceiveStream) -> AsyncGenerator[Frame, None]:
    """Yield frames until the process closes the connection or ends; one that speaks otherwise has ended for us."""
    while True:
        try:
            line = await lines.receive_until(b"\n", MAX_LINE_BYTES)
            frame = decode(line)
        except (*GONE, anyio.DelimiterNotFound, ValueError):
            return
        yield frame

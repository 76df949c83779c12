"""The indexer's process: windows connect, one thread indexes; it leaves when its last window has gone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

import attrs

from lsp_server.peer import is_same_user
from lsp_server.workspace.index.base import IndexState
from lsp_server.workspace.index.cache_folder import CacheFolder
from lsp_server.workspace.index.messages import (
    MAX_LINE_BYTES,
    Cancel,
    Changed,
    Corrupt,
    Done,
    Hello,
    Message,
    ParsedText,
    ParseText,
    Told,
    decode,
    encode,
)
from lsp_server.workspace.index.watcher import Watcher
from lsp_server.workspace.index.workers import Results, Workers
from lsp_server.workspace.index.writing import Writing
from lsp_server.workspace.scope import Scope

_FIRST_WINDOW_SECONDS = 30.0
"""Whoever started the process connects within this time, or has died."""


class Host:
    """Runs the event loop; everything slow happens in `Writing`'s thread and in the workers."""

    def __init__(self, folder: CacheFolder, scope: Scope) -> None:
        self._workers = Workers()
        self._windows: set[asyncio.StreamWriter] = set()
        self._told = Told(IndexState(), pid=os.getpid())
        self._writing = Writing(folder, scope, self._workers, self._hear)
        self._watcher = Watcher(scope.roots[0], self._writing.changed, scope.allowed.parts)
        self._leaving = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def serve(self, path: Path, ready: Callable[[], None]) -> None:
        """Listen until the last window has gone; the caller holds the writer's lock, so the path is ours."""
        self._loop = asyncio.get_running_loop()
        _unlink(path)
        server = await asyncio.start_unix_server(self._window, path, limit=MAX_LINE_BYTES)
        self._loop.call_later(_FIRST_WINDOW_SECONDS, self._leave_if_alone)
        self._writing.start()
        ready()
        await self._leaving.wait()
        _unlink(path)
        server.close()
        self._watcher.stop()
        self._writing.stop()
        self._workers.close()

    def _leave_if_alone(self) -> None:
        if not self._windows:
            self._leaving.set()

    # -- windows

    async def _window(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not is_same_user(writer.get_extra_info("socket")):
            writer.close()
            return
        self._windows.add(writer)
        try:
            self._send(writer, self._told)
            while line := await reader.readline():
                self._take(writer, decode(line))
        except (OSError, ValueError):
            pass  # it died, or is none of ours
        finally:
            self._windows.discard(writer)
            writer.close()
            self._leave_if_alone()

    def _take(self, writer: asyncio.StreamWriter, message: Message) -> None:
        match message:
            case Hello(watch=watch):
                if watch:
                    self._watcher.start()
            case Changed(number=number, paths=paths):
                self._writing.changed(paths, lambda: self._post(lambda: self._send(writer, Done(number))))
            case ParseText():
                self._parse(writer, message)
            case Cancel():
                self._writing.cancel()
            case Corrupt(generation=generation):
                self._writing.corrupt(generation)
            case _:
                raise ValueError("Only the indexer says this.")

    def _parse(self, writer: asyncio.StreamWriter, asked: ParseText) -> None:
        def done(future: Future[Results]) -> None:
            results = [None] if future.cancelled() or future.exception() else future.result()
            facts = results[0].facts.decode() if results[0] is not None else ""
            self._post(lambda: self._send(writer, ParsedText(asked.number, facts)))

        future = self._workers.submit([(0, asked.path, asked.text.encode("utf-8", "replace"))], urgent=True)
        future.add_done_callback(done)

    def _send(self, writer: asyncio.StreamWriter, message: Message) -> None:
        if writer in self._windows and not writer.is_closing():
            writer.write(encode(message))

    # -- from other threads

    def _post(self, call: Callable[[], None]) -> None:
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(call)

    def _hear(self, told: Told) -> None:
        self._post(lambda: self._tell(attrs.evolve(told, pid=os.getpid())))

    def _tell(self, told: Told) -> None:
        if told == self._told:
            return
        self._told = told
        for window in tuple(self._windows):
            self._send(window, told)


def _unlink(path: Path) -> None:
    path.unlink(missing_ok=True)

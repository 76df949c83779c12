"""The language server over its pipes, as an editor sees it, and what its processes hold in memory."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import psutil

from lsp_server.editor_side import EditorSide, start_server
from lsp_server.own_programs import LANGUAGE_SERVER
from lsp_server.wire import STATUS
from models.bench.code.product import READY_SECONDS, Home, MemoryWatch, memory_of, private_home
from models.bench.figures import Figure

_TOGETHER_MIB = 300
_SERVER_MIB = 200


class Served:
    """What a running server says of itself."""

    def __init__(self) -> None:
        self.indexed = asyncio.Event()
        """The index is ready."""
        self.generating = asyncio.Event()
        """The model is at work."""

    def hear(self, method: str, params: Mapping[str, Any]) -> None:
        """Follow the status."""
        if method == STATUS:
            _follow(self.indexed, params["index"]["state"] == "ready")
            _follow(self.generating, params["engine"]["state"] == "busy")


@attrs.frozen
class Serving:
    """A server whose index is ready."""

    side: EditorSide
    generating: asyncio.Event
    seconds: float
    """From the start of its process until its index was ready."""


@asynccontextmanager
async def serving(root: Path, settings: Mapping[str, Any]) -> AsyncGenerator[Serving]:
    """Start a server on a folder, and yield it once its index is ready.

    Raises:
        TimeoutError: the index did not become ready.
    """
    served = Served()
    began = time.perf_counter()
    async with start_server(LANGUAGE_SERVER, served.hear) as side:
        await side.initialize(root, settings, "utf-16")
        await asyncio.wait_for(served.indexed.wait(), READY_SECONDS)
        yield Serving(side, served.generating, time.perf_counter() - began)


def measure_memory(root: Path) -> list[Figure]:
    """Watch the server, the indexer and its workers through a cold index, and again when nothing is left to do.

    The home has no model: that process is measured by `make bench`.
    """
    with private_home() as home:
        figures = asyncio.run(_memory(root, home))
        home.wait_until_empty()
        started = asyncio.run(_started(root))
    return [Figure("server started to index ready, warm", started, "s", note="python's own start included"), *figures]


async def _started(root: Path) -> float:
    async with serving(root, {}) as served:
        return served.seconds


async def _memory(root: Path, home: Home) -> list[Figure]:
    with MemoryWatch(home.processes) as together, MemoryWatch(lambda: _servers(home)) as server:
        async with serving(root, {}) as served:
            await served.side.request("workspace/symbol", {"query": "QuerySet"})
            idle_together = sum(map(memory_of, home.processes()))
            idle_server = sum(map(memory_of, _servers(home)))
    return [
        Figure("memory of server and workers, largest while indexing", _mib(together.largest), "MiB", _TOGETHER_MIB),
        Figure("memory of the server alone, largest", _mib(server.largest), "MiB", _SERVER_MIB),
        Figure("memory of server and indexer, idle", _mib(idle_together), "MiB", _TOGETHER_MIB),
        Figure("memory of the server alone, idle", _mib(idle_server), "MiB", _SERVER_MIB),
    ]


def _servers(home: Home) -> list[psutil.Process]:
    return [process for process in home.processes() if process.ppid() == os.getpid()]


def _mib(size: int) -> float:
    return size / 2**20


def _follow(event: asyncio.Event, state: bool) -> None:
    if state:
        event.set()
    else:
        event.clear()

"""A client that says anything, well-formed or not, and waits for what it is told; no time is involved."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs

from lsp_server.lsp.streams import FrameParser

Json = dict[str, Any]
PATIENCE_SECONDS = 60.0
"""A server that takes longer than this is taken to hang."""


class RpcError(Exception):
    """The server's error response."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(error["message"])
        self.code: int = error["code"]
        self.message: str = error["message"]
        self.data: Json = error.get("data") or {}


class ServerEnded(Exception):
    """The server closed the connection."""


class WireClient:
    """The client's end of two pipes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self._ids = itertools.count(1)
        self._waiting: dict[Any, asyncio.Future[Any]] = {}
        self.messages: list[Json] = []
        """Everything that the server said, in order."""
        self.raw = b""
        self._heard = asyncio.Condition()
        self.configuration: Any = None
        self.excluded: Any = None
        """The editor's own `files.exclude`."""
        self.silent_on: set[str] = set()
        """Requests of the server that this client leaves without an answer."""
        self.ended = asyncio.Event()

    # What it says

    def send_bytes(self, data: bytes) -> None:
        self.writer.write(data)

    def pause(self) -> None:
        """Read nothing, until `resume`."""
        self._transport().pause_reading()

    def resume(self) -> None:
        """Read on."""
        self._transport().resume_reading()

    def _transport(self) -> asyncio.ReadTransport:
        return self._reader._transport  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType, reportAttributeAccessIssue]

    def send_body(self, body: bytes) -> None:
        self.send_bytes(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def send(self, message: Any) -> None:
        self.send_body(json.dumps(message).encode())

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def begin(self, method: str, params: Any = None, *, msg_id: Any = None, **extra: Any) -> tuple[Any, Any]:
        """Send a request; return its id and a future of the result."""
        msg_id = next(self._ids) if msg_id is None else msg_id
        future = self._waiting[msg_id] = asyncio.get_running_loop().create_future()
        self.send({"jsonrpc": "2.0", "id": msg_id, "method": method, "params": params} | extra)
        return msg_id, future

    async def request(self, method: str, params: Any = None, **extra: Any) -> Any:
        """Send a request and return its result; RpcError for an error."""
        return await self.answered(self.begin(method, params, **extra)[1])

    async def answered(self, future: Any) -> Any:
        return await asyncio.wait_for(future, PATIENCE_SECONDS)

    async def fails(self, method: str, params: Any = None, **extra: Any) -> RpcError:
        """Send a request that must fail; return the error."""
        try:
            result = await self.request(method, params, **extra)
        except RpcError as error:
            return error
        raise AssertionError(f"{method} was answered with {result}")

    async def initialize(self, *roots: Path, **changes: Any) -> Json:
        """Shake hands."""
        defaults: Json = {
            "processId": os.getpid(),
            "rootUri": None,
            "workspaceFolders": [{"uri": root.as_uri(), "name": root.name} for root in roots],
            "capabilities": {},
        }
        result = await self.request("initialize", defaults | changes)
        self.notify("initialized", {})
        return result

    # What it hears

    def heard(self, method: str) -> list[Any]:
        """Return the parameters of every message of that method so far."""
        return [message.get("params") for message in self.messages if message.get("method") == method]

    def progress(self, token: Any) -> list[Any]:
        """Return the values of every `$/progress` of a token so far."""
        return [params["value"] for params in self.heard("$/progress") if params["token"] == token]

    async def until(self, wanted: Callable[[], Any]) -> Any:
        """Wait until `wanted` is true of what was heard, and return it."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._heard:
            while not (found := wanted()):
                if self.ended.is_set():
                    raise ServerEnded
                await self._heard.wait()
            return found

    async def read(self) -> None:
        parser = FrameParser()
        while data := await self._reader.read(1 << 16):
            self.raw += data
            for body in parser.feed(data):
                self._take(json.loads(body))
                async with self._heard:
                    self._heard.notify_all()
        self.ended.set()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(ServerEnded())
                future.exception()
        async with self._heard:
            self._heard.notify_all()

    def _take(self, message: Json) -> None:
        self.messages.append(message)
        if "method" in message:
            if "id" in message and message["method"] not in self.silent_on:
                self.send({"jsonrpc": "2.0", "id": message["id"], "result": self._result(message)})
            return
        future = self._waiting.get(message.get("id"))
        if future is None or future.done():
            return
        if "error" in message:
            future.set_exception(RpcError(message["error"]))
        else:
            future.set_result(message["result"])

    def _result(self, message: Json) -> Any:
        if message["method"] == "workspace/configuration":
            sections = [item.get("section") for item in message["params"]["items"]]
            return [self.excluded if section == "files.exclude" else self.configuration for section in sections]
        return None


@attrs.frozen
class Spawned:
    """A server process and the client at its pipes."""

    process: asyncio.subprocess.Process
    client: WireClient

    async def exit_code(self) -> int:
        """Wait for the process to end by itself."""
        return await asyncio.wait_for(self.process.wait(), PATIENCE_SECONDS)


@asynccontextmanager
async def spawn(command: Sequence[str], **options: Any) -> AsyncGenerator[Spawned]:
    """Start a server process; leaving the block closes its pipes and awaits its end."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=sys.stderr, **options)
    assert process.stdin is not None
    assert process.stdout is not None
    client = WireClient(process.stdout, process.stdin)
    reading = asyncio.create_task(client.read())
    try:
        yield Spawned(process, client)
    finally:
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), PATIENCE_SECONDS)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
            await reading

"""The editor's side of the wire, small: starts a language server and speaks JSON-RPC with it over its pipes."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lsp_server.errors import InglenookError
from lsp_server.lsp.streams import FrameError, FrameParser

_CHUNK = 1 << 16
_METHOD_NOT_FOUND = -32601
_CANCELLED = -32800
_LEAVING_SECONDS = 10.0

Notified = Callable[[str, Mapping[str, Any]], None]
Ended = Callable[[], None]


class ServerGone(InglenookError):
    """The language server ended although nobody asked it to."""

    code = 1040
    kind = "serverGone"


class RequestCancelled(Exception):
    """The request was cancelled, as was asked."""


class EditorSide:
    """One running language server, as a client sees it."""

    def __init__(self, process: asyncio.subprocess.Process, on_notification: Notified, on_end: Ended) -> None:
        self._process = process
        self._on_notification = on_notification
        self._on_end = on_end
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._failure: Exception | None = None
        """Why nothing will be answered any more."""

    async def request(self, method: str, params: Any) -> Any:
        """Send a request and return its result. Cancelling the task cancels the request and awaits its answer.

        Raises:
            InglenookError: the server's own error, or ServerGone.
            RequestCancelled: the server has stopped the work.
            Exception: what the listener to notifications raised.
        """
        self.check()
        msg_id = next(self._ids)
        answer = self._waiting[msg_id] = asyncio.get_running_loop().create_future()
        self._send({"id": msg_id, "method": method, "params": params})
        try:
            return await asyncio.shield(answer)
        except asyncio.CancelledError:
            self.notify("$/cancelRequest", {"id": msg_id})
            with contextlib.suppress(Exception):
                await answer
            raise
        finally:
            self._waiting.pop(msg_id, None)

    def check(self) -> None:
        """Raise what `request` would where nothing will be answered any more."""
        if self._failure is not None:
            raise self._failure

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def leave(self) -> None:
        """Say goodbye in good order, without waiting for an answer."""
        self._send({"id": next(self._ids), "method": "shutdown"})
        self._send({"method": "exit"})

    async def initialize(
        self, workspace: Path, settings: Mapping[str, Any], encoding: str, *, model: bool = True
    ) -> None:
        """Shake hands, with one workspace folder.

        Args:
            workspace: The folder.
            settings: Dotted keys below `inglenook.`.
            encoding: What columns count.
            model: Whether the model will be asked, so that it is made ready in advance.
        """
        folder = {"uri": workspace.as_uri(), "name": workspace.name}
        await self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "clientInfo": {"name": "inglenook"},
                "rootUri": folder["uri"],
                "workspaceFolders": [folder],
                "capabilities": {
                    "general": {"positionEncodings": [encoding]},
                    "window": {"workDoneProgress": True},
                },
                "initializationOptions": {"commands": False, "model": model, "settings": settings},
            },
        )
        self.notify("initialized", {})

    async def read(self) -> None:
        """Take what the server says until it ends; from then on whatever is asked fails.

        After a failure it reads on and drops what comes: a server whose output nobody takes could not end.
        """
        parser = FrameParser()
        assert self._process.stdout is not None  # noqa: S101 - it was started with a pipe
        while data := await self._process.stdout.read(_CHUNK):
            if self._failure is None:
                self._hear(parser, data)
        code = await self._process.wait()
        self._fail(ServerGone(f"The language server ended with exit code {code}."))

    def _hear(self, parser: FrameParser, data: bytes) -> None:
        try:
            for body in parser.feed(data):
                self._take(json.loads(body))
        except (FrameError, ValueError, LookupError, TypeError) as error:
            self._fail(ServerGone(f"The language server wrote what is no message: {error}."))
        except Exception as error:  # noqa: BLE001 - the listener's own; whoever waits is told
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        """Have everything that waits, and all that is asked later, fail. The first reason counts."""
        if self._failure is not None:
            return
        self._failure = error
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(error)
        self._on_end()

    def _take(self, message: Mapping[str, Any]) -> None:
        if "method" in message and "id" in message:
            self._answer(message["id"], message["method"], message.get("params"))
        elif "method" in message:
            self._on_notification(message["method"], message.get("params") or {})
        else:
            answer = self._waiting.get(message["id"])
            if answer is not None and not answer.done():
                _settle(answer, message)

    def _answer(self, msg_id: Any, method: str, params: Any) -> None:
        if method == "workspace/configuration":
            self._send({"id": msg_id, "result": [None for _ in params["items"]]})
        elif method in {"window/workDoneProgress/create", "client/registerCapability"}:
            self._send({"id": msg_id, "result": None})
        else:
            self._send({"id": msg_id, "error": {"code": _METHOD_NOT_FOUND, "message": f"no {method} here"}})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0"} | message).encode()
        assert self._process.stdin is not None  # noqa: S101 - it was started with a pipe
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))


def _settle(answer: asyncio.Future[Any], message: Mapping[str, Any]) -> None:
    error = message.get("error")
    if error is None:
        answer.set_result(message.get("result"))
    elif error["code"] == _CANCELLED:
        answer.set_exception(RequestCancelled())
    else:
        data: Mapping[str, str] = error.get("data") or {}
        answer.set_exception(InglenookError.from_wire({**data, "sentence": error["message"]}))


@asynccontextmanager
async def start_server(
    command: Sequence[str], on_notification: Notified, on_end: Ended = lambda: None
) -> AsyncGenerator[EditorSide]:
    """Start a language server; leaving the block ends it, in good order where it still answers.

    The server has a session of its own, so that Ctrl-C in the terminal reaches this process alone.

    Args:
        command: What starts it.
        on_notification: Hears what it says unasked.
        on_end: Hears, once, that nothing will be answered any more; `check` says why.
    """
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    side = EditorSide(process, on_notification, on_end)
    reading = asyncio.create_task(side.read())
    try:
        yield side
    finally:
        if process.stdin is not None:
            side.leave()
            process.stdin.close()
        try:
            await asyncio.wait_for(asyncio.shield(reading), _LEAVING_SECONDS)
        except TimeoutError:
            process.kill()
            await reading

"""What the commands that are language clients share: folder, settings, one language server, JSON, and Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs

from lsp_server.editor_side import EditorSide, Notified, RequestCancelled, start_server
from lsp_server.errors import BadRequest, InglenookError, WorkspaceUnusable

INTERRUPTED = 130


@attrs.frozen
class Client:
    """Where a command looks, and through which server."""

    server: Sequence[str]
    """The command that starts a language server on stdin and stdout."""
    workspace: Path
    settings: Mapping[str, Any]

    @asynccontextmanager
    async def connected(
        self, notified: Notified, *, encoding: str = "utf-16", model: bool = True
    ) -> AsyncGenerator[EditorSide]:
        """Start the server and shake hands (see `EditorSide.initialize`); leaving the block ends it."""
        async with start_server(self.server, notified) as side:
            await side.initialize(self.workspace, self.settings, encoding, model=model)
            yield side


Work = Callable[[argparse.Namespace, Client], Coroutine[Any, Any, int]]


def run_client(arguments: argparse.Namespace, work: Work) -> int:
    """Do the work of a command, and return the exit code. With `--json` a failure is an object on stdout.

    Args:
        arguments: `server`, `workspace`, `json` and `settings` as cli.py declares them, and the command's own.
        work: what the command does.
    """
    try:
        settings = dict(_setting(pair) for pair in arguments.settings)
        client = Client(arguments.server, folder(arguments.workspace), settings)
        return asyncio.run(_interruptible(work(arguments, client)))
    except InglenookError as error:
        if not arguments.json:
            raise
        print_json({"error": error.to_wire()})
        return 1


def folder(named: Path) -> Path:
    """Return the absolute path of a folder; `~` is the user's, also where no shell has read it."""
    try:
        return named.expanduser().absolute()
    except (RuntimeError, OSError) as error:
        raise WorkspaceUnusable(f"The workspace {named} cannot be found: {error}") from None


def print_json(value: Mapping[str, Any]) -> None:
    """Write one line of ASCII: right in any locale, and whatever a file's name holds."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


async def _interruptible(work: Coroutine[Any, Any, int]) -> int:
    """Let Ctrl-C cancel the work, which tells the server, instead of dropping it."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine runs in a task
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, task.cancel)
    try:
        return await work
    except (RequestCancelled, asyncio.CancelledError):
        task.uncancel()
        return INTERRUPTED


def _setting(pair: str) -> tuple[str, Any]:
    key, equals, value = pair.partition("=")
    if not equals:
        raise BadRequest(f"--set {pair} has no value.", "Write --set KEY=VALUE, as in --set ask.maxToolCalls=3.")
    try:
        return key.removeprefix("inglenook."), json.loads(value)
    except ValueError:
        return key.removeprefix("inglenook."), value

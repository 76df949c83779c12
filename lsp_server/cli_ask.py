"""`inglenook ask`: a language client on the command line, for a person, or as JSON for a program."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import time
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, cast

from lsp_server.ask_json import as_batch_line, as_error_line, as_object
from lsp_server.editor_side import AskCancelled, EditorSide, start_server
from lsp_server.errors import BadRequest, InglenookError, WorkspaceUnusable
from lsp_server.lines import lines_of
from lsp_server.terminal import Terminal
from lsp_server.wire import ASK

INTERRUPTED = 130
_BAD_LINE = "The line is no JSON object with a question."
_TEXT_TOKEN = "text"  # noqa: S105 - a progress token
_STEPS_TOKEN = "steps"  # noqa: S105


def run_ask(arguments: argparse.Namespace, *, server: Sequence[str]) -> int:
    """Answer as the command line says, and return the exit code.

    Args:
        arguments: `question`, `workspace`, `json`, `batch`, `settings` as cli.py declares them.
        server: The command that starts a language server on stdin and stdout.
    """
    try:
        if bool(arguments.batch) == (arguments.question is not None):
            raise BadRequest("Give either a question or --batch FILE.", "For example: inglenook ask 'Where is main?'")
        settings = dict(_setting(pair) for pair in arguments.settings)
        work = _answer_batch if arguments.batch else _answer_one
        return asyncio.run(_interruptible(work(arguments, _folder(arguments.workspace), settings, server)))
    except InglenookError as error:
        if not arguments.json:
            raise
        _print_json({"error": error.to_wire()})
        return 1


def _folder(named: Path) -> Path:
    """Return the absolute path of a folder; `~` is the user's, also where no shell has read it."""
    try:
        return named.expanduser().absolute()
    except (RuntimeError, OSError) as error:
        raise WorkspaceUnusable(f"The workspace {named} cannot be found: {error}") from None


async def _interruptible(work: Coroutine[Any, Any, int]) -> int:
    """Let Ctrl-C cancel the work, which tells the server, instead of dropping it."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine runs in a task
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, task.cancel)
    try:
        return await work
    except (AskCancelled, asyncio.CancelledError):
        task.uncancel()
        return INTERRUPTED


async def _answer_one(
    arguments: argparse.Namespace, workspace: Path, settings: Mapping[str, Any], server: Sequence[str]
) -> int:
    terminal = Terminal(quiet=arguments.json)

    def notified(method: str, params: Mapping[str, Any]) -> None:
        if method == "$/progress":
            terminal.progress(params["token"] == _TEXT_TOKEN, params["value"])

    with terminal:
        async with start_server(server, notified) as side:
            await side.initialize(workspace, settings)
            result = await side.request(
                ASK,
                {"question": arguments.question, "workDoneToken": _STEPS_TOKEN, "partialResultToken": _TEXT_TOKEN},
            )
        if arguments.json:
            _print_json(as_object(result))
        else:
            terminal.finish(result["answer"])
    return 0


async def _answer_batch(
    arguments: argparse.Namespace, workspace: Path, settings: Mapping[str, Any], server: Sequence[str]
) -> int:
    failures = 0
    with _opened(arguments.batch) as file:
        async with start_server(server, _ignore) as side:
            await side.initialize(workspace, settings)
            async for line in lines_of(file.fileno()):
                if line.strip():
                    answer = await _answer_line(side, line)
                    failures += "error" in answer
                    _print_json(answer)
    return 1 if failures else 0


async def _answer_line(side: EditorSide, line: str) -> dict[str, Any]:
    """Answer one line of a batch; whatever is wrong with it is its answer."""
    asked = _read_line(line)
    name = asked.get("id")
    began = time.perf_counter()
    try:
        if not isinstance(asked.get("question"), str):
            raise BadRequest(_BAD_LINE, 'Write {"id": ..., "question": "..."} on each line.')
        result = await side.request(ASK, {"question": asked["question"]})
    except InglenookError as error:
        return as_error_line(name, error)
    return as_batch_line(name, result, time.perf_counter() - began)


def _read_line(line: str) -> Mapping[str, Any]:
    """Return the object of a line; an empty one where there is none."""
    try:
        data: object = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return cast("Mapping[str, Any]", data) if isinstance(data, dict) else {}


def _opened(name: str) -> IO[bytes]:
    try:
        return open(0 if name == "-" else name, "rb", buffering=0, closefd=name != "-")
    except OSError as error:
        raise BadRequest(f"{name} cannot be read: {error.strerror}.", "Name a file of JSON lines.") from None


def _setting(pair: str) -> tuple[str, Any]:
    key, equals, value = pair.partition("=")
    if not equals:
        raise BadRequest(f"--set {pair} has no value.", "Write --set KEY=VALUE, as in --set ask.maxToolCalls=3.")
    try:
        return key.removeprefix("inglenook."), json.loads(value)
    except ValueError:
        return key.removeprefix("inglenook."), value


def _print_json(value: Mapping[str, Any]) -> None:
    """Write one line of ASCII: right in any locale, and whatever a file's name holds."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def _ignore(_method: str, _params: Mapping[str, Any]) -> None:
    pass

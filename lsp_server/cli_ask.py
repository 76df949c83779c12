"""`inglenook ask`: a question and its answer on the command line, for a person, or as JSON for a program."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from typing import IO, Any, cast

from lsp_server.ask_json import as_batch_line, as_error_line, as_object
from lsp_server.cli_client import Client, print_json, run_client
from lsp_server.editor_side import EditorSide
from lsp_server.errors import BadRequest, InglenookError
from lsp_server.lines import lines_of
from lsp_server.terminal import STEPS_TOKEN, TEXT_TOKEN, Terminal
from lsp_server.wire import ASK

_BAD_LINE = "The line is no JSON object with a question."


def run_ask(arguments: argparse.Namespace) -> int:
    """Answer as the command line says, and return the exit code.

    Args:
        arguments: `question` and `batch`, and what every client takes (see `run_client`).
    """
    return run_client(arguments, _answer_batch if arguments.batch else _answer_one)


def _check(arguments: argparse.Namespace) -> None:
    if bool(arguments.batch) == (arguments.question is not None):
        raise BadRequest("Give either a question or --batch FILE.", "For example: inglenook ask 'Where is main?'")


async def _answer_one(arguments: argparse.Namespace, client: Client) -> int:
    _check(arguments)
    with Terminal(quiet=arguments.json) as terminal:
        async with client.connected(terminal.notified) as side:
            asked = {"question": arguments.question, "workDoneToken": STEPS_TOKEN, "partialResultToken": TEXT_TOKEN}
            result = await side.request(ASK, asked)
        if arguments.json:
            print_json(as_object(result))
        else:
            terminal.finish(result["answer"])
    return 0


async def _answer_batch(arguments: argparse.Namespace, client: Client) -> int:
    _check(arguments)
    failures = 0
    with _opened(arguments.batch) as file:
        async with client.connected(_ignore) as side:
            async for line in lines_of(file.fileno()):
                if line.strip():
                    answer = await _answer_line(side, line)
                    failures += "error" in answer
                    print_json(answer)
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


def _ignore(_method: str, _params: Mapping[str, Any]) -> None:
    pass

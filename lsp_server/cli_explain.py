"""`inglenook explain PATH:LINE[:COL]`: the model's words about what stands there."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import attrs

from lsp_server.ask_json import as_explanation
from lsp_server.cli_client import Client, print_json, run_client
from lsp_server.errors import BadRequest
from lsp_server.terminal import STEPS_TOKEN, TEXT_TOKEN, Terminal
from lsp_server.wire import EXPLAIN

_PLACE = re.compile(r"(?P<path>.+?):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?:?", re.DOTALL)


@attrs.frozen
class Spot:
    """What a person named."""

    path: str
    line: int
    """One-based."""
    column: int | None
    """One-based; None for the first name of the line."""


def run_explain(arguments: argparse.Namespace) -> int:
    """Explain as the command line says, and return the exit code.

    Args:
        arguments: `place` and `refresh`, and what every client takes (see `run_client`).
    """
    return run_client(arguments, _explain)


async def _explain(arguments: argparse.Namespace, client: Client) -> int:
    spot = parse_spot(arguments.place)
    position = {"line": spot.line - 1, "character": 0 if spot.column is None else spot.column - 1}
    asked = {
        "textDocument": {"uri": found(spot.path, client.workspace).as_uri()},
        "position": position,
        "refresh": arguments.refresh,
        "workDoneToken": STEPS_TOKEN,
        "partialResultToken": TEXT_TOKEN,
    }
    with Terminal(quiet=arguments.json) as terminal:
        async with client.connected(terminal.notified, encoding="utf-32") as side:
            result = await side.request(EXPLAIN, asked)
        if arguments.json:
            print_json(as_explanation(result))
        else:
            terminal.finish(result["markdown"])
    return 0


def parse_spot(text: str) -> Spot:
    """Return the place that a person named as PATH:LINE or PATH:LINE:COL, as compilers and grep write it.

    Raises:
        BadRequest: it is neither.
    """
    match = _PLACE.fullmatch(text)
    line = int(match["line"]) if match else 0
    column = int(match["column"]) if match and match["column"] else None
    if match is None or line < 1 or column == 0:
        raise BadRequest(f"{text} names no place.", "Write PATH:LINE or PATH:LINE:COL, counted from 1.")
    return Spot(match["path"], line, column)


def found(path: str, workspace: Path) -> Path:
    """Return the file that a person means: as seen from here, else from the workspace.

    Raises:
        BadRequest: there is none.
    """
    for candidate in (Path(path).absolute(), workspace / path):
        try:
            if candidate.is_file():
                return candidate
        except (OSError, ValueError):
            continue
    raise BadRequest(f"There is no file {path}.", "Name one as seen from here, or from the workspace folder.")

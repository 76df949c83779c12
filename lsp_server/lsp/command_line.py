"""Runs our own command line as a process and reads the JSON lines that it prints."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from subprocess import DEVNULL, PIPE
from typing import Any, cast

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

from lsp_server.errors import InglenookError
from lsp_server.own_programs import module_command

_MAX_LINE = 1 << 20
_GRACE_SECONDS = 5.0
_ANSWERS = {"error", "plan"}
"""A line with one of these says why the exit code is not 0."""


OURS = module_command("lsp_server")


async def run_command_line(program: Sequence[str], *arguments: str) -> AsyncGenerator[Mapping[str, Any]]:
    """Yield each JSON object that `program` prints; closing the generator ends the process.

    Raises:
        InglenookError: it failed without saying why in JSON.
    """
    process = await anyio.open_process([*program, *arguments], stdin=DEVNULL, stdout=PIPE, stderr=None)
    answered = False
    try:
        if process.stdout is not None:
            lines = BufferedByteReceiveStream(process.stdout)
            while (line := await _line(lines)) is not None:
                answered = answered or bool(line.keys() & _ANSWERS)
                yield line
        code = await process.wait()
        if code and not answered:
            raise InglenookError(f"`inglenook {' '.join(arguments)}` ended with exit code {code}.", "See the log.")
    finally:
        with anyio.CancelScope(shield=True):
            await _end(process)


async def _line(stream: BufferedByteReceiveStream) -> Mapping[str, Any] | None:
    """Return the next object; an empty one for a line that is none; None at the end."""
    try:
        text = await stream.receive_until(b"\n", _MAX_LINE)
    except (anyio.EndOfStream, anyio.IncompleteRead):
        return None
    try:
        found: object = json.loads(text)
    except ValueError:
        return {}
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}


async def _end(process: Process) -> None:
    """End the process, kindly first."""
    if process.returncode is None:
        process.terminate()
        with anyio.move_on_after(_GRACE_SECONDS):
            await process.wait()
    if process.returncode is None:
        process.kill()
    await process.aclose()

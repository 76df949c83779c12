"""A child process that cannot run long, print much, ask anything or outlive its caller."""

from __future__ import annotations

import contextlib
import os
import resource
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

import attrs

SECONDS = 10.0
MAX_OUTPUT = 400_000
"""Bytes of standard output after which the process is stopped."""
_MAX_ERROR = 8_000
_POLL = 0.05
_CPU_SECONDS = 20
_MEMORY = 8 << 30


@attrs.frozen
class Finished:
    """What came of a process."""

    output: bytes
    error: str
    exit_code: int
    stopped: str = ""
    """Why it was stopped before its end; empty when it was not."""


def run(
    argv: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    cancelled: Callable[[], bool],
    seconds: float = SECONDS,
) -> Finished:
    """Run a program by its own words, without a shell and with nothing inherited but the given environment.

    Raises:
        OSError: it could not be started.
    """
    with subprocess.Popen(  # noqa: S603 - argv comes from the allow-lists of the git rooms, never from a shell
        list(argv),
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        close_fds=True,
    ) as process:
        _limit(process.pid)
        try:
            return _collect(process, cancelled, time.monotonic() + seconds)
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)


def _limit(pid: int) -> None:
    """Bound the process's CPU time and memory, where the system can do so from outside."""
    prlimit = getattr(resource, "prlimit", None)
    if prlimit is None:
        return
    with contextlib.suppress(OSError, ValueError):
        prlimit(pid, resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
        prlimit(pid, resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        prlimit(pid, resource.RLIMIT_CORE, (0, 0))


def _collect(process: subprocess.Popen[bytes], cancelled: Callable[[], bool], deadline: float) -> Finished:
    output, error = bytearray(), bytearray()
    stopped = ""
    with selectors.DefaultSelector() as selector:
        for stream, into in ((process.stdout, output), (process.stderr, error)):
            if stream is not None:
                selector.register(stream, selectors.EVENT_READ, into)
        while selector.get_map() and not stopped:
            for key, _ in selector.select(_POLL):
                _read(selector, key)
            del error[_MAX_ERROR:]
            if cancelled():
                stopped = "it was cancelled"
            elif time.monotonic() > deadline:
                stopped = "it ran too long"
            elif len(output) > MAX_OUTPUT:
                stopped = "it printed too much"
    code = -signal.SIGKILL if stopped else process.wait()
    return Finished(bytes(output[:MAX_OUTPUT]), error.decode("utf-8", "replace").strip(), code, stopped)


def _read(selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
    stream: IO[bytes] = key.fileobj  # pyright: ignore[reportAssignmentType] - what was registered
    piece = os.read(stream.fileno(), 65_536)
    if piece:
        key.data.extend(piece)
    else:
        selector.unregister(stream)

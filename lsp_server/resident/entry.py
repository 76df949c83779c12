"""How a resident process begins: it leaves its parent, listens, and says so.

The caller runs it and waits for it to end; by then the process that stays is listening, or the one line on standard
output says why not.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:  # nothing heavy before the fork
    from lsp_server.engine.frames import Hello
    from lsp_server.resident.generate import Model
    from lsp_server.resident.host import ModelLoader

READY = "ready"


@attrs.frozen
class EntryOptions:
    """What the command line says."""

    folder: Path
    socket: Path
    lock: Path
    log: Path
    idle_seconds: float
    cache_bytes: int
    model_name: str


LoaderFactory = Callable[[EntryOptions], "ModelLoader"]
"""Makes the host's loader; called in the process that stays."""


def parse(argv: list[str]) -> EntryOptions:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m lsp_server.resident", description="Keep a model in memory.")
    parser.add_argument("--folder", type=Path, required=True, help="the model folder")
    parser.add_argument("--socket", type=Path, required=True, help="the Unix socket to listen on")
    parser.add_argument("--lock", type=Path, required=True, help="the file that starting and leaving lock")
    parser.add_argument("--log", type=Path, required=True, help="where messages go")
    parser.add_argument("--idle-seconds", type=float, default=600.0, help="leave this long after the last client")
    parser.add_argument("--cache-bytes", type=int, default=0, help="budget of the prefix cache; 0 derives it")
    parser.add_argument("--model-name", default="model", help="the name to report")
    return EntryOptions(**vars(parser.parse_args(argv)))


def run(options: EntryOptions, loader_factory: LoaderFactory) -> int:
    """Start the process that stays; return the exit status once it listens."""
    read_end, write_end = os.pipe()
    if os.fork():
        os.close(write_end)
        with os.fdopen(read_end, encoding="utf-8") as answer:
            line = answer.readline().strip() or "The model process ended before it could listen."
        sys.stdout.write(line + "\n")
        return 0 if line == READY else 1
    os.close(read_end)
    os.setsid()
    _redirect(options.log)
    _stay(options, loader_factory, write_end)
    return 0


def _redirect(log: Path) -> None:
    """Point the standard streams away from the parent: mlx-lm prints, and the parent's pipe must see its end."""
    sys.stdout.flush()
    nothing = os.open(os.devnull, os.O_RDONLY)
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    os.dup2(nothing, 0)
    os.dup2(target, 1)
    os.dup2(target, 2)
    os.close(nothing)
    os.close(target)


def _stay(options: EntryOptions, loader_factory: LoaderFactory, write_end: int) -> None:
    import anyio  # noqa: PLC0415 - nothing heavy before the fork

    from lsp_server.resident.host import Host, HostOptions  # noqa: PLC0415 - likewise

    def ready() -> None:
        with suppress(BrokenPipeError):  # who started this process has gone; another client may come
            os.write(write_end, f"{READY}\n".encode())
        os.close(write_end)

    places = HostOptions(options.socket, options.lock, options.idle_seconds, options.model_name)
    host = Host(places, loader_factory(options))
    anyio.run(host.serve, ready)
    sys.stderr.flush()
    os._exit(0)  # mlx's own threads may outlive the interpreter and abort in its last moments


def mlx_loader(options: EntryOptions) -> ModelLoader:
    """Return the loader of the options' folder; mlx is first imported in the thread that calls it."""

    def load(hello: Hello, progress: Callable[[int], None]) -> Model:
        from lsp_server.resident.loading import load_admitted  # noqa: PLC0415 - importing it loads mlx

        return load_admitted(options.folder, hello, cache_bytes=options.cache_bytes, progress=progress)

    return load

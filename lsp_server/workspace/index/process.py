"""How an indexer begins: it takes the lock, leaves its parent, listens, and says so.

The caller runs it and waits for it to end; by then the process that stays is listening, or the line on standard
output says why there is none.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress

from lsp_server.errors import InglenookError
from lsp_server.workspace.index.base import CacheUnusable
from lsp_server.workspace.index.cache_folder import CacheFolder
from lsp_server.workspace.index.meeting import BUSY, READY, read_arguments, socket_path
from lsp_server.workspace.scope import Scope

_GARBAGE = 50_000
"""Objects that are made between two looks for cycles."""


def main(argument: str) -> int:
    """Start the process that stays; return the exit status once it listens."""
    try:
        root, settings = read_arguments(argument)
        folder = CacheFolder.of(root, settings)
        folder.make()
        lock = folder.lock()
        if lock is None:
            return _say(BUSY)
        scope = Scope([root], settings)
        log = folder.log()
    except CacheUnusable as error:
        return _say(str(error))
    except InglenookError as error:
        return _say(error.sentence)
    read_end, write_end = os.pipe()
    child = os.fork()
    if child:
        os.close(write_end)
        with os.fdopen(read_end, encoding="utf-8") as answer:
            return _say(answer.readline().strip() or _ended(child))
    os.close(read_end)
    os.setsid()
    _redirect(log)
    _stay(folder, scope, write_end)
    return 0


def _ended(child: int) -> str:
    """Return what is to be said of a process that does not listen: one that was killed may be started again."""
    _, status = os.waitpid(child, 0)
    return BUSY if os.WIFSIGNALED(status) else "The indexer ended before it could listen."


def _say(line: str) -> int:
    sys.stdout.write(line + "\n")
    return 0 if line in {READY, BUSY} else 1


def _redirect(log: int) -> None:
    """Point the standard streams away from the parent, whose pipe must see its end."""
    sys.stdout.flush()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(nothing)
    os.close(log)


def _stay(folder: CacheFolder, scope: Scope, write_end: int) -> None:
    """Serve until the last window has gone; the lock goes with the process."""
    import asyncio  # noqa: PLC0415 - nothing heavy before the fork

    from lsp_server.workspace.index.host import Host  # noqa: PLC0415 - likewise

    def ready() -> None:
        with suppress(BrokenPipeError):  # who started this process has gone; another window may come
            os.write(write_end, f"{READY}\n".encode())
        os.close(write_end)

    os.umask(0o077)
    gc.freeze()
    gc.set_threshold(_GARBAGE)  # a scan makes many values, and no cycles
    asyncio.run(Host(folder, scope).serve(socket_path(folder), ready))
    sys.stderr.flush()
    os._exit(0)  # the writing thread may be in the middle of something that the next indexer repeats


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

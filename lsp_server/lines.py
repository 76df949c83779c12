"""Lines of a file as they come, in a loop that goes on meanwhile: the next may be a person's, and take its time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import AsyncGenerator

_CHUNK = 1 << 16


async def lines_of(descriptor: int) -> AsyncGenerator[str]:
    """Yield the lines of a file, a pipe or a terminal, without their ends and without a byte-order mark.

    A daemon thread reads the descriptor itself, so that neither the loop nor the end of the process waits for it.

    Raises:
        OSError: it cannot be read.
    """
    loop = asyncio.get_running_loop()
    pieces: asyncio.Queue[bytes | OSError] = asyncio.Queue()

    def tell(piece: bytes | OSError) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody listens
            loop.call_soon_threadsafe(pieces.put_nowait, piece)

    def read() -> None:
        try:
            while piece := os.read(descriptor, _CHUNK):
                tell(piece)
        except OSError as error:
            tell(error)
        else:
            tell(b"")

    threading.Thread(target=read, name="lines", daemon=True).start()
    rest = b""
    while piece := await pieces.get():
        if isinstance(piece, OSError):
            raise piece
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield _text(line)
    if rest:
        yield _text(rest)


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").removeprefix("\ufeff").removesuffix("\r")

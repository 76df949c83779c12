"""The two pipes to the client, each with a thread of its own, so that neither can hold up the loop or the other.

A client that does not read must not stop the server from reading: both would wait for ever.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator

import attrs

_CHUNK = 1 << 16
MAX_BODY_BYTES = 256 << 20
MAX_HEADER_BYTES = 1 << 16
_MAX_DIGITS = 20
"""Of a length; int() refuses some thousands with an error of its own."""


@attrs.frozen
class Pipes:
    """File descriptors that are the protocol's alone."""

    read: int
    write: int


def take_standard_pipes() -> Pipes:
    """Take stdin and stdout away from everything else in this process, and from its children.

    Whatever prints from now on prints to stderr; whatever reads stdin reads nothing.
    """
    sys.stdout.flush()
    pipes = Pipes(os.dup(0), os.dup(1))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return pipes


class FrameError(Exception):
    """The bytes are no frames: the connection is of no further use."""


class FrameParser:
    """Cuts a stream of bytes into message bodies, however it arrives in pieces."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._length: int | None = None
        self._expected: int | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the bodies that `data` completes.

        Raises:
            FrameError: a header without end, or a body beyond all measure.
        """
        self._buffer += data
        while (body := self._next()) is not None:
            yield body

    def _next(self) -> bytes | None:
        while self._expected is None:
            end = self._buffer.find(b"\n")
            if end < 0:
                if len(self._buffer) > MAX_HEADER_BYTES:
                    raise FrameError("a header line without end")
                return None
            line = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            self._read_header(line)
        if len(self._buffer) < self._expected:
            return None
        body = bytes(self._buffer[: self._expected])
        del self._buffer[: self._expected]
        self._expected = None
        return body

    def _read_header(self, line: bytes) -> None:
        """Note the length; the empty line ends the headers."""
        if not line.strip():
            self._expected, self._length = self._length, None
            return
        name, _, value = line.partition(b":")
        value = value.strip()
        if name.strip().lower() == b"content-length" and value.isdigit():
            if len(value) > _MAX_DIGITS or int(value) > MAX_BODY_BYTES:
                raise FrameError(f"a message of {value[:_MAX_DIGITS].decode()} bytes")
            self._length = int(value)


class FrameReader:
    """Reads frames from a descriptor in a daemon thread.

    The thread reads the descriptor itself: a buffered file would hold a lock at the interpreter's end.
    """

    def __init__(self, descriptor: int, on_body: Callable[[bytes], None], on_end: Callable[[str], None]) -> None:
        self._descriptor = descriptor
        self._on_body = on_body
        self._on_end = on_end
        self._thread = threading.Thread(target=self._run, name="stdin", daemon=True)

    def start(self) -> None:
        """Begin to read; both callbacks are called in the reader's thread."""
        self._thread.start()

    def _run(self) -> None:
        parser = FrameParser()
        reason = "the client closed the connection"
        try:
            while data := os.read(self._descriptor, _CHUNK):
                for body in parser.feed(data):
                    self._on_body(body)
        except (OSError, FrameError) as error:
            reason = str(error)
        self._on_end(reason)


class FrameWriter:
    """Writes bytes to a descriptor in a daemon thread, in order; the caller never waits."""

    def __init__(self, descriptor: int, on_lost: Callable[[str], None]) -> None:
        self._descriptor = descriptor
        self._on_lost = on_lost
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="stdout", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Send `data` after all that was written before."""
        self._queue.put(data)

    def close(self, seconds: float = 2.0) -> None:
        """Send what is left, for at most so many seconds."""
        self._queue.put(None)
        self._thread.join(seconds)

    def _run(self) -> None:
        while (data := self._queue.get()) is not None:
            view = memoryview(data)
            try:
                while view:
                    view = view[os.write(self._descriptor, view) :]
            except OSError as error:
                self._on_lost(str(error))
                return

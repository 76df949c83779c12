"""The way out of a connection: who sends never waits for the process at the other end, which may be stopped."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from queue import SimpleQueue

from lsp_server.workspace.index.messages import Message, encode


class Sender:
    """Sends messages in their order from a thread of its own; safe to use from several threads."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._waiting: SimpleQueue[Message | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sending", daemon=True)
        self._thread.start()

    def send(self, message: Message) -> None:
        """Send a message, unless the connection is lost by then. Returns at once."""
        self._waiting.put(message)

    def end(self) -> None:
        """End the connection and the thread; what was not sent is dropped."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (message := self._waiting.get()) is not None:
            try:
                self._connection.sendall(encode(message))
            except OSError:
                return

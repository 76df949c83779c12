"""A window's connection to the indexer of one workspace folder: finds or starts it, and follows what it tells."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

import attrs

from lsp_server.settings import Settings
from lsp_server.workspace.index import meeting
from lsp_server.workspace.index.base import CacheUnusable, IndexState, StoreCorrupt
from lsp_server.workspace.index.cache_folder import CacheFolder
from lsp_server.workspace.index.coverage import Look
from lsp_server.workspace.index.messages import (
    Cancel,
    Changed,
    Corrupt,
    Done,
    Hello,
    Message,
    ParsedText,
    ParseText,
    Told,
    decode,
)
from lsp_server.workspace.index.reader import Reader
from lsp_server.workspace.index.sending import Sender

_MOST_FAILURES = 5
"""An indexer that ends this often without having been ready is given up."""
_WAIT_SECONDS = 0.05
"""Before the second try to reach an indexer that another window is starting, or that is about to leave."""
_LONGEST_WAIT_SECONDS = 1.0
_LATE_SECONDS = 3.0
_LATE_A_BYTE = 1e-5
"""An indexer that owes the facts of a buffer for so long gets no further buffers: it is stopped, or overwhelmed."""
_PATIENCE_SECONDS = 60.0

Start = Callable[[Path, Settings], bool]


class Client:
    """Every method but `_run` and what it calls may be called from any thread; none waits for the indexer."""

    def __init__(
        self,
        root: Path,
        settings: Settings,
        *,
        watch: bool,
        on_change: Callable[[], None],
        start: Start = meeting.start,
    ) -> None:
        """Prepare; `on_change` is called, from the connection's own thread, when `state` has changed."""
        self.root = root
        self.told = Told(IndexState())
        """What the indexer said last."""
        self._settings = settings
        self._watch = watch
        self._on_change = on_change
        self._start = start
        self._lock = threading.RLock()
        self._sender: Sender | None = None
        self._reader: Reader | None = None
        self._retired: list[Reader] = []
        """Of former generations; a query may still use them."""
        self._reconnected = False
        self._unreadable = ""
        """A generation that could not be read."""
        self._number = 0
        self._pending: dict[int, tuple[str, ...]] = {}
        self._parses: dict[int, tuple[float, Future[bytes]]] = {}
        """With the moment by when each should be answered."""
        self._failures = 0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"index of {root.name}", daemon=True)

    def begin(self) -> None:
        """Begin to look for the indexer."""
        self._thread.start()

    def close(self) -> None:
        """Let go of the indexer, which leaves with its last window."""
        self._closing.set()
        with self._lock:
            sender = self._sender
        if sender is not None:
            sender.end()
        self._thread.join()
        with self._lock:
            self._retire()
            for reader in self._retired:
                reader.close()

    @property
    def state(self) -> IndexState:
        """What the index is doing; never ready while a change that this window told of is not indexed."""
        with self._lock:
            state, waiting = self.told.state, sum(map(len, self._pending.values()))
            listened = self.told.pid != 0
        if not waiting:
            return state
        said = "indexing" if listened else state.state
        return attrs.evolve(state, state=said, stale=state.stale + waiting)

    def look(self) -> Look | None:
        """Return what there is to read; None while there is nothing."""
        with self._lock:
            reader = self._reader
            if reader is None or self.told.generation != reader.generation:
                return None
            doubtful = frozenset(path for paths in self._pending.values() for path in paths)
            trusted = self.told.state.state == "ready"
            generation = reader.generation
            return Look(reader, reader.snapshot, trusted, doubtful, lambda: self._unusable(generation))

    def changed(self, paths: Sequence[str]) -> None:
        """Tell of paths relative to the folder that may have changed."""
        with self._lock:
            if self.told.state.state == "direct" and not self.told.pid:
                return  # nobody listens, and every search reads the files
            self._number += 1
            message = Changed(self._number, tuple(paths))
            self._pending[message.number] = message.paths
        self._send(message)
        self._on_change()

    def parse(self, path: str, data: bytes, facts: Future[bytes]) -> None:
        """Have a buffer parsed; the future is cancelled when nobody can."""
        now = time.monotonic()
        with self._lock:
            late = any(now > due for due, _ in self._parses.values())
            if self._sender is not None and not late:
                self._number += 1
                self._parses[self._number] = (now + _LATE_SECONDS + _LATE_A_BYTE * len(data), facts)
                self._sender.send(ParseText(self._number, path, data.decode("utf-8", "replace")))
                return
        facts.cancel()

    def cancel(self) -> None:
        """Stop indexing until something changes."""
        self._send(Cancel())

    # -- the connection

    def _run(self) -> None:
        try:
            while not self._closing.is_set() and (connection := self._meet()) is not None:
                with connection:
                    self._talk(connection)
                    self._lost()
        except CacheUnusable as error:
            self._hear(Told(IndexState("direct", message=str(error))))
        finally:
            self._lost()

    def _meet(self) -> socket.socket | None:
        """Return a connection, to an indexer started for it if need be; None when the window closes."""
        if self._failures >= _MOST_FAILURES:
            raise CacheUnusable("The indexer ends again and again before it is ready.")
        folder = CacheFolder.of(self.root, self._settings)
        path = meeting.socket_path(folder)
        pause, until = _WAIT_SECONDS, time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until:
            connection = meeting.connected(path)
            if connection is not None:
                return connection
            if self._closing.is_set():
                return None
            if not self._start(self.root, self._settings):
                self._closing.wait(pause)
                pause = min(2 * pause, _LONGEST_WAIT_SECONDS)
        raise CacheUnusable("The indexer of another window does not answer.")

    def _talk(self, connection: socket.socket) -> None:
        with self._lock:
            self._sender = Sender(connection)
            self._sender.send(Hello(self._watch))
            for number, paths in self._pending.items():
                self._sender.send(Changed(number, paths))
        if self._closing.is_set():
            return
        with connection.makefile("rb") as lines, suppress(OSError, ValueError):
            for line in lines:
                self._take(decode(line))

    def _take(self, message: Message) -> None:
        match message:
            case Told():
                self._hear(message)
            case Done(number=number):
                with self._lock:
                    self._pending.pop(number, None)
                self._on_change()
            case ParsedText(number=number, facts=facts):
                with self._lock:
                    _, future = self._parses.pop(number, (0.0, None))
                if future is not None and future.set_running_or_notify_cancel():
                    future.set_result(facts.encode())
            case _:
                raise ValueError("Only a window says this.")

    def _hear(self, told: Told) -> None:
        if told.state.state == "ready":
            self._failures = 0
        try:
            self._follow(told)
        except StoreCorrupt:
            self._unusable(told.generation)
        with self._lock:
            self.told = told
            if told.state.state == "direct" and not told.pid:
                self._pending.clear()
            reader = self._reader
        self._on_change()
        if reader is not None and told.state.state == "ready":
            with suppress(StoreCorrupt):  # the first query meets it, and reads the files
                reader.symbol_names()  # which takes long once, and then no query any time

    def _follow(self, told: Told) -> None:
        """See what the indexer has written."""
        with self._lock:
            reader = self._reader
        if not told.generation or told.generation == self._unreadable:
            return
        if reader is None or reader.generation != told.generation:
            folder = CacheFolder.of(self.root, self._settings)
            fresh = Reader(folder, told.generation)
            with self._lock:
                self._retire()
                self._reader = fresh
        elif self._reconnected:
            reader.reload()
        else:
            reader.refresh(told.revision)
        self._reconnected = False

    def _retire(self) -> None:
        if self._reader is not None:
            self._retired.append(self._reader)
        self._reader = None

    def _unusable(self, generation: str) -> None:
        """Have a generation made again that cannot be read."""
        with self._lock:
            if self._unreadable == generation:
                return
            self._unreadable = generation
            if self._reader is not None and self._reader.generation == generation:
                self._retire()
        self._send(Corrupt(generation))

    def _lost(self) -> None:
        with self._lock:
            sender, self._sender = self._sender, None
            self._reconnected = True
            parses, self._parses = tuple(self._parses.values()), {}
            self._failures += 1
            if self.told.pid:
                self.told = attrs.evolve(self.told, state=attrs.evolve(self.told.state, state="starting"), pid=0)
        if sender is not None:
            sender.end()
        for _, future in parses:
            future.cancel()
        if not self._closing.is_set():
            self._on_change()

    def _send(self, message: Message) -> None:
        """Send a message; what is lost is told again when another indexer is found."""
        with self._lock:
            if self._sender is not None:
                self._sender.send(message)

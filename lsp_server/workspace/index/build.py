"""One pass over files that changed: this thread reads and writes while workers parse."""

from __future__ import annotations

import hashlib
import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait

import attrs

from lsp_server.errors import OutOfScope
from lsp_server.workspace.files import normal
from lsp_server.workspace.index.base import MAX_PARSED_BYTES, MAX_TEXT_BYTES
from lsp_server.workspace.index.parsed import Parsed
from lsp_server.workspace.index.storage import Storage
from lsp_server.workspace.index.store import GONE, NO_TEXT, FileRow, Stamp
from lsp_server.workspace.index.workers import Results, Workers
from lsp_server.workspace.languages import grammar_of
from lsp_server.workspace.opening import OpenFolders
from lsp_server.workspace.places import Located
from lsp_server.workspace.scope import Scope

_BATCH_BYTES = 250_000
"""Texts that a worker gets at once: some 50 ms of work."""
_FILE_BYTES = 500
"""What a file costs whatever its length, as so many bytes of text."""
_KEY_BYTES = 16
_LOOK_AGAIN_SECONDS = 0.5
"""A worker that is busy tells nothing of a person who cancels, or of a process that is to leave."""
_RACY_NS = 100_000_000
"""A file that changed this shortly before it was read may change again under the same time stamp."""
_READS = 3
"""How often a file that changes while it is read is read; its stamp then says that it is to be looked at again."""
_DOUBTFUL = Stamp(0, 0, -1, 0)
"""Of a file whose stamp says nothing: no file has it."""
_UNKNOWN = Parsed(b"", [])
"""Of a text that could not be parsed."""


@attrs.frozen
class Changed:
    """A file whose stamp is not the one in the index."""

    path: str
    known: FileRow | None
    stamp: Stamp | None
    """As it was seen; None for a file that is gone."""


@attrs.frozen
class _Text:
    """A text to be parsed, with the files that hold it."""

    number: int
    key: bytes
    data: bytes
    files: list[tuple[Changed, Stamp]]

    @property
    def name(self) -> str:
        return self.files[0][0].path


class Build:
    """See the module."""

    def __init__(self, scope: Scope, storage: Storage, workers: Workers, between: Callable[[int], None]) -> None:
        """Prepare; `between` hears how many files are done, after each batch, and may raise to stop the work."""
        self.parsed = 0
        """Texts that were parsed."""
        self.left_out = 0
        """Files that did not fit."""
        self._scope = scope
        self._root = scope.roots[0]
        self._storage = storage
        self._workers = workers
        self._between = between
        self._done = 0
        self._batch: list[_Text] = []
        self._batch_bytes = 0
        self._waiting: dict[bytes, _Text] = {}
        self._under_way: deque[tuple[list[_Text], Future[Results]]] = deque()

    def run(self, changed: Sequence[Changed]) -> None:
        """Index the files as they are now."""
        with OpenFolders() as folders:
            for item in changed:
                self._take(item, folders)
                if self._batch_bytes >= _BATCH_BYTES:
                    self._send()
                elif not self._done % 200:
                    self._between(self._done)
                while len(self._under_way) > self._workers.at_once:
                    self._finish()
        self._send()
        while self._under_way:
            self._finish()
        self._between(self._done)

    def _take(self, item: Changed, folders: OpenFolders) -> None:
        data, stamp = self._read(item, folders)
        if data is None:
            self._storage.assign(item.path, item.known, GONE if stamp is None else NO_TEXT, stamp or _DOUBTFUL)
            self._done += 1
            return
        grammar = grammar_of(item.path)
        key = hashlib.sha256(data).digest()[:_KEY_BYTES] + (grammar.name.encode() if grammar else b"")
        stamp = stamp or _DOUBTFUL
        waiting = self._waiting.get(key)
        seen = None if waiting else self._storage.find(key)
        if waiting is not None:
            waiting.files.append((item, stamp))
        elif seen is not None:
            self._storage.assign(item.path, item.known, seen.id, stamp)
            self._done += 1
        elif self._storage.text_bytes + len(data) > MAX_TEXT_BYTES:
            self._storage.assign(item.path, item.known, GONE, _DOUBTFUL)  # rather nothing than what it was
            self.left_out += 1
        else:
            text = _Text(self._storage.reserve(), key, data, [(item, stamp)])
            if grammar is None or len(data) > MAX_PARSED_BYTES:
                self._keep(text, None)
            else:
                self._waiting[key] = text
                self._batch.append(text)
                self._batch_bytes += len(data) + _FILE_BYTES

    def _read(self, item: Changed, folders: OpenFolders) -> tuple[bytes | None, Stamp | None]:
        """Return a file's normal bytes and a stamp under which they were read; no stamp for a file that is gone."""
        located = Located(self._root, item.path)
        data: bytes | None = None
        before = item.stamp
        for tried in range(_READS):
            if before is None:
                return None, None
            try:
                # another folder may stand where one is kept open
                data = normal(self._scope.read(located, None if tried else folders))
            except OutOfScope:
                data = None
            after = self._stamp(item.path)
            if after == before:
                quiet = time.time_ns() - before.changed > _RACY_NS  # the other time may lie in the future for good
                return data, before if quiet else _DOUBTFUL
            before = after
        return data, _DOUBTFUL

    def _stamp(self, path: str) -> Stamp | None:
        try:
            return Stamp.of(os.stat(f"{self._root}/{path}", follow_symlinks=False))  # noqa: PTH116 - for speed
        except OSError:
            return None

    def _send(self) -> None:
        if not self._batch:
            return
        batch, self._batch, self._batch_bytes = self._batch, [], 0
        future = self._workers.submit([(text.number, text.name, text.data) for text in batch])
        self._under_way.append((batch, future))
        self._between(self._done)

    def _finish(self) -> None:
        batch, future = self._under_way.popleft()
        while not future.done():
            wait((future,), _LOOK_AGAIN_SECONDS)
            self._between(self._done)
        for text, parsed in zip(batch, future.result(), strict=True):
            self.parsed += 1
            self._waiting.pop(text.key, None)
            self._keep(text, parsed or _UNKNOWN)
        self._between(self._done)

    def _keep(self, text: _Text, parsed: Parsed | None) -> None:
        self._storage.add(text.number, text.key, text.data, parsed)
        for item, stamp in text.files:
            self._storage.assign(item.path, item.known, text.number, stamp)
            self._done += 1

"""One pass over files that changed: this thread reads and writes while workers parse."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future

import attrs

from lsp_server.errors import OutOfScope
from lsp_server.workspace.files import hash_of, normal
from lsp_server.workspace.index.base import MAX_PARSED_BYTES, MAX_TEXT_BYTES
from lsp_server.workspace.index.parsed import Parsed, text_only
from lsp_server.workspace.index.storage import Storage
from lsp_server.workspace.index.store import GONE, NO_TEXT, FileRow, Stamp
from lsp_server.workspace.index.workers import Results, Workers
from lsp_server.workspace.languages import grammar_of
from lsp_server.workspace.places import Located
from lsp_server.workspace.scope import Scope

_BATCH_BYTES = 250_000
"""Texts that a worker gets at once: some 50 ms of work."""
_RACY_NS = 100_000_000
"""A file that changed this shortly before it was read may change again under the same time stamp."""
_READS = 3
"""How often a file that changes while it is read is read; its stamp then says that it is to be looked at again."""
_DOUBTFUL = Stamp(0, 0, -1, 0)
"""Of a file whose stamp says nothing: no file has it."""


@attrs.frozen
class Changed:
    """A file whose stamp is not the one in the index."""

    path: str
    known: FileRow | None
    size: int


@attrs.frozen
class _Text:
    """A text to be parsed, with the files that hold it."""

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
        for item in changed:
            self._take(item)
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

    def _take(self, item: Changed) -> None:
        data, stamp = self._read(item)
        if data is None:
            self._storage.assign_nothing(item.path, item.known, GONE if stamp is None else NO_TEXT, stamp or _DOUBTFUL)
            self._done += 1
            return
        grammar = grammar_of(item.path)
        key = bytes.fromhex(hash_of(data)) + (grammar.name.encode() if grammar else b"")
        stamp = stamp or _DOUBTFUL
        waiting = self._waiting.get(key)
        seen = None if waiting else self._storage.find(key)
        if waiting is not None:
            waiting.files.append((item, stamp))
        elif seen is not None:
            self._storage.assign_known(item.path, item.known, seen, stamp, data)
            self._done += 1
        elif self._storage.text_bytes + len(data) > MAX_TEXT_BYTES:
            self.left_out += 1
        elif grammar is None or len(data) > MAX_PARSED_BYTES:
            self._keep(_Text(key, data, [(item, stamp)]), None)
        else:
            text = self._waiting[key] = _Text(key, data, [(item, stamp)])
            self._batch.append(text)
            self._batch_bytes += len(data) + 500

    def _read(self, item: Changed) -> tuple[bytes | None, Stamp | None]:
        """Return a file's normal bytes and a stamp under which they were read; no stamp for a file that is gone."""
        located = Located(self._root, item.path)
        data: bytes | None = None
        for _ in range(_READS):
            before = self._stamp(item.path)
            if before is None:
                return None, None
            try:
                data = normal(self._scope.read(located))
            except OutOfScope:
                data = None
            if self._stamp(item.path) == before:
                quiet = time.time_ns() - max(before.modified, before.changed) > _RACY_NS
                return data, before if quiet else _DOUBTFUL
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
        future = self._workers.submit([(text.name, text.data) for text in batch])
        self._under_way.append((batch, future))
        self._between(self._done)

    def _finish(self) -> None:
        batch, future = self._under_way.popleft()
        for text, parsed in zip(batch, future.result(), strict=True):
            self.parsed += 1
            self._waiting.pop(text.key, None)
            self._keep(text, parsed)
        self._between(self._done)

    def _keep(self, text: _Text, parsed: Parsed | None) -> None:
        kept = parsed or text_only(text.name, text.data)
        content = self._storage.add(text.key, text.name, text.data, kept)
        for item, stamp in text.files:
            self._storage.assign(item.path, item.known, content, stamp, kept)
            self._done += 1

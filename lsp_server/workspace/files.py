"""Texts of the workspace: an unsaved buffer stands before the saved file, everywhere."""

from __future__ import annotations

import copy
import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

from lsp_server.errors import OutOfScope
from lsp_server.workspace.path_names import is_below
from lsp_server.workspace.places import Located, Place
from lsp_server.workspace.scope import Scope, never

_BOM = b"\xef\xbb\xbf"


class Files:
    """Reads files through the scope, and holds what the editor has not saved; safe to use from several threads."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self._buffers: dict[Located, bytes] = {}
        self._open: dict[str, Located] = {}
        """By URI, so that a keystroke asks no file system, and a link that changes meanwhile leaves nothing open."""
        self._lock = threading.Lock()
        self._listeners: list[Callable[[Located, bytes | None], None]] = []

    def on_buffer(self, listener: Callable[[Located, bytes | None], None]) -> None:
        """Call `listener` with every later text of a buffer, and with None when it is closed."""
        self._listeners.append(listener)

    def buffers(self) -> tuple[tuple[Located, bytes], ...]:
        """Return the open buffers with their texts."""
        with self._lock:
            return tuple(self._buffers.items())

    def through(self, scope: Scope) -> Files:
        """Return the same files and buffers seen through another scope of the same folders."""
        view = copy.copy(self)
        view.scope = scope
        return view

    def open_buffer(self, uri: str, text: str) -> None:
        """Let `text` stand for the file; a document that is no file, outside the workspace or a secret is not kept."""
        with suppress(OutOfScope):
            self._open[uri] = self.scope.locate_uri(uri, even_ignored=True)
            self.change_buffer(uri, text)

    def change_buffer(self, uri: str, text: str) -> None:
        """Replace the whole text of a buffer; one that is not kept stays so."""
        if (located := self._open.get(uri)) is not None:
            self._set(located, normal(text.encode("utf-8", "replace")))

    def close_buffer(self, uri: str) -> None:
        """Let the saved file speak again; closing what is not open does nothing."""
        if (located := self._open.pop(uri, None)) is not None:
            self._set(located, None)

    def _set(self, located: Located, data: bytes | None) -> None:
        with self._lock:
            if data is None:
                self._buffers.pop(located, None)
            else:
                self._buffers[located] = data
        for listener in self._listeners:
            listener(located, data)

    def data(self, located: Located) -> bytes:
        r"""Return the text as UTF-8 with `\n` line ends and no byte-order mark: the buffer's, else the file's.

        Raises:
            OutOfScope: the file may not or cannot be read.
        """
        buffer = self._buffers.get(located)
        if buffer is None:
            return normal(self.scope.read(located))
        self.scope.check_text(located, buffer)
        return buffer

    def lines(self, path: str) -> tuple[str, ...]:
        """Return the lines of a path, without their ends.

        Raises:
            OutOfScope: the file may not or cannot be read.
        """
        return split_lines(self.data(self.scope.locate(path)))

    def line_text(self, path: str, line: int) -> str | None:
        """Return one line, one-based; None when the file or the line does not exist or may not be seen."""
        try:
            lines = self.lines(path)
        except OutOfScope:
            return None
        return lines[line - 1] if 1 <= line <= len(lines) else None

    def content_hash(self, path: str) -> str:
        """Return a hash of what `lines` would return, to know later that it is unchanged.

        Raises:
            OutOfScope: the file may not or cannot be read.
        """
        return hash_of(self.data(self.scope.locate(path)))

    def all(self, cancelled: Callable[[], bool] = never, below: Located | None = None) -> Iterator[Located]:
        """Yield every file that may be shown, new unsaved ones too."""
        yield from self.scope.files(cancelled, below)
        with self._lock:
            buffers = tuple(self._buffers)
        for located in buffers:
            inside = below is None or (located.root == below.root and is_below(located.relative, below.relative))
            if inside and not located.exists and self.scope.permits(located.root, located.relative):
                yield located

    def unsaved(self) -> tuple[Located, ...]:
        """Return the files whose buffers differ from the disk."""
        with self._lock:
            buffers = tuple(self._buffers.items())
        return tuple(
            located for located, data in buffers if not self.scope.is_ignored(located) and self._differs(located, data)
        )

    def place(self, located: Located, start: int, end: int) -> Place:
        """Return the place of the lines `start` to `end`, one-based and inclusive."""
        return Place(located.root, self.scope.show(located), located.uri, start, end)

    def _differs(self, located: Located, data: bytes) -> bool:
        try:
            return normal(self.scope.read(located)) != data
        except OutOfScope:
            return True


def normal(data: bytes) -> bytes:
    r"""Return UTF-8 bytes without a byte-order mark and with every line end as `\n`."""
    data = data.removeprefix(_BOM)
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data


def split_lines(data: bytes) -> tuple[str, ...]:
    """Return the lines of normal bytes; what is not UTF-8 becomes replacement characters."""
    lines = data.decode("utf-8", "replace").split("\n")
    if not lines[-1]:
        lines.pop()
    return tuple(lines)


def line_at(data: bytes, number: int) -> str:
    """Return one line of normal bytes, one-based; empty beyond their end."""
    start = 0
    for _ in range(number - 1):
        start = data.find(b"\n", start) + 1
        if not start:
            return ""
    end = data.find(b"\n", start)
    return data[start : end if end >= 0 else len(data)].decode("utf-8", "replace")


def hash_of(data: bytes) -> str:
    """Return the content hash of normal bytes."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()

r"""Many byte strings in one file: all texts in one, so that one search passes over them, all facts in another.

Each is followed by `\n\0\n`: the next one begins on a line of its own, and no line of two texts is one.
"""

from __future__ import annotations

import mmap

from lsp_server.workspace.index.base import StoreCorrupt
from lsp_server.workspace.index.cache_folder import CacheFolder, cache_errors

SEPARATOR = b"\n\0\n"
_HEAD = b"inglenook 1" + SEPARATOR
_FLUSH_BYTES = 4_000_000


class PackedWriter:
    """Appends; what was not flushed is not there for readers."""

    def __init__(self, folder: CacheFolder, generation: str, name: str) -> None:
        """Open the file, begun anew where it is missing.

        Raises:
            CacheUnusable: it cannot be written.
        """
        self._file = folder.append_packed(generation, name)
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        with cache_errors():
            self._end = self._file.seek(0, 2)
        if not self._end:
            self.append(_HEAD.removesuffix(SEPARATOR))
            self.flush()

    @property
    def end(self) -> int:
        """Where the next one will begin."""
        return self._end

    def append(self, data: bytes) -> int:
        """Add a byte string and return where it begins.

        Raises:
            CacheUnusable: the disk is full.
        """
        start = self._end
        self._waiting += (data, SEPARATOR)
        self._end += len(data) + len(SEPARATOR)
        self._waiting_bytes += len(data) + len(SEPARATOR)
        if self._waiting_bytes > _FLUSH_BYTES:
            self.flush()
        return start

    def flush(self) -> None:
        """Write what waits.

        Raises:
            CacheUnusable: the disk is full.
        """
        data = memoryview(b"".join(self._waiting))
        self._waiting, self._waiting_bytes = [], 0
        with cache_errors():
            while data:
                data = data[self._file.write(data) or 0 :]

    def close(self) -> None:
        """Let go of the file; what was not flushed is dropped."""
        self._file.close()


class PackedReader:
    """The file as it was when this was made, mapped into memory."""

    def __init__(self, folder: CacheFolder, generation: str, name: str) -> None:
        """Map the file.

        Raises:
            StoreCorrupt: it is missing or no such file.
        """
        try:
            self.map: mmap.mmap = folder.map_packed(generation, name)
        except (OSError, ValueError) as error:
            raise StoreCorrupt(f"{name} cannot be read: {error}") from error
        if self.map[: len(_HEAD)] != _HEAD:
            raise StoreCorrupt(f"{name} does not begin as it should.")

    def holds(self, end: int) -> bool:
        """Say whether a byte string that ends there lies within what is mapped."""
        return end + len(SEPARATOR) <= len(self.map)

    def check(self) -> None:
        """Look whether the file is still as long as it was: the system ends a process that reads beyond its end.

        Raises:
            StoreCorrupt: somebody has cut it.
        """
        if self.map.size() < len(self.map):
            raise StoreCorrupt("A packed file was cut.")

    def read(self, start: int, length: int) -> bytes:
        """Return a byte string.

        Raises:
            StoreCorrupt: it does not end where it should.
        """
        self.check()
        end = start + length
        if self.map[end : end + len(SEPARATOR)] != SEPARATOR:
            raise StoreCorrupt("A text does not end where it should.")
        return self.map[start:end]

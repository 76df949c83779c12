r"""All texts in one file, one after the other, so that one search passes over the whole workspace.

Each text is followed by `\n\0\n`: the next one begins on a line of its own, and no line of two texts is one.
"""

from __future__ import annotations

import mmap

from lsp_server.workspace.index.base import StoreCorrupt
from lsp_server.workspace.index.cache_folder import CacheFolder, cache_errors

SEPARATOR = b"\n\0\n"
_HEAD = b"inglenook texts 1" + SEPARATOR
_FLUSH_BYTES = 4_000_000


class TextWriter:
    """Appends texts; what was not flushed is not there for readers."""

    def __init__(self, folder: CacheFolder, generation: str, name: str) -> None:
        """Open the file, begun anew where it is missing.

        Raises:
            CacheUnusable: it cannot be written.
        """
        self._file = folder.append_texts(generation, name)
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        with cache_errors():
            self._end = self._file.seek(0, 2)
        if not self._end:
            self.append(_HEAD.removesuffix(SEPARATOR))
            self.flush()

    @property
    def end(self) -> int:
        """Where the next text will begin."""
        return self._end

    def append(self, data: bytes) -> int:
        """Add a text and return where it begins.

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


class TextReader:
    """The texts as they were when this was made, mapped into memory."""

    def __init__(self, folder: CacheFolder, generation: str, name: str) -> None:
        """Map the file.

        Raises:
            StoreCorrupt: it is missing or no file of texts.
        """
        try:
            self.map: mmap.mmap = folder.map_texts(generation, name)
        except (OSError, ValueError) as error:
            raise StoreCorrupt(f"The texts cannot be read: {error}") from error
        if self.map[: len(_HEAD)] != _HEAD:
            raise StoreCorrupt("The texts do not begin as they should.")

    def holds(self, start: int, length: int) -> bool:
        """Say whether a text lies within what is mapped."""
        return start + length + len(SEPARATOR) <= len(self.map)

    def read(self, start: int, length: int) -> bytes:
        """Return a text.

        Raises:
            StoreCorrupt: it does not end where it should.
        """
        end = start + length
        if self.map[end : end + len(SEPARATOR)] != SEPARATOR:
            raise StoreCorrupt("A text does not end where it should.")
        return self.map[start:end]

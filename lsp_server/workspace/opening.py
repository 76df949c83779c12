"""Opens the workspace's files for scope.py, which has decided about them, and refuses every link on the way.

None stood there when the path was resolved; one that stands there now was put there to lead elsewhere.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from types import TracebackType
from typing import Self

from lsp_server.workspace.places import Located

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC


class OpenFolders:
    """The folders down to the file that was read last, kept open: the next file often lies beside it.

    For one thread, and for as long as one pass over many files takes.
    """

    def __init__(self) -> None:
        self._root: Path | None = None
        self._names: list[str] = []
        self._descriptors: list[int] = []

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close them."""
        self._leave(0)

    def read(self, located: Located, limit: int) -> bytes:
        """Return a regular file's bytes.

        Raises:
            OSError: it is missing, unreadable, behind a link, no regular file, or larger than `limit` bytes.
        """
        *folders, name = located.relative.split("/")
        if self._root != located.root or not self._descriptors:
            self._leave(0)
            self._descriptors.append(os.open(located.root, _FLAGS | os.O_DIRECTORY))
            self._root = located.root
        shared = 0
        for ours, theirs in zip(self._names, folders, strict=False):
            if ours != theirs:
                break
            shared += 1
        self._leave(shared + 1)
        for folder in folders[shared:]:
            self._descriptors.append(os.open(folder, _FLAGS | os.O_DIRECTORY, dir_fd=self._descriptors[-1]))
            self._names.append(folder)
        return _read(os.open(name or ".", _FLAGS | os.O_NONBLOCK, dir_fd=self._descriptors[-1]), limit)

    def _leave(self, count: int) -> None:
        """Keep so many of the folders open, the workspace folder among them."""
        while len(self._descriptors) > count:
            os.close(self._descriptors.pop())
        del self._names[max(0, count - 1) :]


def read_regular(path: Path, limit: int) -> bytes:
    """Return a regular file that is no link itself; for the workspace's own machinery.

    Raises:
        OSError: it is missing, unreadable, a link, no regular file, or larger than `limit` bytes.
    """
    return _read(os.open(path, _FLAGS | os.O_NONBLOCK), limit)


def _read(descriptor: int, limit: int) -> bytes:
    try:
        found = os.fstat(descriptor)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, "is a folder")
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "is no regular file")
        if found.st_size > limit:
            raise _too_large(limit)
        data = os.read(descriptor, found.st_size + 1)
        if len(data) == found.st_size:
            return data
        while len(data) <= limit and (more := os.read(descriptor, limit)):  # it changes while it is read
            data += more
        if len(data) > limit:
            raise _too_large(limit)
        return data
    finally:
        os.close(descriptor)


def _too_large(limit: int) -> OSError:
    return OSError(errno.EFBIG, f"is larger than {limit:,} bytes")

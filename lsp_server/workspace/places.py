"""Where something stands: a file of the workspace and lines in it."""

from __future__ import annotations

import os
from pathlib import Path

import attrs


@attrs.frozen
class Located:
    """A path that `scope.py` has placed inside a workspace folder, links resolved."""

    root: Path
    """The workspace folder, absolute, links resolved."""
    relative: str
    """Relative to `root`, with forward slashes; empty for the folder itself."""

    @property
    def absolute(self) -> Path:
        """The path for the operating system."""
        return self.root / self.relative

    @property
    def uri(self) -> str:
        """The path as a `file:` URI."""
        return self.absolute.as_uri()

    @property
    def exists(self) -> bool:
        """Whether anything stands there now; False also where the system does not let us look."""
        return os.path.lexists(self.absolute)

    @property
    def is_folder(self) -> bool:
        """Whether a folder stands there now; False also where the system does not let us look."""
        return os.path.isdir(self.absolute)  # noqa: PTH112 - pathlib raises where access is denied

    @property
    def name(self) -> str:
        """The last component."""
        return self.relative.rpartition("/")[2]


@attrs.frozen
class Place:
    """Whole lines of a file, one-based and inclusive."""

    root: Path
    """The workspace folder."""
    path: str
    """Relative to `root`, forward slashes; in a workspace of several folders, prefixed with the folder's label."""
    uri: str
    start: int
    end: int

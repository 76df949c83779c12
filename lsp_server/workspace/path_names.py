"""What a path written by a person, a model or an editor means, before any file system is asked."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

import attrs

from lsp_server.errors import OutOfScope
from lsp_server.workspace.listing import is_plain

_MAX_PATH = 4096
_MAX_SHOWN = 200
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:(?!\\)")
_DRIVE = re.compile(r"/?[A-Za-z]:(/|$)")


@attrs.frozen
class PathName:
    """A path in canonical spelling: slashes, no `.` and no `..`."""

    path: Path
    absolute: bool
    shown: str
    """The path as it was written, cut, for a sentence."""

    @classmethod
    def parse(cls, text: str) -> PathName:
        """Read a path or `file:` URI.

        Raises:
            OutOfScope: it is empty, too long, holds a NUL or line break, is another kind of URI, or climbs out.
        """
        shown = text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"
        if not text.strip():
            raise OutOfScope("The path is empty.")
        if len(text) > _MAX_PATH:
            raise OutOfScope("That path is too long to exist.")
        path = _from_uri(text, shown) if text.lower().startswith("file:") else text
        path = path.replace("\\", "/")
        if "\0" in path:
            raise OutOfScope("The path holds a NUL character, which no file name can.")
        if not is_plain(path):
            raise OutOfScope("The path holds a line break or control character; such files are not opened.")
        if _DRIVE.match(path) or (_SCHEME.match(path) and "://" in path):
            raise OutOfScope(f"{shown} is outside the workspace.")
        return cls(*_normal(path, shown), shown)


def _normal(path: str, shown: str) -> tuple[Path, bool]:
    absolute = path.startswith("/")
    parts: list[str] = []
    for part in path.split("/"):
        if part in {"", "."}:
            continue
        if part != "..":
            parts.append(part)
        elif parts:
            parts.pop()
        else:
            raise OutOfScope(f"{shown} is outside the workspace.")
    return Path(("/" if absolute else "") + "/".join(parts)), absolute


def _from_uri(text: str, shown: str) -> str:
    try:
        split = urlsplit(text)
    except ValueError as error:
        raise OutOfScope("That URI is malformed.") from error
    if split.netloc not in {"", "localhost"}:
        raise OutOfScope(f"{shown} is on another machine.")
    return unquote(split.path, errors="surrogateescape")


def spellings(path: str) -> tuple[str, ...]:
    """Return the path and its other Unicode normal forms: an editor may write `é` otherwise than the disk."""
    return tuple(dict.fromkeys((path, unicodedata.normalize("NFC", path), unicodedata.normalize("NFD", path))))


def relative_to(path: Path, root: Path) -> str | None:
    """Return `path` relative to `root` with slashes, empty for the root itself; None when it lies elsewhere."""
    if path == root:
        return ""
    if root in path.parents:
        return path.relative_to(root).as_posix()
    return None


def is_below(relative: str, folder: str) -> bool:
    """Say whether a relative path is a folder or lies in it; the empty folder holds everything."""
    return not folder or relative == folder or relative.startswith(folder + "/")


def split_label(path: str, labels: Mapping[str, Path]) -> tuple[Path, str] | None:
    """Split `label/rest` into the labelled folder and the rest; None when no label leads."""
    head, _, rest = path.partition(os.sep)
    return (labels[head], rest or ".") if head in labels else None

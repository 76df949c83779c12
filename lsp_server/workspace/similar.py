"""Which existing file was probably meant by a path that does not exist."""

from __future__ import annotations

import difflib
import time

from lsp_server.workspace.files import Files
from lsp_server.workspace.ranking import order

_SECONDS = 0.3
_MAX = 3


def similar_files(files: Files, path: str) -> tuple[str, ...]:
    """Return up to three files of the same name elsewhere, else of a name spelt alike."""
    name = path.replace("\\", "/").rstrip("/").rpartition("/")[2]
    deadline = time.monotonic() + _SECONDS
    listing = sorted(files.all(lambda: time.monotonic() > deadline), key=order)
    found = [located for located in listing if located.name == name]
    if not found:
        close = difflib.get_close_matches(name, {located.name for located in listing[:5000]}, n=_MAX, cutoff=0.8)
        found = [located for located in listing if located.name in close]
    return tuple(files.scope.show(located) for located in found[:_MAX])

"""Which errors of the system and the libraries mean that memory ran out."""

from __future__ import annotations

import errno
import re

from lsp_server.errors import MachineTooSmall

_WORDS = re.compile(
    r"\[(metal::)?malloc|(unable to|cannot|could not) allocate|(out of|insufficient) memory|bad_alloc", re.IGNORECASE
)
"""mlx raises plain RuntimeErrors: `[malloc] Unable to allocate ...`, `[metal::malloc] ...`, Metal's and CUDA's own."""


def is_shortage(error: BaseException) -> bool:
    """Return whether an error says that memory ran out."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and bool(_WORDS.search(str(error))))


def shortage(doing: str) -> MachineTooSmall:
    """Return what a person is told when memory ran out while `doing` ("the model was loaded")."""
    return MachineTooSmall(
        f"Memory ran out while {doing}.", "Close other programs, choose a smaller model, or use an endpoint."
    )

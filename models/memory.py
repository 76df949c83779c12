"""When memory runs out: what the libraries say of it, as a sentence with a way out."""

from __future__ import annotations

import contextlib
from collections.abc import Generator

from lsp_server.errors import ModelBuildFailed
from lsp_server.shortage import is_shortage


@contextlib.contextmanager
def shortage_told(doing: str) -> Generator[None]:
    """Tell that memory ran out while `doing` ("fusing the adapter").

    Raises:
        ModelBuildFailed: it did.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_shortage(error):
            raise
        raise ModelBuildFailed(
            f"Memory ran out while {doing}.",
            "Close other programs and run the same command again (what was downloaded is kept), "
            "or choose a smaller recipe: `inglenook model list`.",
        ) from error

"""A process that parses: batches of texts come in, what is kept of them goes out; it ends with its parent."""

from __future__ import annotations

import gc
import sys
from multiprocessing.connection import Connection

from lsp_server.workspace.index.parsed import Parsed, parse
from lsp_server.workspace.languages import Languages

Batch = list[tuple[int, str, bytes]]
"""The number, a file name and the normal bytes of each text."""


def work(connection: Connection) -> None:
    """Answer batches until the other end closes."""
    languages = Languages()
    while True:
        try:
            batch: Batch = connection.recv()
            connection.send([_parse(languages, *text) for text in batch])
        except (EOFError, OSError):
            return


def _parse(languages: Languages, content: int, name: str, data: bytes) -> Parsed | None:
    """Parse one text; None where that fails: one file must not stop the others."""
    try:
        return parse(languages, content, name, data)
    except Exception as error:  # noqa: BLE001 - grammars are foreign code
        sys.stderr.write(f"{name!r} cannot be parsed: {type(error).__name__}: {error}\n")
        return None


if __name__ == "__main__":
    gc.disable()  # facts are values without cycles
    work(Connection(int(sys.argv[1])))

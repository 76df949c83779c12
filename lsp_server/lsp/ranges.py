"""Byte offsets of a file's normal text as positions of the client, for many offsets of one text."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, cast

from lsprotocol import types

from lsp_server.workspace.columns import Encoding, position_of

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer

_LINE_END = re.compile(rb"\n")


class Ranges:
    """The lines of one text, found once."""

    def __init__(self, data: bytes, encoding: Encoding) -> None:
        self._data = data
        self._encoding: Encoding = encoding
        self._ascii = data.isascii()
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(data))]

    def position(self, offset: int) -> types.Position:
        """Return the position of a byte offset; one outside the text means its nearer end."""
        offset = min(max(offset, 0), len(self._data))
        line = bisect_right(self._starts, offset) - 1
        start = self._starts[line]
        if self._ascii:
            return types.Position(line, offset - start)
        end = self._starts[line + 1] if line + 1 < len(self._starts) else len(self._data)
        return types.Position(line, position_of(self._data[start:end], offset - start, self._encoding)[1])

    def range(self, start: int, end: int) -> types.Range:
        """Return the range of the bytes from `start` up to `end`."""
        return types.Range(self.position(start), self.position(end))


def units(text: str, encoding: Encoding) -> int:
    """Return the length of a text as columns count it."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "replace"))
    return len(text.encode("utf-16-le", "replace")) // 2


def encoding_of(ls: InglenookServer) -> Encoding:
    """Return what the client's columns count."""
    return cast("Encoding", str(getattr(ls.workspace.position_encoding, "value", ls.workspace.position_encoding)))

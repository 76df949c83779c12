r"""Positions as editors count them, and byte offsets in normal text (`\n` line ends alone, see files.normal).

An editor sees a replacement character wherever bytes are no UTF-8; each counts as that one character here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]
_REPLACEMENT = "\ufffd"
_PIECE = 256
"""Bytes decoded at a time, so that a long line of broken bytes costs no more than another."""


def offset_of(data: bytes, line: int, column: int, encoding: Encoding) -> int | None:
    """Return the byte offset of a position.

    Args:
        data: normal bytes.
        line: zero-based.
        column: zero-based, in code units of `encoding`; beyond the line's end it means the end, inside a character
            that character's start.
        encoding: what columns count.

    Returns:
        The offset; None for a line that does not exist.
    """
    start = _line_start(data, line)
    if start is None:
        return None
    found = data.find(b"\n", start)
    text = data[start : found if found >= 0 else len(data)]
    if text.isascii():
        return start + min(max(column, 0), len(text))
    units = 0
    for begin, end, char in _characters(text):
        units += _width(char, encoding)
        if units > column:
            return start + begin
        if units == column:
            return start + end
    return start + len(text)


def position_of(data: bytes, offset: int, encoding: Encoding) -> tuple[int, int]:
    """Return the line and column, both zero-based, of a byte offset.

    An offset outside the text means its nearer end; one inside a character means that character's start.
    """
    offset = min(max(offset, 0), len(data))
    start = data.rfind(b"\n", 0, offset) + 1
    line = data.count(b"\n", 0, start)
    if data[start:offset].isascii():
        return line, offset - start
    found = data.find(b"\n", offset)
    text = data[start : found if found >= 0 else len(data)]
    units = 0
    for _, end, char in _characters(text):
        if start + end > offset:
            break
        units += _width(char, encoding)
    return line, units


def _line_start(data: bytes, line: int) -> int | None:
    if line < 0:
        return None
    start = 0
    for _ in range(line):
        start = data.find(b"\n", start) + 1
        if not start:
            return None
    return start


def _characters(text: bytes) -> Iterator[tuple[int, int, str]]:
    """Yield each character with its first byte and the byte after its last."""
    at = 0
    while at < len(text):
        piece = text[at : at + _PIECE]
        try:
            valid = piece.decode()
        except UnicodeDecodeError as error:
            valid = piece[: error.start].decode()
            if not valid:
                yield at, at + error.end, _REPLACEMENT
                at += error.end
        for char in valid:
            end = at + _width(char, "utf-8")
            yield at, end, char
            at = end


def _width(char: str, encoding: Encoding) -> int:
    if encoding == "utf-8":
        return len(char.encode())
    return 2 if encoding == "utf-16" and ord(char) > 0xFFFF else 1  # noqa: PLR2004 - the last code point of one unit

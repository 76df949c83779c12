"""Edits of a buffer, counted as the protocol counts: its lines end at CR, LF and CRLF alone, its columns are units.

Neither is what Python's own `splitlines` and `len` would say, nor what the protocol library takes for a line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import attrs
from lsprotocol import types

from lsp_server.workspace.columns import Encoding

Change = types.TextDocumentContentChangePartial | types.TextDocumentContentChangeWholeDocument

_LINE_END = re.compile(r"\r\n|\r|\n")


@attrs.frozen
class Splice:
    """A piece of a text, from `start` up to `end` in characters, is replaced."""

    start: int
    end: int
    text: str
    whole: bool = False
    """Whether the client sent all of a new text, so that nobody knows what of the old one is in it."""

    def of(self, before: str) -> str:
        """Return the text after the edit."""
        return f"{before[: self.start]}{self.text}{before[self.end :]}"


@attrs.frozen
class Stretch:
    """Some characters of a text, at least one, all of one line."""

    start: int
    end: int

    def after(self, edit: Splice) -> Stretch | None:
        """Return where it stands after an edit, or what is left of it; None when nothing is.

        What a line end cuts in two keeps its beginning.
        """
        moved = edit.start + len(edit.text) - edit.end
        if edit.end <= self.start:
            return Stretch(self.start + moved, self.end + moved)
        if edit.start >= self.end:
            return self
        if edit.start > self.start:
            stays = edit.end < self.end and not _LINE_END.search(edit.text)
            return Stretch(self.start, self.end + moved if stays else edit.start)
        return Stretch(edit.end + moved, self.end + moved) if edit.end < self.end else None


def applied(text: str, changes: Sequence[Change], encoding: Encoding) -> tuple[str, list[Splice]]:
    """Return the text after some changes, each counted in the text that the one before has left, and what they were.

    A position past the end of a line, or of the text, means that end.
    """
    done: list[Splice] = []
    for change in changes:
        done.append(_splice(text, change, encoding))
        text = done[-1].of(text)
    return text, done


def _splice(text: str, change: Change, encoding: Encoding) -> Splice:
    if isinstance(change, types.TextDocumentContentChangeWholeDocument):
        return Splice(0, len(text), change.text, whole=True)
    start, end = (offset_of(text, at, encoding) for at in (change.range.start, change.range.end))
    return Splice(min(start, end), max(start, end), change.text)


def offset_of(text: str, position: types.Position, encoding: Encoding) -> int:
    """Return how many characters stand before a position."""
    start = start_of_line(text, position.line)
    if start is None:
        return len(text)
    line = line_from(text, start)
    if encoding == "utf-32" or line.isascii():
        return start + min(position.character, len(line))
    if encoding == "utf-8":
        before = line.encode("utf-8", "replace")[: position.character].decode("utf-8", "ignore")
    else:
        before = line.encode("utf-16-le", "replace")[: 2 * position.character].decode("utf-16-le", "ignore")
    return start + len(before)


def start_of_line(text: str, line: int) -> int | None:
    """Return how many characters stand before a line, zero-based; None where there is no such line."""
    if text.count("\r") == text.count("\r\n"):
        parts = text.split("\n", line)  # many times faster than an expression
        return len(text) - len(parts[line]) if len(parts) > line else None
    starts = [0, *(end.end() for end in _LINE_END.finditer(text))]
    return starts[line] if line < len(starts) else None


def line_from(text: str, start: int) -> str:
    """Return the rest of the line that holds a character."""
    end = _LINE_END.search(text, start)
    return text[start : end.start() if end else len(text)]


def line_number(text: str, offset: int) -> int:
    """Return the line of a character, zero-based."""
    return text.count("\n", 0, offset) + text.count("\r", 0, offset) - text.count("\r\n", 0, offset)


def nearest_line(text: str, line: int, wanted: str) -> int | None:
    """Return how many characters stand before the line that reads as `wanted`, nearest to `line`; None without any."""
    found = (at for at, other in enumerate(_LINE_END.split(text)) if other == wanted)
    nearest = min(found, key=lambda at: abs(at - line), default=None)
    return None if nearest is None else start_of_line(text, nearest)

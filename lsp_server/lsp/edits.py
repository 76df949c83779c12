"""Where a line is after edits: it moves with the lines above it, or it was edited away."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsprotocol import types

Change = types.TextDocumentContentChangePartial | types.TextDocumentContentChangeWholeDocument

_LINE_END = re.compile(r"\r\n|\r|\n")


def split(text: str) -> list[str]:
    """Return the lines of a text, as the protocol counts them."""
    return _LINE_END.split(text)


def moved_line(line: int, marked: types.Range, text: str, changes: Sequence[Change]) -> int | None:
    """Return where a line stands after some changes; None when they removed it.

    Args:
        line: zero-based, before the first change.
        marked: what of the line has to survive for it to be the same line.
        text: the line as it was; with it the line is found again where a change replaces the whole text.
        changes: in the order in which they were made.
    """
    begin, end = marked.start.character, marked.end.character
    now: int | None = line
    for change in changes:
        if now is None:
            return None
        if isinstance(change, types.TextDocumentContentChangePartial):
            now, begin, end = _after(change, now, begin, end)
        else:
            now = _nearest(text, now, split(change.text))
    return now


def _after(
    change: types.TextDocumentContentChangePartial, line: int, begin: int, end: int
) -> tuple[int | None, int, int]:
    """Return the line and the columns of what is marked after one edit."""
    start, stop = change.range.start, change.range.end
    if start.line > stop.line or (start.line == stop.line and start.character > stop.character):
        start, stop = stop, start
    added = split(change.text)
    if line < start.line or (line == start.line and end <= start.character):
        return line, begin, end
    if stop.line < line:
        return line + len(added) - 1 - (stop.line - start.line), begin, end
    if line == start.line and begin < start.character:  # its beginning stays
        rest = end - stop.character if len(added) == 1 and stop.line == line else 0
        return line, begin, start.character + len(added[0]) + max(rest, 0)
    if line == stop.line and stop.character < end:  # its end stays, on the edit's last line
        shift = len(added[-1]) + (start.character if len(added) == 1 else 0) - stop.character
        return start.line + len(added) - 1, max(begin, stop.character) + shift, end + shift
    return None, begin, end


def _nearest(text: str, line: int, lines: Sequence[str]) -> int | None:
    """Return the line that bears the text, nearest to where it was."""
    return min((at for at, other in enumerate(lines) if other == text), key=lambda at: abs(at - line), default=None)

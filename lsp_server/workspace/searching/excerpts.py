"""The line around a match, cut to what a list shows, with the matches marked in characters."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from lsp_server.workspace.rows import MAX_LINE

_BEFORE = 40
"""Characters left before the first match when a line is cut."""
_MAX_CHARACTER = 4
"""Bytes of the longest character."""

Span = tuple[int, int]
"""First byte, and the byte after the last."""


@attrs.frozen
class Excerpt:
    """One line, or the part of it around its first match."""

    line: int
    """One-based."""
    text: str
    """At most `MAX_LINE` characters of the line, between `…` where it goes on."""
    marks: tuple[tuple[int, int], ...]
    """The matches in `text`: start and end in characters."""


def whole(data: bytes, span: Span) -> Span:
    """Widen a span to whole characters: a pattern may match between the bytes of one."""
    start, end = _character_at(data, span[0]), span[1]
    if span[0] == end:
        return start, start
    for _ in range(_MAX_CHARACTER):
        if not _is_inside(data, end):
            break
        end += 1
    return start, end


def excerpt(data: bytes, spans: Sequence[Span]) -> Excerpt:
    """Return the line of the first span with every span marked that can be seen.

    Args:
        data: normal bytes.
        spans: at least one; of whole characters, in order, within one line.
    """
    first = spans[0][0]
    begin = data.rfind(b"\n", 0, first) + 1
    close = data.find(b"\n", first)
    close = len(data) if close < 0 else close
    left = _character_at(data, max(begin, first - _MAX_CHARACTER * MAX_LINE))
    right = _character_at(data, min(close, first + _MAX_CHARACTER * MAX_LINE))
    before, after = _text(data[left:first]), _text(data[first:right])

    def character(at: int) -> int:
        return len(before) + len(_text(data[first:at]))

    places = [(character(begins), character(ends)) for begins, ends in spans]
    text = before + after
    fits = len(text) <= MAX_LINE and (left, right) == (begin, close)
    start = 0 if fits or (left == begin and len(before) <= MAX_LINE - _BEFORE) else max(0, len(before) - _BEFORE)
    piece = text[start : start + MAX_LINE]
    head = "…" if start or left > begin else ""
    tail = "…" if start + len(piece) < len(text) or right < close else ""
    marks = _marks(places, start, len(piece), len(head))
    kept = head + piece
    if not tail:
        kept = kept[: max(len(kept.rstrip()), marks[-1][1])]
    return Excerpt(data.count(b"\n", 0, begin) + 1, kept + tail, marks)


def _marks(places: Sequence[Span], start: int, length: int, shift: int) -> tuple[tuple[int, int], ...]:
    clipped = [(max(first - start, 0), min(end - start, length)) for first, end in places]
    seen = [(first + shift, end + shift) for first, end in clipped if first < end or first == end <= length]
    return tuple(dict.fromkeys(seen)) or ((shift, shift),)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _character_at(data: bytes, at: int) -> int:
    """Return `at`, or the first byte of the character that it stands in."""
    for _ in range(_MAX_CHARACTER):
        if at <= 0 or not _is_inside(data, at):
            break
        at -= 1
    return at


def _is_inside(data: bytes, at: int) -> bool:
    return at < len(data) and data[at] & 0xC0 == 0x80  # noqa: PLR2004 - how UTF-8 marks the bytes after the first

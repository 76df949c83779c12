"""Headings of a Markdown text as definitions: each reaches to the next of its level or a higher one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsp_server.workspace.facts import Definition
from lsp_server.workspace.languages import Captures
from lsp_server.workspace.source_text import SourceText

_CLOSING = re.compile(rb"(?:[ \t]+#+)?[ \t]*$")


def headings(source: SourceText, found: list[Captures]) -> tuple[Definition, ...]:
    """Return the headings by position."""
    placed = sorted((captures["heading"][0].start_byte, *_title(source, captures)) for captures in found)
    placed = [heading for heading in placed if heading[2] < heading[3]]
    made: list[Definition] = []
    open_levels: list[tuple[int, int]] = []
    ends = _ends([(start, level) for start, level, _, _ in placed], len(source.data))
    for at, ((start, level, name_start, name_end), end) in enumerate(zip(placed, ends, strict=True)):
        while open_levels and open_levels[-1][0] >= level:
            open_levels.pop()
        name = source.one_line(name_start, name_end)
        made.append(
            Definition(
                kind="heading",
                name=name,
                signature=f"{'#' * level} {name}",
                line=source.line(start),
                end_line=source.line(max(start, end - 1)),
                start=start,
                end=end,
                name_start=name_start,
                name_end=name_end,
                owner=open_levels[-1][1] if open_levels else -1,
            )
        )
        open_levels.append((level, at))
    return tuple(made)


def _ends(placed: Sequence[tuple[int, int]], length: int) -> list[int]:
    """Return where each heading, given by start and level, ends in a text of that length."""
    ends = [length] * len(placed)
    open_ones: list[int] = []
    for at, (start, level) in enumerate(placed):
        while open_ones and placed[open_ones[-1]][1] >= level:
            ends[open_ones.pop()] = start
        open_ones.append(at)
    return ends


def _title(source: SourceText, captures: Captures) -> tuple[int, int, int]:
    """Return a heading's level, and the first and last byte of its text without the signs."""
    heading, title = captures["heading"][0], captures["title"][0]
    text = source.data[title.start_byte : title.end_byte]
    if heading.type == "setext_heading":
        underline = source.data[title.end_byte : heading.end_byte].strip()
        return 1 if underline.startswith(b"=") else 2, title.start_byte, title.end_byte
    level = len(source.data[heading.start_byte : title.start_byte].strip())
    closing = _CLOSING.search(text)
    return level, title.start_byte, title.start_byte + (closing.start() if closing else len(text))

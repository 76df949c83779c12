"""A buffer is edited as the protocol says, and what is marked in it stays where it is, or goes."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st
from lsprotocol import types

from lsp_server.lsp import edits
from lsp_server.workspace.columns import Encoding

LETTERS = "ab\N{LATIN SMALL LETTER E WITH ACUTE}\N{GRINNING FACE}\x0c\x0b\x1c\x85\u2028\u2029\t "
ENDS = ("\n", "\r\n", "\r")
PIECES = st.one_of(st.text(LETTERS, min_size=1, max_size=3), st.sampled_from(ENDS))
TEXTS = st.lists(PIECES, max_size=12).map("".join)
ENCODINGS = st.sampled_from(("utf-8", "utf-16", "utf-32"))
MARK = "#"
"""Stands in the marked line alone."""


def width_of(char: str, encoding: Encoding) -> int:
    if encoding == "utf-8":
        return len(char.encode())
    return 2 if encoding == "utf-16" and char > "\uffff" else 1


def code_units(text: str, encoding: Encoding) -> list[str]:
    """Return a text as units: each character, and as many empty strings as make up its width."""
    return [unit for char in text for unit in (char, *[""] * (width_of(char, encoding) - 1))]


def expected(text: str, start: tuple[int, int], end: tuple[int, int], new: str, encoding: Encoding) -> str:
    """Return the text after an edit, worked out line by line and unit by unit."""
    lines = re.split(r"(\r\n|\r|\n)", text)
    bodies = [code_units(line, encoding) for line in lines[::2]]
    ends = [*lines[1::2], ""]
    before = [*("".join(body) + stop for body, stop in zip(bodies, ends, strict=True))]

    def head(at: tuple[int, int]) -> str:
        line, column = at
        if line >= len(bodies):
            return text
        units = bodies[line]
        while 0 < column < len(units) and not units[column]:
            column -= 1  # inside a character
        return "".join(before[:line]) + "".join(units[:column])

    first, last = sorted((head(start), head(end)), key=len)
    return first + new + text[len(last) :]


POSITIONS = st.tuples(st.integers(0, 6), st.integers(0, 8))


def partial(start: tuple[int, int], end: tuple[int, int], text: str) -> types.TextDocumentContentChangePartial:
    return types.TextDocumentContentChangePartial(types.Range(types.Position(*start), types.Position(*end)), text)


@given(TEXTS, st.lists(st.tuples(POSITIONS, POSITIONS, TEXTS), min_size=1, max_size=3), ENCODINGS)
@example("x\x0c\ny\u2028z\nend", [((2, 0), (2, 3), "new")], "utf-16")
@example("no end", [((0, 99), (0, 99), "!")], "utf-16")
def test_a_change_lands_where_the_client_made_it(
    text: str, changes: list[tuple[tuple[int, int], tuple[int, int], str]], encoding: Encoding
):
    """Lines end at CR, LF and CRLF alone, columns count units, and what lies past an end means that end."""
    after, done = edits.applied(text, [partial(*change) for change in changes], encoding)
    for start, end, new in changes:
        text = expected(text, start, end, new, encoding)
    assert after == text
    assert len(done) == len(changes)


@given(TEXTS, TEXTS, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 6), TEXTS), max_size=4))
def test_a_stretch_stays_with_its_characters(before: str, behind: str, changes: list[tuple[int, int, str]]):
    """What is left of a stretch lies on one line and holds characters of it; it goes with the last of them alone."""
    text = f"{before}\n{MARK * 5}\n{behind}"
    at: edits.Stretch | None = edits.Stretch(len(before) + 1, len(before) + 6)
    for start, length, new in changes:
        begin = min(start, len(text))
        edit = edits.Splice(begin, min(begin + length, len(text)), new)
        text, at = edit.of(text), at and at.after(edit)
    if at is not None:
        shown = text[at.start : at.end]
        assert MARK in shown
        assert not re.search(r"[\r\n]", shown)
    else:
        assert MARK * 5 not in text


@given(TEXTS, st.integers(0, 20))
def test_lines_are_counted_as_the_protocol_counts(text: str, line: int):
    """Each line's start is found, and from it the line's number and its text."""
    lines = re.split(r"\r\n|\r|\n", text)
    start = edits.start_of_line(text, line)
    assert (start is None) == (line >= len(lines))
    if start is not None:
        assert edits.line_from(text, start) == lines[line]
        assert edits.line_number(text, start) == line
    starts = [edits.start_of_line(text, number) for number in range(len(lines))]
    assert all(first is not None and second is not None and first < second for first, second in pairwise(starts))


def test_the_nearest_line_that_reads_the_same_is_found():
    """Of several the nearest counts; a line that only holds the words is another one."""
    text = "same\r\nother\nnot the same\r\nsame\n"
    assert edits.nearest_line(text, 2, "same") == text.rindex("same")
    assert edits.nearest_line(text, 0, "same") == 0
    assert edits.nearest_line(text, 0, "gone") is None

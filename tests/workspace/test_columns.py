from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.workspace.columns import Encoding, offset_of, position_of
from lsp_server.workspace.files import normal

TEXTS = st.text(alphabet=st.sampled_from("ab \n\t\r\u00e9\u20ac\U0001f600\u2028\u0301\ufffd"), max_size=60)
ENCODINGS = st.sampled_from(get_args(Encoding))


def units(text: str, encoding: Encoding) -> int:
    """The length of a text as Python's own codecs count it."""
    size = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    name = "utf-8" if encoding == "utf-8" else f"{encoding}-le"
    return len(text.encode(name)) // size


@given(TEXTS, ENCODINGS)
def test_every_character_has_one_position_and_comes_back(text: str, encoding: Encoding):
    """Offset to position to offset is the identity between characters, and columns are what codecs count."""
    data = normal(text.encode())
    plain = data.decode()
    for index in range(len(plain) + 1):
        offset = len(plain[:index].encode())
        line, column = position_of(data, offset, encoding)
        before = plain[:index].split("\n")
        assert (line, column) == (len(before) - 1, units(before[-1], encoding))
        assert offset_of(data, line, column, encoding) == offset


@given(st.binary(max_size=60), ENCODINGS, st.integers(0, 70))
def test_bytes_that_are_no_text_count_as_their_replacement(data: bytes, encoding: Encoding, cut: int):
    """A column in broken bytes is the column in the text that an editor shows for them."""
    data = normal(data)
    line, column = position_of(data, cut, encoding)
    shown = data.decode("utf-8", "replace").split("\n")
    assert 0 <= column <= units(shown[line], encoding)
    offset = offset_of(data, line, column, encoding)
    assert offset is not None
    assert offset <= min(cut, len(data))
    assert position_of(data, offset, encoding) == (line, column)
    assert offset_of(data, len(shown) - 1, 10**6, encoding) == len(data)
    assert data[:offset].decode("utf-8", "replace").split("\n")[-1] == encoded_prefix(shown[line], column, encoding)


def encoded_prefix(text: str, column: int, encoding: Encoding) -> str:
    """The first characters of a line that make up so many units."""
    return next(text[:index] for index in range(len(text) + 1) if units(text[:index], encoding) == column)


@pytest.mark.parametrize("encoding", get_args(Encoding))
def test_columns_are_clamped_and_lines_are_not(encoding: Encoding):
    """A column past the line's end is its end, a negative one its start; a line past the file's end is none."""
    data = "a\u00e9\nb".encode()
    assert offset_of(data, 0, 99, encoding) == 3
    assert offset_of(data, 0, -5, encoding) == 0
    assert offset_of(data, 1, 99, encoding) == 5
    assert offset_of(data, 2, 0, encoding) is None
    assert offset_of(data, -1, 0, encoding) is None
    assert offset_of(b"", 0, 7, encoding) == 0
    assert offset_of(b"a\n", 1, 0, encoding) == 2
    assert position_of(data, 10**9, encoding) == (1, 1)
    assert position_of(data, -1, encoding) == (0, 0)


def test_a_column_inside_a_character_is_its_start():
    """Half a surrogate pair, or a byte within a character, clamps backwards in both directions."""
    data = "x\U0001f600y".encode()
    assert offset_of(data, 0, 2, "utf-16") == 1
    assert offset_of(data, 0, 3, "utf-8") == 1
    assert offset_of(data, 0, 3, "utf-16") == 5
    assert position_of(data, 3, "utf-16") == (0, 1)

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.workspace.facts import Facts
from lsp_server.workspace.index.passages import stretches
from lsp_server.workspace.parse_cache import ParseCache

CODE = '''"""A module."""

import os


class Store:
    """Holds things."""

    limit = 3

    @property
    def size(self):
        return 1

    def put(self, thing):
        def check():
            return thing
        return check


def top():
    return Store
'''


def test_functions_and_class_heads_are_stretches():
    """A decorator goes with its function, an inner function with the one around it."""
    found = stretches("a.py", CODE.encode(), ParseCache().facts("a.py", CODE.encode()))
    assert [(it.name, it.start, it.end) for it in found] == [
        ("", 1, 5),
        ("Store", 6, 10),
        ("Store.size", 11, 13),
        ("Store.put", 15, 18),
        ("top", 21, 22),
    ]


@given(
    st.lists(
        st.sampled_from(["class A:\n", "    def f(self):\n", "        pass\n", "x = 1\n", "\n", "def g(): pass\n"])
    )
)
def test_every_line_with_text_is_in_one_stretch(lines: list[str]):
    """Stretches follow one another, overlap nowhere, and leave out blank lines at most."""
    data = "".join(lines).encode()
    found = stretches("a.py", data, ParseCache().facts("a.py", data))
    covered = [number for it in found for number in range(it.start, it.end + 1)]
    assert covered == sorted(set(covered))
    rest = set(range(1, len(lines) + 1)) - set(covered)
    assert all(not lines[number - 1].strip() for number in rest)


def test_a_generated_file_is_cut():
    """Only the beginning of what is neither code nor prose is ranked."""
    found = stretches("data.csv", b"one two three\n" * 100_000, Facts())
    assert sum(len(it.body) for it in found) <= 10_000
    prose = stretches("book.txt", b"one two three\n" * 100_000, Facts())
    assert 390_000 < sum(len(it.body) for it in prose) <= 400_000

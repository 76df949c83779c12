from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.workspace.index.words import spaced, words


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("parse_HTTPRequest", ["parse", "http", "request"]),
        ("camelCase", ["camel", "case"]),
        ("utf8Decode", ["utf8", "decode"]),
        ("where is the retry?", ["where", "is", "the", "retry"]),
        ("ABC", ["abc"]),
        ("+-(\"'", []),
    ],
)
def test_identifiers_are_split(text: str, parts: list[str]):
    """At seams of camel case and at whatever is no letter or digit."""
    assert words(text) == parts


@given(st.text())
def test_nothing_but_spaces_is_added(text: str):
    """A spaced text without its spaces is the text without its spaces."""
    assert spaced(text).replace(" ", "") == text.replace(" ", "")


def test_a_long_query_is_cut():
    """Ten thousand words are not looked up."""
    assert len(words(" ".join(f"w{number}" for number in range(10_000)))) == 64

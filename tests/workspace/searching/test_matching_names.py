from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.workspace.scope import never
from lsp_server.workspace.searching.matching_names import aligned, matching_names, scattered

NAMES: Sequence[str] = (
    "Registry", "register_factory", "RegisterFactory", "RegistryError", "make_registry", "registry_of", "_registry",
    "unregister", "HTTPServer", "parse_HTTPRequest", "get", "get_all", "budget", "größe", "Größe", "x2y",
)  # fmt: skip


def found(wanted: str, names: Sequence[str] = NAMES) -> list[tuple[str, str]]:
    blob = "".join(f"{name}\n" for name in names).encode()
    return [(match.name, match.closeness) for matches in matching_names(blob, wanted, never) for match in matches]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (
            "Registry",
            [
                ("Registry", "exact"),
                ("_registry", "spelt"),
                ("registry_of", "prefix"),
                ("RegistryError", "prefix"),
                ("make_registry", "words"),
            ],
        ),
        ("registerfactory", [("RegisterFactory", "spelt"), ("register_factory", "spelt")]),
        ("regfac", [("RegisterFactory", "words"), ("register_factory", "words")]),
        ("RF", [("RegisterFactory", "words"), ("register_factory", "words")]),
        ("hs", [("HTTPServer", "words")]),
        ("phr", [("parse_HTTPRequest", "words")]),
        ("httprequest", [("parse_HTTPRequest", "words")]),
        ("get", [("get", "exact"), ("get_all", "prefix")]),
        ("udget", [("budget", "letters")]),
        ("größe", [("größe", "exact"), ("Größe", "spelt")]),
        ("nothing", []),
        ("zz", []),
    ],
)
def test_closer_names_come_first(wanted: str, expected: list[tuple[str, str]]):
    """The name itself, its other spellings, its beginning, word beginnings, then scattered letters alone."""
    assert found(wanted) == expected


def test_a_stop_ends_the_scans():
    """Nothing more is looked for than the name itself."""
    assert [list(map(str, matches)) for matches in matching_names(b"ab\nabc\n", "b", lambda: True)] == []


@given(name=st.text("aAbB_2é", max_size=12), letters=st.text("abB2é", min_size=1, max_size=5))
def test_marks_spell_the_letters(name: str, letters: str):
    """What is marked, joined, is what was asked, in whatever case; pieces are in order and apart."""
    for marks in (aligned(name, letters), scattered(name, letters)):
        if marks:
            assert "".join(name[start:end] for start, end in marks).lower() == letters.lower()
            assert all(left[1] < right[0] or left[1] == right[0] for left, right in pairwise(marks))
    assert bool(scattered(name, letters)) or not aligned(name, letters)


@given(
    names=st.lists(st.text("abAB_", min_size=1, max_size=8), max_size=8), letters=st.text("ab", min_size=3, max_size=4)
)
def test_some_name_is_found_if_any_has_the_letters(names: list[str], letters: str):
    """A name is found exactly when one holds the letters in order."""
    assert bool(found(letters, names)) == any(scattered(name, letters) for name in names)

from __future__ import annotations

import pytest

from lsp_server.agent.places import Claim, claim_at, looks_like_path

NAMED = [
    ("src/a.py:12", ("src/a.py", 12, 12)),
    ("src/a.py:12-14", ("src/a.py", 12, 14)),
    ("`src/a.py:12`", ("src/a.py", 12, 12)),
    ("`src/a.py`:12", ("src/a.py", 12, 12)),
    ("src\\win\\a.py:3", ("src/win/a.py", 3, 3)),
    ("./src/a.py:3", ("src/a.py", 3, 3)),
    ("src/a.py#L12", ("src/a.py", 12, 12)),
    ("src/a.py#L12-L14", ("src/a.py", 12, 14)),
    ("[a.py](src/a.py#L7)", ("src/a.py", 7, 7)),
    ("[src/a.py:9](src/a.py)", ("src/a.py", 9, 9)),
    ("`docs/my notes.md:3`", ("docs/my notes.md", 3, 3)),
    ("src/a.py, line 12", ("src/a.py", 12, 12)),
    ("`src/a.py` (line 12)", ("src/a.py", 12, 12)),
    ("src/a.py on lines 3 to 5", ("src/a.py", 3, 5)),
    ("line 12 of src/a.py", ("src/a.py", 12, 12)),
    ("lines 3-5 in the file `src/a.py`", ("src/a.py", 3, 5)),
    ("Makefile:3", ("Makefile", 3, 3)),
    ("größe/naïve.py:2", ("größe/naïve.py", 2, 2)),
]


@pytest.mark.parametrize(("text", "expected"), NAMED)
def test_forms(text: str, expected: tuple[str, int, int]):
    """A place is recognised whole in each form that it may be written in."""
    assert claim_at(text, 0) == Claim(*expected, length=len(text))


def test_column():
    """A column behind the line belongs to the place and says nothing more."""
    assert claim_at("src/a.py:12:5 is", 0) == Claim("src/a.py", 12, 12, 13)


@pytest.mark.parametrize(
    "text",
    [
        "10:30",
        "localhost:8080",
        "http://example.com:80/a.py:3",
        "note:3",
        "src/a.py",
        "a.py:12x",
        "line 12",
        "ratio 3:4",
    ],
)
def test_no_place(text: str):
    """Times, hosts, ratios and paths without a line are no places."""
    assert claim_at(text, 0) is None


def test_paths():
    """A path has an extension, or is one of the files that by custom have none."""
    assert looks_like_path("a/b.py")
    assert looks_like_path("LICENSE")
    assert not looks_like_path("3.11")
    assert not looks_like_path("word")

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.workspace import search as search_room
from lsp_server.workspace.files import normal
from lsp_server.workspace.problems import ToolProblem
from lsp_server.workspace.rows import MAX_ROWS
from lsp_server.workspace.search import compile_pattern
from lsp_server.workspace.workspace import Workspace
from support.shop import write


def found(workspace: Workspace, pattern: str, *, regex: bool = False, glob: str | None = None) -> list[str]:
    rows = workspace.search(pattern, regex=regex, glob=glob).rows
    return [f"{row.place.path}:{row.place.start}: {row.text}" for row in rows]


def test_code_stands_before_tests_before_vendored(workspace: Workspace):
    """Rows come in the order of use, then by path and line; ignored and secret files give none."""
    assert found(workspace, "class Registry") == [
        "src/shop/core.py:33: class Registry(Closable):",
        "vendor/registry.py:1: class Registry:",
    ]
    paths = [row.split(":")[0] for row in found(workspace, "make_registry")]
    assert list(dict.fromkeys(paths)) == ["src/shop/core.py", "src/shop/use.py", "tests/test_core.py"]


def test_code_stands_before_documents_before_records(workspace: Workspace, sample: Path):
    """Where the first rows are all that is read, a changelog does not take them."""
    for path in ("CHANGES.md", "a_guide.md", "src/shop/zebra.py", "tests/test_zebra.py"):
        write(sample, path, "# zebra crossing\n")
    assert [row.split(":")[0] for row in found(workspace, "zebra")] == [
        "src/shop/zebra.py",
        "a_guide.md",
        "tests/test_zebra.py",
        "CHANGES.md",
    ]


def test_case_matters_only_with_upper_case(workspace: Workspace):
    """A pattern in lower case ignores case; one upper-case letter makes it exact."""
    assert len(found(workspace, "registry of")) == 0
    assert found(workspace, "a registry.") == ["README.md:3: Register services in a Registry."]
    assert found(workspace, "REGISTRY") == []
    assert found(workspace, r"\Wregistry\.$", regex=True, glob="*.md") == [
        "README.md:3: Register services in a Registry."
    ]


@pytest.mark.parametrize(
    ("glob", "paths"),
    [
        ("*.md", ["README.md"]),
        ("src/**", ["src/shop/core.py", "src/shop/use.py"]),
        ("src/*.py", []),
        ("shop/", ["src/shop/core.py", "src/shop/use.py"]),
        ("./src/shop/use.py", ["src/shop/use.py"]),
        ("**/test_*.py", ["tests/test_core.py"]),
    ],
)
def test_globs_choose_files(workspace: Workspace, glob: str, paths: list[str]):
    """A glob without a slash matches names at any depth, one with a slash from the folder down."""
    rows = workspace.search("registry", glob=glob).rows
    assert list(dict.fromkeys(row.place.path for row in rows)) == paths


@pytest.mark.parametrize("glob", ["*.{py,js}", "!*.py", "../*", "/etc/*", "src/../../*", "[z-a].py"])
def test_a_glob_that_is_not_understood_is_a_problem(workspace: Workspace, glob: str):
    """Braces, negation and climbing get a hint."""
    with pytest.raises(ToolProblem) as caught:
        workspace.search("x", glob=glob)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(?=x)", "not understood"),
        ("(a", "not understood"),
        (r"(x)\1", "not understood"),
        ("", "empty"),
        ("a\nb", "lines"),
    ],
)
def test_an_unusable_pattern_is_a_problem(workspace: Workspace, pattern: str, said: str):
    """What RE2 does not know, empty patterns and patterns over lines are told."""
    with pytest.raises(ToolProblem, match=said):
        workspace.search(pattern, regex=True)


def test_a_regex_cannot_explode(workspace: Workspace, sample: Path):
    """The classic catastrophic patterns take linear time."""
    write(sample, "bomb.txt", "a" * 100_000 + "!")
    began = time.perf_counter()
    for pattern in ("(a+)+$", "(a|aa)+$", "(.*a){20}b", "(a?){50}a{50}$"):
        workspace.search(pattern, regex=True, glob="bomb.txt")
    assert time.perf_counter() - began < 10


def test_a_literal_that_looks_like_a_regex_is_pointed_out(workspace: Workspace):
    """When nothing matches literally, the note says that the pattern was not a regex."""
    assert "regex=true" in workspace.search("class .*Registry").note


def test_anchors_hold_within_lines(workspace: Workspace, sample: Path):
    """Every line has its own start and end, with CRLF too, and classes do not reach over line ends."""
    (sample / "dos.txt").write_bytes(b"one\r\ntwo\r\n\r\n")
    assert found(workspace, "^two$", regex=True, glob="dos.txt") == ["dos.txt:2: two"]
    assert found(workspace, r"\Atwo\z", regex=True, glob="dos.txt") == ["dos.txt:2: two"]
    assert found(workspace, r"one\s+two", regex=True, glob="dos.txt") == []
    assert found(workspace, "^$", regex=True, glob="dos.txt") == ["dos.txt:3: "]


def test_rows_are_capped_and_counted(workspace: Workspace, sample: Path):
    """Beyond the cap rows are counted and the note says so."""
    write(sample, "many.txt", "needle\n" * (MAX_ROWS + 5))
    rows = workspace.search("needle")
    assert (len(rows.rows), rows.total) == (MAX_ROWS, MAX_ROWS + 5)
    assert "5 further" in rows.note


def test_a_search_stops_at_its_deadline_and_when_cancelled(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    """It says how far it came."""
    assert workspace.search("registry", cancelled=lambda: True).total == 0
    files = iter(range(100))
    stopped = workspace.search("registry", cancelled=lambda: next(files) > 6)
    assert stopped.note.startswith("Stopped after")
    monkeypatch.setattr(search_room, "SECONDS", -1.0)
    assert workspace.search("registry").total == 0


@given(text=st.text(max_size=60), needle=st.text(min_size=1, max_size=3))
def test_a_literal_is_found_exactly_where_it_stands(text: str, needle: str):
    """Literal search agrees with Python's own, line by line."""
    data = normal(text.encode("utf-8", "replace"))
    try:
        finder = compile_pattern(needle + "A", regex=False)
    except ToolProblem:
        return
    lines = data.decode().removesuffix("\n").split("\n")
    expected = [number for number, line in enumerate(lines, start=1) if needle + "A" in line]
    assert [number for number, _ in finder.rows(data)] == expected

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.settings import Settings
from lsp_server.workspace import lookup as lookup_room
from lsp_server.workspace.files import Files
from lsp_server.workspace.question_words import words_of
from lsp_server.workspace.workspace import Workspace


def hits(workspace: Workspace, question: str) -> dict[str, tuple[str, ...]]:
    return {hit.name: hit.paths for hit in workspace.lookup(question)}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What does Registry.register_factory do?", {"Registry.register_factory": ("src/shop/core.py",)}),
        ("Who calls make_registry()?", {"make_registry": ("src/shop/core.py",)}),
        ("Where is `aclose` defined?", {"aclose": ("src/shop/core.py",)}),
        ("Which classes inherit from Protocol?", {"Protocol": ("src/shop/core.py",)}),
        ("Registry, please", {"Registry": ("src/shop/core.py", "vendor/registry.py")}),
        (
            "Explain src/shop/use.py and core.py.",
            {"src/shop/use.py": ("src/shop/use.py",), "core.py": ("src/shop/core.py",)},
        ),
        ("What is in shop.core?", {"shop.core": ("src/shop/core.py",)}),
        ("What is MAX_SERVICES?", {"MAX_SERVICES": ("src/shop/core.py",)}),
        ("What does registry.check raise?", {"registry.check": ("src/shop/core.py",)}),
        ("Welche Klassen erben von Closable?", {"Closable": ("src/shop/core.py",)}),
        ("哪些类继承自 ServiceMissing 吗", {"ServiceMissing": ("src/shop/core.py",)}),
        ("which class do you open first, and what is the size of a shop?", {}),
        ("Which Open Size Check?", {}),
        ("What is in .env or deploy/id_rsa or build/out.py or /etc/passwd?", {}),
        ("NoSuchThing no_such_thing nope.py", {}),
        ("", {}),
    ],
)
def test_names_and_files_that_exist_are_found(
    workspace: Workspace, question: str, expected: dict[str, tuple[str, ...]]
):
    """Code names and paths that exist are named with their files; plain words and the rest are not."""
    assert hits(workspace, question) == expected


def test_a_hundred_kilobytes_cost_little(workspace: Workspace):
    """A very long question is read in part and in linear time."""
    began = time.perf_counter()
    for text in ("x" * 100_000, "a_b " * 25_000, "`" * 100_000, "a." * 50_000, "/" * 100_000, "a/" * 50_000):
        workspace.lookup(text)
    assert time.perf_counter() - began < 10


def test_a_fault_costs_no_answer(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    """Whatever fails inside, the result is empty."""

    def fail(*_arguments: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(Files, "all", fail)
    assert workspace.lookup("What is Registry?") == ()


def test_time_is_bounded(workspace: Workspace):
    """Out of time, it returns what it has."""
    assert lookup_room.lookup(workspace.view(), "Registry", seconds=-1.0) == ()


def test_a_question_opens_the_ignored_files_that_it_names(workspace: Workspace, sample: Path):
    """For the one question, by path, and never a secret."""
    view = workspace.for_question("What is in build/out.py, .env and deploy/id_rsa?")
    assert view.read("build/out.py").lines[0] == "class Built:"
    assert [row.name for row in view.symbols(name="Built").rows] == ["Built"]
    assert view.search("hunter2").total == 0
    assert workspace.symbols(name="Built").total == 0
    assert workspace.for_question("Where is the build output?") is workspace
    view.files.open_buffer((sample / "README.md").as_uri(), "shared")
    assert workspace.files.lines("README.md") == ("shared",)
    assert Workspace([sample], Settings()).allow_path("noise.log").files.lines("noise.log") == ("Registry was here",)


@given(text=st.text(max_size=200))
def test_any_text_gives_words(text: str):
    """No text breaks the reading of a question, and every name is a dotted identifier."""
    words = words_of(text)
    assert all(part.isidentifier() or "$" in part for word in words.names for part in word.query.split("."))


@pytest.mark.parametrize("text", ["A²", "`file://[::1/x.py`", "`x\ud800_y`", "see file://[/a.py"])
def test_odd_words_of_a_question_name_nothing(workspace: Workspace, text: str):
    """Neither looking up nor opening the files that a question names fails on what is no name."""
    assert workspace.lookup(text) == ()
    assert workspace.for_question(text) is workspace

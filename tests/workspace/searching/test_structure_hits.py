from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from lsp_server.settings import Settings
from lsp_server.workspace.workspace import Workspace
from support.finding import in_range, shown
from support.shop import write

TREES: Mapping[str, Mapping[str, str]] = {
    "python": {
        "base.py": "class Base:\n    pass\n\n\ndef mark(thing):\n    return thing\n\n\ndef helper():\n    pass\n",
        "use.py": (
            "from base import Base as Root, helper, mark\n\n\n@mark\nclass Child(Root):\n    def run(self):\n"
            "        helper()\n        raise Failure()\n"
        ),
        "failure.py": "class Failure(Exception):\n    pass\n",
    },
    "typescript": {
        "base.ts": "export class Base {}\nexport function helper() {}\nexport class Failure extends Error {}\n"
        "export function mark(target: unknown) {}\n",
        "use.ts": (
            'import { Base, Failure, helper, mark } from "./base";\n\n@mark\nclass Child extends Base {\n  run() {\n'
            "    helper();\n    throw new Failure();\n  }\n}\n"
        ),
    },
    "javascript": {
        "base.js": "export class Base {}\nexport function helper() {}\nexport class Failure extends Error {}\n",
        "use.js": (
            'import { Base, Failure, helper } from "./base.js";\n\nclass Child extends Base {\n  run() {\n'
            "    helper();\n    throw new Failure();\n  }\n}\n"
        ),
    },
    "java": {
        "p/Base.java": "package p;\npublic interface Base {}\n",
        "p/Failure.java": "package p;\npublic class Failure extends RuntimeException {}\n",
        "p/Child.java": (
            "package p;\n@mark\nclass Child implements Base {\n  void helper() {}\n  void run() {\n"
            "    helper();\n    throw new Failure();\n  }\n}\n"
        ),
    },
    "cpp": {
        "base.hpp": "class Base {};\nclass Failure {};\nvoid helper();\n",
        "use.cpp": (
            '#include "base.hpp"\nclass Child : public Base {\n  void run() { helper(); throw Failure(); }\n};\n'
        ),
    },
    "rust": {
        "src/lib.rs": (
            "pub trait Base {}\npub fn helper() {}\n#[mark]\npub struct Child;\nimpl Base for Child {}\n"
            "pub fn run() { helper(); }\n"
        ),
    },
    "go": {"a.go": "package a\n\nfunc helper() {}\n\nfunc run() {\n\thelper()\n\tpanic(Failure{})\n}\n"},
    "c": {"a.c": "static void helper(void) {}\nvoid run(void) { helper(); }\n"},
}

QUESTIONS: Mapping[str, frozenset[str]] = {
    "calls:helper": frozenset(TREES),
    "inherits:Base": frozenset(TREES) - {"go", "c"},
    "decorated_by:mark": frozenset({"python", "typescript", "java", "rust"}),
    "raises:Failure": frozenset({"python", "typescript", "javascript", "java", "cpp"}),
}


@pytest.fixture
def trees(tmp_path: Path) -> Path:
    """A folder for each language."""
    for language, files in TREES.items():
        for path, text in files.items():
            write(tmp_path / language, path, text)
    return tmp_path


@pytest.mark.parametrize("language", TREES)
@pytest.mark.parametrize("question", QUESTIONS)
def test_every_language_answers(trees: Path, language: str, question: str):
    """Callers, subclasses and implementers, what is decorated, raises: one hit each, at the name itself."""
    workspace = Workspace([trees / language], Settings())
    found = workspace.find(question)
    assert found.kind == "symbol"
    assert len(found.hits) == (language in QUESTIONS[question]), shown(found)
    for hit in found.hits:
        relation, _, name = question.partition(":")
        expected = name if relation in {"calls", "raises"} else "Child"
        assert in_range(workspace, hit) == expected
        assert hit.name.rpartition(".")[2] in {"run", "Child"}


def test_a_reference_to_another_definition_is_left_out(tmp_path: Path):
    """Imports decide: of two functions of one name, the one that was asked for by its module; unknown ones are told."""
    write(tmp_path, "one.py", "def open_door():\n    pass\n")
    write(tmp_path, "two.py", "def open_door():\n    pass\n")
    write(tmp_path, "a.py", "from one import open_door\nopen_door()\n")
    write(tmp_path, "b.py", "from two import open_door as opened\nopened()\n")
    write(tmp_path, "c.py", "def run(house):\n    house.open_door()\n")
    workspace = Workspace([tmp_path], Settings())
    assert shown(workspace.find("calls:one.open_door")) == ["call a.py:2 open_door"]
    assert shown(workspace.find("calls:two.open_door")) == ["call b.py:2 opened"]
    every = workspace.find("calls:open_door")
    assert [(hit.located.relative, hit.by_name) for hit in every.hits] == [
        ("a.py", False),
        ("b.py", False),
        ("c.py", True),
    ]


def test_what_comes_from_outside_is_known_by_its_import(tmp_path: Path):
    """A base of another package is that base; a class of the same name in the workspace is not."""
    write(
        tmp_path,
        "a.py",
        "import typing\nfrom typing import Protocol as P\nclass A(typing.Protocol): ...\nclass B(P): ...\n",
    )
    workspace = Workspace([tmp_path], Settings())
    assert [(hit.name, hit.by_name) for hit in workspace.find("inherits:Protocol").hits] == [("A", False), ("B", False)]
    write(tmp_path, "b.py", "class Protocol: ...\nclass C(Protocol): ...\n")
    assert [hit.name for hit in workspace.find("inherits:Protocol").hits] == ["C"]


def test_conditions_join(tmp_path: Path):
    """Every condition must hold; further words narrow to names that hold them."""
    write(
        tmp_path,
        "a.py",
        "class Base: ...\nclass One(Base):\n    def go(self): run()\nclass Two(Base):\n    def stop(self): run()\n",
    )
    workspace = Workspace([tmp_path], Settings())
    assert [hit.name for hit in workspace.find("inherits:Base name:Two").hits] == ["Two"]
    assert [hit.name for hit in workspace.find("calls:run kind:method name:One.go").hits] == ["One.go"]
    assert [hit.name for hit in workspace.find("calls:run stop").hits] == ["Two.stop"]
    assert [hit.name for hit in workspace.find("kind:class").hits] == ["Base", "One", "Two"]


def test_a_wider_question_answers_with_a_note(tmp_path: Path):
    """The wrong letter case still finds, and says so."""
    write(tmp_path, "a.py", "def helper(): ...\nhelper()\n")
    found = Workspace([tmp_path], Settings()).find("calls:HELPER")
    assert shown(found) == ["call a.py:2 helper"]
    assert "case" in found.note


def test_so_many_hits_are_enough(tmp_path: Path):
    """A file that was written by a program may hold more than anybody reads; it is said where the search stopped."""
    write(tmp_path, "a.py", "def register(x): ...\n" + "register(1)\n" * 700)
    found = Workspace([tmp_path], Settings()).find("calls:register", limit=10)
    assert found.total == 500
    assert "Only the first 500 were looked for." in found.note

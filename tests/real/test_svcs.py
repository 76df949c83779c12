"""Real questions about a real package, answered by the real model through the real command line.

What is expected is read from the package's sources by Python's own parser.
"""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from support.real_model import real_model_folder

pytestmark = [pytest.mark.real_model, pytest.mark.timeout(900)]

QUESTIONS = {
    "listing": "Which classes inherit from Exception?",
    "definition": "Where is ServicePing defined?",
    "usage": "Who calls _robust_signature?",
    "several": "Where is svcs_from defined?",
    "concept": "What is a service locator?",
}
Place = tuple[str, int]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace that holds the sources of svcs."""
    spec = find_spec("svcs")
    assert spec is not None
    assert spec.origin is not None
    root = tmp_path_factory.mktemp("workspace")
    shutil.copytree(Path(spec.origin).parent, root / "svcs", ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.fixture(scope="module")
def answers(package: Path) -> Mapping[str, Any]:
    """Ask every question of one server and return the answers by name."""
    real_model_folder()
    lines = [json.dumps({"id": name, "question": question}) for name, question in QUESTIONS.items()]
    done = subprocess.run(
        [sys.executable, "-m", "lsp_server", "ask", "--workspace", str(package), "--batch", "-"],
        input="\n".join(lines),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return {answer["id"]: answer for answer in map(json.loads, done.stdout.splitlines())}


def nodes(package: Path) -> Iterator[tuple[str, ast.AST]]:
    """Yield every syntax node of the package with its file's path."""
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            yield path.relative_to(package).as_posix(), node


def definitions(package: Path, name: str) -> set[Place]:
    """Return where a class or function of that name is defined."""
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {(path, node.lineno) for path, node in nodes(package) if isinstance(node, kinds) and node.name == name}


def subclasses(package: Path, base: str) -> set[Place]:
    """Return where the classes with that direct base are defined."""
    return {
        (path, node.lineno)
        for path, node in nodes(package)
        if isinstance(node, ast.ClassDef) and any(ast.unparse(known) == base for known in node.bases)
    }


def calls(package: Path, name: str) -> set[Place]:
    """Return where a function is called by its bare name."""
    return {
        (path, node.lineno)
        for path, node in nodes(package)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    }


def evidence(answer: Mapping[str, Any]) -> set[Place]:
    """Return the rows that answer."""
    return {(row["path"], row["start"]) for row in answer["evidence"]}


def test_a_listing_is_whole_and_right(answers: Mapping[str, Any], package: Path):
    """Every subclass is a row of the answer, none is missing, and each is written with its place."""
    answer = answers["listing"]
    expected = subclasses(package, "Exception")
    assert expected
    assert answer["outcome"] == "answered"
    assert evidence(answer) == expected
    assert all(f"{path}:{line}" in answer["answer"] for path, line in expected)


@pytest.mark.parametrize(("name", "symbol"), [("definition", "ServicePing"), ("several", "svcs_from")])
def test_a_definition_is_found(answers: Mapping[str, Any], package: Path, name: str, symbol: str):
    """The answer names each place where the symbol is defined, and no other."""
    answer = answers[name]
    expected = definitions(package, symbol)
    assert expected
    assert answer["outcome"] == "answered"
    assert evidence(answer) == expected
    assert all(f"{path}:{line}" in answer["answer"] for path, line in expected)


def test_usages_are_found(answers: Mapping[str, Any], package: Path):
    """Every call site is a row of the answer, and every row names what was asked for."""
    answer = answers["usage"]
    expected = calls(package, "_robust_signature")
    assert expected
    assert answer["outcome"] == "answered"
    assert expected <= evidence(answer)
    lines = {path: (package / path).read_text("utf-8").splitlines() for path, _ in evidence(answer)}
    assert all("_robust_signature" in lines[path][line - 1] for path, line in evidence(answer))


def test_a_concept_is_told_without_a_look(answers: Mapping[str, Any]):
    """A general question is answered in words, in its first turn."""
    answer = answers["concept"]
    assert "service" in answer["answer"]
    assert answer["outcome"] == "answered"
    assert not answer["tools"]
    assert not answer["evidence"]


def test_no_place_is_called_verified_that_is_not(answers: Mapping[str, Any], package: Path):
    """Each verified citation and each row of evidence exists in the files."""
    for answer in answers.values():
        verified = [place for place in answer["citations"] if place["verified"]]
        for place in (*verified, *answer["evidence"]):
            lines = (package / place["path"]).read_text("utf-8").splitlines()
            assert 1 <= place["start"] <= place["end"] <= len(lines)


def test_what_it_cost_is_told(answers: Mapping[str, Any]):
    """Each answer reports its tokens; from the second on, the system prompt comes from the cache."""
    timings = [answer["trace"]["timing"] for answer in answers.values()]
    assert all(timing["promptTokens"] > timing["cachedTokens"] >= 0 for timing in timings)
    assert all(timing["cachedTokens"] > 200 for timing in timings[1:])
    assert all(answer["seconds"] > 0 for answer in answers.values())

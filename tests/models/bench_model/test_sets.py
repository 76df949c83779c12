from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from lsp_server.errors import BadRequest
from lsp_server.user_folders import cache_root
from models.bench.model import questions as module
from models.bench.model.questions import SETS, Lines, Question, questions, some
from models.bench.model.truth import structural_truth
from models.bench.model.workspaces import pinned

PACKAGES = {"attrs", "click", "flask", "httpx", "itsdangerous", "marshmallow", "trio", "typer"}
RESERVED = re.compile(r"\b(svcs|anyio|structlog|cattrs|werkzeug|starlette|pluggy|rich)\b", re.IGNORECASE)


def everything() -> list[Question]:
    return [question for name in SETS for question in questions(name)]


def brought(package: str) -> Path:
    """Return a workspace that an earlier run has brought; tests download nothing."""
    folder = cache_root() / "data" / f"{package}-{pinned()[package].key}"
    if not folder.is_dir():
        pytest.skip(f"{package} was not brought; `make bench-model` does so")
    return folder


def test_the_sets_have_their_sizes_and_halves():
    """Five and three of the seed's, a hundred and more on the decision in two halves, eighty and more structural."""
    assert [len(questions(name)) for name in ("seed", "standard")] == [5, 3]
    choice = Counter(question.expects for question in questions("discrimination"))
    assert choice["tool"] == choice["direct"] >= 50
    kinds = Counter(question.kind for question in questions("structural"))
    assert kinds.total() >= 88
    assert min(kinds.values()) >= 5
    assert len(kinds) == 8


def test_every_workspace_is_asked_about():
    """The decision and the structure are asked of all eight workspaces; nothing else is pinned or asked of."""
    assert set(pinned()) == PACKAGES
    for name in ("discrimination", "structural"):
        assert {question.package for question in questions(name)} == PACKAGES


def test_every_question_is_its_own():
    """No identifier or wording stands twice within a set, and keys tell all questions apart."""
    asked = everything()
    assert len({question.id for question in asked}) == len(asked)
    assert len({question.key for question in asked}) == len(asked)
    for name in SETS:
        words = [question.question for question in questions(name)]
        assert len(set(words)) == len(words)


def test_no_question_names_what_is_reserved():
    """The codebases that are kept for later appear in no question, subject or place."""
    for question in everything():
        said = " ".join((question.question, question.subject, *(lines.path for lines in question.accepts)))
        assert not RESERVED.search(said), question.id


def test_every_tool_question_says_what_is_right():
    """A tool question has accepted places, a command or nothing to find; a direct one has none of them."""
    for question in everything():
        marks = bool(question.accepts or question.places or question.command or question.not_found)
        assert marks == (question.expects == "tool"), question.id


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_the_truth_is_what_pythons_parser_says(package: str):
    """Places and values of the structural questions follow from the pinned files."""
    root = brought(package)
    for question in questions("structural"):
        if question.package != package:
            continue
        found = structural_truth(root, question.structural_kind, question.subject, question.parameter)
        values = (str(len(found.places)),) if question.count else found.values
        assert (tuple(map(Lines.parse, found.places)), values) == (question.places, question.values), question.id


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_accepted_lines_and_selections_exist(package: str):
    """What a reader accepts lies in the files of the workspace."""
    root = brought(package)
    for question in everything():
        for lines in (*question.accepts, *filter(None, [question.selection])):
            if question.package == package:
                count = len((root / lines.path).read_bytes().splitlines())
                assert 1 <= lines.start <= max(lines.end, lines.start) <= count, question.id


def test_a_limited_run_sees_all_of_a_set():
    """A limit takes questions from beginning to end of a set, so that both halves are there."""
    asked = questions("discrimination")
    few = some(asked, 10)
    assert len(few) == 10
    assert Counter(question.expects for question in few) == {"tool": 5, "direct": 5}
    assert some(asked, None) == some(asked, 1000) == asked


def test_another_wording_is_another_question():
    """The key of a question changes with its words and with its selection, not with what is accepted."""
    question = Question("q", "click", "where", "Where?")
    assert question.key == Question("q", "click", "how", "Where?", accepts=(Lines("a"),)).key
    assert question.key != Question("q", "click", "where", "Where then?").key
    assert question.key != Question("q", "click", "where", "Where?", selection=Lines("a", 1, 2)).key


def test_a_line_that_is_no_question_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A spare key in a set is told with the line that it stands in."""
    (tmp_path / "sets").mkdir()
    good = '{"id": "a", "package": "click", "kind": "k", "question": "q"}'
    (tmp_path / "sets" / "seed.jsonl").write_text(f"{good}\n{good[:-1]}, " + '"spare": 1}\n', "utf-8")

    def files(_package: str) -> Path:
        return tmp_path

    monkeypatch.setattr(module.resources, "files", files)
    with pytest.raises(BadRequest, match="Line 2 of the set seed is no question"):
        questions("seed")

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import attrs

from lsp_server.workspace.patterns import compile_pattern
from lsp_server.workspace.places import Located
from models.bench.code.quality import Question, Ranks, missing, questions, rank
from models.bench.code.search import queries
from models.bench.code.sources import pins

_IDENTIFIER = re.compile(r"_|[a-z][A-Z]|\w\.\w|\w\(")


def test_enough_questions():
    """There are at least 60, each once, about packages whose sources are pinned."""
    asked = questions()
    assert len({question.question for question in asked}) == len(asked) >= 60
    assert {question.package for question in asked} == set(pins().packages)
    assert min(Counter(question.package for question in asked).values()) >= 6


def test_questions_are_in_words():
    """No question holds an identifier: neither an underscore, a hump, a dotted name nor a call."""
    assert [question.question for question in questions() if _IDENTIFIER.search(question.question)] == []


def test_expected_files_are_code():
    """One or two Python files are right, named relative to the source distribution, and the page is a document."""
    for question in questions():
        assert 1 <= len(question.files) <= 2
        assert all(file.endswith(".py") and "test_" not in file for file in question.files)
        assert question.doc.endswith((".md", ".rst"))


def test_missing_files_are_told(tmp_path: Path):
    """A question that names a file or page which its tree lacks is named with it."""
    (tmp_path / "here.py").touch()
    (tmp_path / "page.md").touch()
    right = Question("shop", "where", ("here.py",), "page.md")
    wrong = attrs.evolve(right, files=("here.py", "gone.py"), doc="lost.md")
    assert missing((right,), {"shop": tmp_path}) == []
    assert missing((right, wrong), {"shop": tmp_path}) == ["shop: gone.py", "shop: lost.md"]


def test_rank_counts_files_once():
    """Several hits of one file are one place in the order; a file that was not found has no place."""
    found = [Located(Path("/w"), path) for path in ("docs/a.md", "a.py", "a.py", "docs/a.md", "b.py")]
    assert rank(found, ("b.py", "c.py")) == 3
    assert rank(found, ("a.py",)) == 2
    assert rank(found, ("c.py",)) == 0
    assert rank((), ("a.py",)) == 0


def test_share_within():
    """A share counts the questions whose right file stood early enough."""
    ranks = Ranks((1, 5, 6, 0))
    assert (ranks.within(1), ranks.within(5)) == (25, 50)


def test_enough_queries():
    """Each kind has at least 30 queries, and every pattern can be compiled."""
    asked = attrs.asdict(queries())
    for texts in asked.values():
        assert len(set(texts)) == len(texts) >= 30
    for kind in ("exact", "regex"):
        for text in asked[kind]:
            compile_pattern(text, regex=kind == "regex")

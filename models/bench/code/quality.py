"""Ranked search on questions that were written from the packages' own documents."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path

import attrs
import cattrs

from lsp_server.workspace.direct_view import DirectView
from lsp_server.workspace.parse_cache import ParseCache
from lsp_server.workspace.places import Located
from lsp_server.workspace.scope import never
from lsp_server.workspace.workspace import Workspace
from models.bench.code.product import opened, private_home
from models.bench.figures import Figure

_FIRST = 5
_LIMIT = 50


@attrs.frozen
class Question:
    """What a user might ask, and where a reader of the code says it is."""

    package: str
    question: str
    files: tuple[str, ...]
    """Any of these is right."""
    doc: str
    """The page that describes the behaviour."""


@attrs.frozen
class Ranks:
    """At which place, from 1, the first right file stood for each question; 0 where it did not."""

    ranks: tuple[int, ...]

    def within(self, first: int) -> float:
        """Return the percentage of questions whose right file is among the first ones."""
        return 100 * sum(0 < rank <= first for rank in self.ranks) / len(self.ranks)


def questions() -> tuple[Question, ...]:
    """Read the questions."""
    lines = resources.files("models.bench.code").joinpath("questions.jsonl").read_text("utf-8").splitlines()
    return tuple(cattrs.structure(json.loads(line), Question) for line in lines)


def missing(asked: Sequence[Question], trees: Mapping[str, Path]) -> list[str]:
    """Return the files and pages that questions name and the pinned trees lack."""
    named = ((question.package, path) for question in asked for path in (*question.files, question.doc))
    return [f"{package}: {path}" for package, path in named if not (trees[package] / path).is_file()]


def measure(trees: Mapping[str, Path]) -> list[Figure]:
    """Ask each package's questions of its whole source distribution: code, tests and documents.

    Raises:
        RuntimeError: a question names a file that does not exist.
    """
    ours: list[int] = []
    plain: list[int] = []
    shares: dict[str, float] = {}
    asked = questions()
    if absent := missing(asked, trees):
        raise RuntimeError(f"Questions name files that do not exist: {'; '.join(absent)}.")
    with private_home():
        for package, root in trees.items():
            here = [question for question in asked if question.package == package]
            with opened(root) as (workspace, _):
                ranks = [rank(_found(workspace, question), question.files) for question in here]
                direct = DirectView(workspace.files, ParseCache())
                plain += [rank(_by_words(direct, question), question.files) for question in here]
            shares[package] = Ranks(tuple(ranks)).within(_FIRST)
            ours += ranks
    by_package = ", ".join(f"{package} {share:.0f} %" for package, share in shares.items())
    note = f"{len(ours)} questions"
    return [
        Figure("ranked search, right file among the first 5", Ranks(tuple(ours)).within(_FIRST), "%", note=by_package),
        Figure("ranked search, right file first", Ranks(tuple(ours)).within(1), "%", note=note),
        Figure("BM25 over whole files, among the first 5", Ranks(tuple(plain)).within(_FIRST), "%", note=note),
        Figure("BM25 over whole files, first", Ranks(tuple(plain)).within(1), "%", note=note),
    ]


def rank(found: Iterable[Located], right: Sequence[str]) -> int:
    """Return the place of the first right file among the distinct files found, from 1; 0 if there is none."""
    files = list(dict.fromkeys(located.relative for located in found))
    return next((at for at, file in enumerate(files, start=1) if file in right), 0)


def _found(workspace: Workspace, question: Question) -> list[Located]:
    return [hit.located for hit in workspace.find(question.question, "auto", _LIMIT).hits]


def _by_words(view: DirectView, question: Question) -> list[Located]:
    return [passage.located for passage in view.ranked(question.question, _LIMIT, never)]

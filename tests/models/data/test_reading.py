"""Examples from reading: their calls do what their kinds say, and their answers are true of a small codebase."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from lsp_server.agent.checked_stream import CheckedStream
from lsp_server.agent.citations import CitationChecker
from lsp_server.agent.evidence import Shown, whole_lines
from lsp_server.agent.places import Claim
from lsp_server.agent.tools import Toolbox, ToolOutcome
from lsp_server.settings import Settings
from lsp_server.trace import Citation
from lsp_server.workspace.workspace import Workspace
from models.data.codebases import Codebase
from models.data.example import Example
from models.data.reading import history, missing
from models.data.reading.body import Body, body_of
from models.data.reading.code import Code
from models.data.reading.generator import examples
from models.data.reading.phrases import phrases

_STORE = '''\
"""Keeps things by their names."""

from shop.errors import MissingItem


class BaseStore:
    """A place where things are kept by name."""

    def find_item(self, name):
        """Return the item of that name."""
        raise NotImplementedError


class MemoryStore(BaseStore):
    """Keeps all items in a dictionary of its own."""

    def __init__(self):
        self.items = {}

    def find_item(self, name):
        """Return the item of that name."""
        try:
            return self.items[name]
        except KeyError:
            raise MissingItem(name)

    def add_item(self, name, item):
        """Add an item under a name, once only."""
        if name in self.items:
            raise ValueError(name)
        self.items[name] = check_item(item)
        return None if item is None else item


def check_item(item):
    """Check that an item may be kept and return the item."""
    if not item:
        return None
    return normal_item(item)


def normal_item(item):
    """Return the item in small letters."""
    return item.strip().lower()


def load_store(names):
    """Make a store that holds all the names."""
    store = MemoryStore()
    for name in names:
        store.add_item(name, check_item(name))
    return store
'''
_ERRORS = '''\
"""What can go wrong in a shop."""


class ShopError(Exception):
    """Base of all errors of the shop."""


class MissingItem(ShopError):
    """Raised where an item is looked for in vain."""


def describe_error(error):
    """Return the words for an error."""
    if isinstance(error, MissingItem):
        return "missing"
    return str(error)
'''
_MAKES_LATER = '''

def newest_helper(store):
    """Find out what the store has."""
    return load_store(store.items)
'''


def _git(folder: Path, *words: str) -> None:
    person = {f"GIT_{who}_{what}": "x@y" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, env=os.environ | person | quiet)


@pytest.fixture(scope="module")
def codebase(tmp_path_factory: pytest.TempPathFactory) -> Codebase:
    """A package of two modules with two commits."""
    folder = tmp_path_factory.mktemp("shop")
    files = {"shop/store.py": _STORE, "shop/errors.py": _ERRORS, "shop/__init__.py": "", "setup.cfg": "[metadata]\n"}
    for path, text in files.items():
        folder.joinpath(path).parent.mkdir(exist_ok=True)
        folder.joinpath(path).write_text(text, encoding="utf-8")
    _git(folder, "init", "-q")
    _git(folder, "add", ".")
    _git(folder, "commit", "-qm", "Release 1.0")
    folder.joinpath("shop/store.py").write_text(_STORE + _MAKES_LATER, encoding="utf-8")
    _git(folder, "commit", "-qam", "Release 2.0")
    return Codebase("shop", folder, "python", "train", Workspace([folder], Settings()))


@pytest.fixture(scope="module")
def made(codebase: Codebase) -> list[Example]:
    """All examples of it."""
    return list(examples(codebase))


def _played(codebase: Codebase, example: Example) -> tuple[list[ToolOutcome], list[Citation]]:
    """Make an example's calls in order; return what they came to, and the places that the answers name."""
    shown = Shown()
    toolbox, checker = Toolbox(codebase.workspace, shown), CitationChecker(codebase.workspace, shown)
    outcomes: list[ToolOutcome] = []
    places: list[Citation] = []

    def check(claim: Claim, before: str, after: str) -> Citation:
        places.append(checker.check(claim, before, after))
        return places[-1]

    for ask in example.asks:
        if ask.selection is not None:
            chosen = ask.selection
            lines = whole_lines(codebase.workspace, chosen.path, chosen.start, chosen.end)
            shown.add(chosen.path, chosen.start, lines)
        outcomes += [toolbox.call(call.name, call.arguments, lambda: False) for call in ask.calls]
        stream = CheckedStream(check)
        list(stream.feed(ask.answer))
        list(stream.finish())
    return outcomes, places


def test_every_shape_comes_up_in_a_small_codebase(made: list[Example]) -> None:
    """No shape of example is lost where a codebase has something for it."""
    kinds = {example.kind for example in made}
    assert kinds == {
        "implementation", "how", "file", "folder", "history", "retry", "failure", "not-found", "follow-up",
        "selection-tool", "selection-direct",
    }  # fmt: skip


def test_calls_do_what_the_kind_says(codebase: Codebase, made: list[Example]) -> None:
    """Only a failure begins with a failing call, only a retry with an empty one, and only a not-found finds nothing."""
    for example in made:
        outcomes, _ = _played(codebase, example)
        found = [outcome.found for outcome in outcomes]
        if example.kind == "not-found":
            assert not any(found), example
        elif example.kind == "failure":
            assert outcomes[0].error, example
            assert found == [False, True], example
        elif example.kind == "retry":
            assert not outcomes[0].error, example
            assert found == [False, True], example
        else:
            assert all(found), example


def test_every_place_that_an_answer_names_was_shown(codebase: Codebase, made: list[Example]) -> None:
    """The product would mark none of them as unverified."""
    for example in made:
        assert all(place.verified for place in _played(codebase, example)[1]), example


def test_the_same_examples_are_made_again(codebase: Codebase, made: list[Example]) -> None:
    """Nothing is left to chance."""
    assert list(examples(codebase)) == made


def test_questions_hold_no_unfilled_place(made: list[Example]) -> None:
    """Every brace of a wording is filled."""
    for example in made:
        assert not any("{" in ask.question for ask in example.asks)


def _body(codebase: Codebase, name: str) -> Body:
    code = Code(codebase)
    return body_of(code, next(item for item in code.named if item.name == name))


def test_a_body_tells_under_which_condition_it_raises(codebase: Codebase) -> None:
    """The `if` around a raise, or the handler, is told; code is quoted as it is written."""
    assert _body(codebase, "MemoryStore.add_item").raises == "raises `ValueError` if `name in self.items`"
    assert _body(codebase, "MemoryStore.find_item").raises == "raises `MissingItem` when it catches `KeyError`"


def test_a_body_tells_both_values_of_an_early_return(codebase: Codebase) -> None:
    """Two returns, one of them under a condition, become one clause."""
    assert _body(codebase, "check_item").returns == "returns `None` if `not item`, otherwise `normal_item(item)`"


def test_a_body_names_calls_of_the_codebase_alone(codebase: Codebase) -> None:
    """Calls of built-in methods are not told."""
    assert _body(codebase, "load_store").calls == "calls `MemoryStore`, `add_item` and `check_item`"
    assert not _body(codebase, "normal_item").calls


def test_a_name_is_dated_by_the_commit_that_brought_it(codebase: Codebase) -> None:
    """A function of the second commit is not said to be as old as the history."""
    questions = [ask for example in history.examples(Code(codebase), 14) for ask in example.asks]
    asked = [ask for ask in questions if "newest_helper" in ask.question]
    assert asked
    assert all("Release 2.0" in ask.answer for ask in asked)


def test_a_history_of_one_commit_is_not_asked_for(tmp_path: Path) -> None:
    """There is nothing to learn from it."""
    tmp_path.joinpath("a.py").write_text("def only_one():\n    return 1\n", encoding="utf-8")
    _git(tmp_path, "init", "-q")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "-qm", "All")
    code = Code(Codebase("a", tmp_path, "python", "train", Workspace([tmp_path], Settings())))
    assert list(history.examples(code, 5)) == []


def test_invented_names_stand_nowhere(tmp_path: Path) -> None:
    """A name of the list that a codebase does have is not asked for in vain."""
    names = phrases("missing")["names"].sets
    text = "\n".join(f"{name} = 1" for name in (*names["classes"], *names["functions"], *names["words"]))
    tmp_path.joinpath("a.py").write_text(text, encoding="utf-8")
    code = Code(Codebase("a", tmp_path, "python", "train", Workspace([tmp_path], Settings())))
    asked = [example for example in missing.examples(code, 14) if not example.wording.startswith("missing.files")]
    assert asked == []


@pytest.mark.parametrize(
    "file",
    ["implementation", "how", "file", "folder", "history", "retry", "failure", "missing", "follow-up", "selection"],
)
def test_no_wording_is_listed_twice(file: str) -> None:
    """Every way of asking in a table is one of its own."""
    for table in phrases(file).values():
        for words in table.sets.values():
            assert len(set(words)) == len(words), table.name

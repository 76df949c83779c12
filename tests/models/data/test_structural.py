"""Examples about the structure of code: what they call finds what they say."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import attrs
import pytest

from lsp_server.settings import Settings
from lsp_server.workspace.workspace import Workspace
from models.data.codebases import Codebase
from models.data.english import listed
from models.data.example import Example
from models.data.structural import examples
from models.data.structural.case import Case
from models.data.structural.definitions import definition, subclasses
from models.data.structural.phrases import article, category, number
from models.data.structural.python_truth import python_truth
from models.data.structural.truth import Spot
from models.data.structural.values import default, signature
from models.data.structural.wording import fitting

_STORE = '''\
import functools

MAX_OPEN_STORES = 12
STORE_NAMES = ("a", "b")


class StoreError(Exception):
    """Something went wrong."""


class StoreClosedError(StoreError):
    pass


class StoreFullError(StoreError):
    pass


class BaseStore:
    def find_item(self, name, default=None):
        raise NotImplementedError

    @functools.cached_property
    def total(self):
        return self.count_items()

    def count_items(self) -> int:
        raise StoreClosedError


class MemoryStore(BaseStore):
    def __init__(self, capacity=64, *, strict=True):
        self.capacity = capacity

    def add_item(self, name, item, replace=False):
        if self.count_items() > self.capacity:
            raise StoreFullError(name)
        if not replace and self.find_item(name):
            raise StoreClosedError(name)


def open_memory_store(capacity: int = MAX_OPEN_STORES) -> MemoryStore:
    store = MemoryStore(capacity)
    follow(store)
    return store


def follow(store, times=1):
    return store
'''
_PLACE = re.compile(r"`([^`\s]+):(\d+)`")


@pytest.fixture
def codebase(tmp_path: Path) -> Codebase:
    shop = tmp_path / "shop" / "stores"
    shop.mkdir(parents=True)
    (shop / "memory.py").write_text(_STORE)
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_memory.py").write_text("class FakeStore(BaseStore):\n    pass\n")
    return Codebase("shop", tmp_path, "python", "train", Workspace([tmp_path], Settings()))


@pytest.fixture
def made(codebase: Codebase) -> list[Example]:
    return list(examples(codebase))


def test_every_shape_is_made(made: list[Example]) -> None:
    """A codebase that has everything gives examples of every shape, each asked in a wording of its kind."""
    shapes = {"subclasses", "definition", "callers", "decorated", "raised", "default", "constant", "signature"}
    assert {example.kind for example in made} == shapes
    assert all(example.wording.startswith(f"{example.kind}/") for example in made)


def test_the_same_examples_are_made_every_time(codebase: Codebase, made: list[Example]) -> None:
    """Nothing is left to chance."""
    assert list(examples(codebase)) == made


def test_what_an_answer_names_is_what_its_call_finds(codebase: Codebase, made: list[Example]) -> None:
    """Each place of an answer is a row of the call; an answer about one row names its place."""
    for example in made:
        [ask] = example.asks
        [call] = ask.calls
        rows = codebase.workspace.symbols(**call.arguments).rows
        found = {(row.place.path, str(row.place.start)) for row in rows}
        named = set(_PLACE.findall(ask.answer))
        assert named <= found
        assert named or len(rows) > 1, ask.answer


def test_a_codebase_is_not_asked_twice_about_one_name(made: list[Example]) -> None:
    """In one shape a question and its call come once."""
    asked = Counter((example.kind, str(example.asks[0].calls[0].arguments)) for example in made)
    assert max(asked.values()) == 1


def test_unseen_codebases_give_fewer_examples(codebase: Codebase, made: list[Example]) -> None:
    """What validates is a fraction of what trains."""
    assert len(list(examples(attrs.evolve(codebase, split="valid")))) < len(made)


def test_a_case_with_which_the_tool_disagrees_is_told_apart(codebase: Codebase) -> None:
    """The tool's rows must be exactly the true ones, and show what the answer states."""
    [case] = [case for case in subclasses(python_truth(codebase.path), "shop") if case.subject == "StoreError"]
    assert case.agrees(codebase.workspace)
    wrong = (Spot("shop/stores/memory.py", 2, "StoreClosedError"), *case.spots[1:])
    assert not attrs.evolve(case, spots=wrong).agrees(codebase.workspace)
    assert not attrs.evolve(case, shows=("timeout=3",)).agrees(codebase.workspace)


def test_what_only_tests_define_is_not_asked_about(codebase: Codebase) -> None:
    """A name that stands in the tests alone is nobody's question; tests among other results are shown last."""
    truth = python_truth(codebase.path)
    fake = next(case for case in definition(truth, "shop") if case.subject == "FakeStore")
    base = next(case for case in subclasses(truth, "shop") if case.subject == "BaseStore")
    assert not fake.is_about_code
    assert base.is_about_code
    assert [spot.name for spot in base.spots] == ["MemoryStore", "FakeStore"]


def test_properties_are_not_called(codebase: Codebase) -> None:
    """Nobody is asked for the parameters of a property, whatever decorates it so."""
    truth = python_truth(codebase.path)
    assert "BaseStore.total" not in {case.subject for case in signature(truth, "shop")}
    assert "BaseStore.find_item" in {case.subject for case in default(truth, "shop")}


def test_plain_words_are_marked_as_names(codebase: Codebase) -> None:
    """A name that could be any word of a sentence stands in back-ticks or has its brackets."""
    truth = python_truth(codebase.path)
    plain = next(case for case in definition(truth, "shop") if case.subject == "follow")
    telling = next(case for case in definition(truth, "shop") if case.subject == "open_memory_store")
    questions = [wording.question for wording in fitting("definition", plain)]
    assert questions
    assert all("`{name}`" in question or "{name}()" in question for question in questions)
    assert len(fitting("definition", telling)) > len(questions)


def test_an_answer_about_many_counts_them() -> None:
    """Cases are one, few or many by their places."""
    spots = tuple(Spot("a.py", line, f"C{line}") for line in range(1, 5))
    sizes = [Case({"name": "x"}, spots[:count], {}).size for count in (1, 2, 3, 4)]
    assert sizes == ["one", "few", "few", "many"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Arbiter", "an"), ("Store", "a"), ("HTTPClient", "an"), ("UDPSocket", "a"), ("_Item", "an"), ("User", "a")],
)
def test_articles_follow_the_sound(name: str, expected: str) -> None:
    """Acronyms are spelled, leading underscores are not heard."""
    assert article(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("BaseTrigger", "triggers"), ("BasePolicy", "policies"), ("Worker", ""), ("HooksMixin", ""), ("retry_base", "")],
)
def test_the_last_word_of_a_name_may_be_a_category(name: str, expected: str) -> None:
    """Only a name of several words says what its subclasses are called."""
    assert category(name) == expected


def test_english_lists_and_numbers() -> None:
    """Names are in back-ticks; small numbers are words."""
    assert listed(["a", "b", "c"]) == "`a`, `b` and `c`"
    assert (number(3), number(13)) == ("three", "13")

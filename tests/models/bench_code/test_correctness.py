from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from lsp_server.settings import Settings
from lsp_server.workspace.workspace import Workspace
from models.bench.code.correctness import Compared, Tally, Walked, compare

SHOP = """\
from os import open
import till

class Shop(till.Base):
    def open(self):
        open("door")
        till.count()
        raise till.Closed
"""
TILL = """\
class Base: pass
class Closed(Exception): pass
def count(): pass
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "till.py").write_text(TILL)
    (tmp_path / "broken.py").write_text("def (:\n")
    return tmp_path


def test_what_is_true(shop: Path):
    """Files that cannot be parsed are left out; so is a use of a name from outside that the tree defines itself."""
    walked = Walked.of(shop)
    assert set(walked.files) == {"shop.py", "till.py"}
    assert ("shop.py", "Shop.open", 5) in walked.definitions
    assert walked.uses("subclass") == {
        "Base": {("shop.py", "Base", 4)},
        "Exception": {("till.py", "Exception", 2)},
    }
    assert walked.uses("caller") == {"count": {("shop.py", "count", 7)}}
    assert walked.uses("raise") == {"Closed": {("shop.py", "Closed", 8)}}


def test_the_product_agrees(shop: Path):
    """On a small workspace the product's answers are those of the walk."""
    tallies: defaultdict[Compared, Tally] = defaultdict(Tally)
    compare(Workspace([shop], Settings()), Walked.of(shop), tallies)
    assert {compared: (tally.precision, tally.recall, tally.true) for compared, tally in tallies.items()} == {
        "definitions": (1.0, 1.0, 5),
        "subclasses": (1.0, 1.0, 2),
        "callers": (1.0, 1.0, 1),
        "raises": (1.0, 1.0, 1),
    }


def test_tally():
    """What was found and is not true lowers the precision, what is true and was not found the recall."""
    tally = Tally()
    tally.add({("a", "x", 1), ("a", "x", 2)}, {("a", "x", 1)})
    tally.add(set(), {("a", "x", 3)})
    assert (tally.precision, tally.recall) == (0.5, 0.5)
    assert (Tally().precision, Tally().recall) == (1.0, 1.0)

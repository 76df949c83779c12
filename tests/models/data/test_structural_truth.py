"""The truth about code, told by Python's parser, and by the product's for other languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.settings import Settings
from lsp_server.workspace.workspace import Workspace
from models.data.structural.parsed_truth import parsed_truth
from models.data.structural.python_truth import python_truth
from models.data.structural.truth import Definition, Truth
from models.data.structural.values import written

_CODE = """\
import abc

LIMIT = 3
lower = 4
TABLE: dict[str, int] = {
    "a": 1,
}


class Store(abc.ABC, Generic[T]):
    SIZE = LIMIT

    @property
    @cached(ttl=3)
    def total(self):
        inner = OUTER = 5
        raise ValueError("no") from None


@register
async def load(a, /, b: int = 2, *rest, key: str = "é", other=None, **more) -> Store:
    def helper(*, flag):
        return a.b.check(
            b
        ).finish()
    raise errors.Missing
"""


@pytest.fixture
def truth(tmp_path: Path) -> Truth:
    (tmp_path / "code.py").write_text(_CODE, "utf-8")
    (tmp_path / "broken.py").write_text("def (:\n")
    return python_truth(tmp_path)


def _definition(truth: Truth, name: str) -> Definition:
    [found] = [item for item in truth.definitions if item.spot.name == name]
    return found


def test_definitions_have_their_kind_and_line(truth: Truth) -> None:
    """A definition is known by its qualified name, with the line of its `def`, decorators left out."""
    told = {item.spot.name: (item.kind, item.spot.line) for item in truth.definitions}
    assert told == {
        "LIMIT": ("constant", 3),
        "TABLE": ("constant", 5),
        "Store": ("class", 10),
        "Store.SIZE": ("constant", 11),
        "Store.total": ("method", 15),
        "load": ("function", 21),
        "load.helper": ("function", 22),
    }


def test_a_class_has_its_bases_and_a_function_its_decorators(truth: Truth) -> None:
    """Bases lose their subscripts and decorators their arguments."""
    assert _definition(truth, "Store").bases == ("abc.ABC", "Generic")
    assert _definition(truth, "Store.total").decorators == ("property", "cached")


def test_a_function_is_written_as_it_stands_in_the_code(truth: Truth) -> None:
    """Annotations, defaults, the slash and the star are all there."""
    signature = 'load(a, /, b: int = 2, *rest, key: str = "é", other=None, **more) -> Store'
    assert written(_definition(truth, "load")) == signature
    assert written(_definition(truth, "load.helper")) == "helper(*, flag)"


def test_a_value_stands_on_one_line(truth: Truth) -> None:
    """A constant's value is its source without line breaks."""
    assert _definition(truth, "TABLE").value == '{ "a": 1, }'


def test_sites_are_known_with_what_encloses_them(truth: Truth) -> None:
    """Calls stand where the called name ends; what is raised may be called or not."""
    sites = {(site.relation, site.target, site.spot.line, site.spot.name) for site in truth.sites}
    assert sites == {
        ("call", "cached", 14, "Store"),
        ("raise", "ValueError", 17, "Store.total"),
        ("call", "ValueError", 17, "Store.total"),
        ("call", "a.b.check", 23, "load.helper"),
        ("call", "a.b.check.finish", 25, "load.helper"),
        ("raise", "errors.Missing", 26, "load"),
    }


def test_other_languages_are_told_by_the_product(tmp_path: Path) -> None:
    """Definitions, bases, values and calls of a TypeScript file are there."""
    (tmp_path / "shop.ts").write_text(
        "export const LIMIT = 3;\nexport class Shop extends Store {\n  open(key: string): void { check(key); }\n}\n"
    )
    truth = parsed_truth(Workspace([tmp_path], Settings()))
    assert _definition(truth, "LIMIT").value == "3"
    assert _definition(truth, "Shop").bases == ("Store",)
    assert _definition(truth, "Shop.open").signature == "Shop.open(key: string): void"
    assert [(site.target, site.spot.name) for site in truth.sites] == [("check", "Shop.open")]

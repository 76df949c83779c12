from __future__ import annotations

from pathlib import Path

import pytest

from models.bench.model.truth import StructuralKind, Truth, structural_truth

SOURCE = """\
import abc

LIMIT: int = 3
NAME = OTHER = "a name"


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self, scale=2, *, unit="cm", **more): ...


class Square(Shape):
    def area(self, side):
        if side < 0:
            raise ValueError(side)
        return measured(side)


def measured(side): ...
"""


@pytest.mark.parametrize(
    ("kind", "subject", "parameter", "expected"),
    [
        ("subclasses", "Shape", "", Truth(("shapes.py:12",))),
        ("definition", "Square.area", "", Truth(("shapes.py:13",))),
        ("definition", "area", "", Truth(("shapes.py:9", "shapes.py:13"))),
        ("callers", "measured", "", Truth(("shapes.py:16",))),
        ("decorated", "abstractmethod", "", Truth(("shapes.py:9",))),
        ("raised", "ValueError", "", Truth(("shapes.py:15",))),
        ("default", "Shape.area", "scale", Truth(("shapes.py:9",), ("2",))),
        ("default", "Shape.area", "unit", Truth(("shapes.py:9",), ("'cm'",))),
        ("constant", "LIMIT", "", Truth(("shapes.py:3",), ("3",))),
        ("constant", "OTHER", "", Truth(("shapes.py:4",), ("'a name'",))),
        ("signature", "Shape.area", "", Truth(("shapes.py:9",), ("scale", "unit", "more"))),
        ("callers", "nobody", "", Truth(())),
    ],
)
def test_what_the_parser_says(tmp_path: Path, kind: StructuralKind, subject: str, parameter: str, expected: Truth):
    """Each kind of question has the lines, and the values, that a reader of the file would name."""
    (tmp_path / "shapes.py").write_text(SOURCE, "utf-8")
    (tmp_path / "broken.py").write_text("class Square(Shape:", "utf-8")
    assert structural_truth(tmp_path, kind, subject, parameter) == expected


def test_lines_are_sorted_as_numbers_and_stubs_count(tmp_path: Path):
    """Line 9 stands before line 10, and a stub is a Python file."""
    (tmp_path / "a.py").write_text("\n" * 8 + "f()\nf()\n", "utf-8")
    (tmp_path / "b.pyi").write_text("def f(): ...\n", "utf-8")
    assert structural_truth(tmp_path, "callers", "f").places == ("a.py:9", "a.py:10")
    assert structural_truth(tmp_path, "definition", "f").places == ("b.pyi:1",)

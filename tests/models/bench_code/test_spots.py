from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.bench.code.hover import spots, thousand

LINES = ("é = name", "'🐍'; snake.größe(x)", "def fün(a): return a", "class K: pass")


@given(st.lists(st.sampled_from(LINES), min_size=1))
def test_spots_lie_on_their_names(tmp_path_factory: pytest.TempPathFactory, lines: list[str]):
    """The column of every identifier, in UTF-16 units, is where its name begins."""
    path = tmp_path_factory.mktemp("spots") / "code.py"
    path.write_text("\n".join(lines), "utf-8")
    found = spots(path, 3)
    assert 1 <= len(found) <= 3
    for spot in found:
        units = lines[spot.line].encode("utf-16-le")[2 * spot.column :].decode("utf-16-le")
        assert units.startswith(spot.name)


def test_no_identifier(tmp_path: Path):
    """A file without any has no spots."""
    path = tmp_path / "empty.py"
    path.write_text("'only a text'\n", "utf-8")
    assert spots(path, 3) == []


def test_thousand_files(tmp_path: Path):
    """The product's files come before its tests, in order, and the copy is a repository with one commit."""
    for name in ("django/b.py", "django/a.py", "tests/c.py", "docs/conf.py"):
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}\n")
    copied = thousand(tmp_path / "tree", tmp_path / "copy")
    assert [path.relative_to(tmp_path / "copy").as_posix() for path in copied] == [
        "django/a.py",
        "django/b.py",
        "tests/c.py",
    ]
    assert (tmp_path / "copy/.git").is_dir()

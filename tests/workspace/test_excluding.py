from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.errors import OutOfScope
from lsp_server.settings import Settings
from lsp_server.workspace.excluding import as_ignore_lines
from lsp_server.workspace.scope import Scope
from support.shop import write

FILES = ("out/a.py", "src/out/b.py", "src/c.js", "src/c.map", "src/c.ts", "d.js")


@pytest.mark.parametrize(
    ("glob", "left"),
    [
        ("out", {"src/out/b.py", "src/c.js", "src/c.map", "src/c.ts", "d.js"}),
        ("**/out", {"src/c.js", "src/c.map", "src/c.ts", "d.js"}),
        ("**/*.{js,map}", {"out/a.py", "src/out/b.py", "src/c.ts"}),
        ("*.js", {"out/a.py", "src/out/b.py", "src/c.js", "src/c.map", "src/c.ts"}),
        ("./src/", {"out/a.py", "d.js"}),
        ("src/{out/**,c.{js,ts}}", {"out/a.py", "src/c.map", "d.js"}),
        ("**", set(FILES)),
    ],
)
def test_a_glob_is_matched_against_the_whole_path(tmp_path: Path, glob: str, left: set[str]):
    """As in the editor: no name alone matches at any depth, braces choose, and nothing leaves everything out."""
    for name in FILES:
        write(tmp_path, name, "x = 1\n")
    scope = Scope([tmp_path], Settings(exclude=(glob,)))
    assert {located.relative for located in scope.files()} == left
    for name in set(FILES) - left:
        with pytest.raises(OutOfScope, match="ignored"):
            scope.locate(name)


def test_an_excluded_file_opens_like_any_ignored_one(tmp_path: Path):
    """A setting that allows ignored files reaches it."""
    write(tmp_path, "out/a.py", "x = 1\n")
    scope = Scope([tmp_path], Settings(exclude=("out",), allow_ignored=("out/a.py",)))
    assert [located.relative for located in scope.files()] == ["out/a.py"]


def test_braces_that_explode_are_bounded():
    """Nested alternatives become no endless list."""
    assert len(as_ignore_lines(["{a,b}" * 30])) <= 1000

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.errors import OutOfScope
from lsp_server.settings import Settings
from lsp_server.workspace.globs import file_filter
from lsp_server.workspace.problems import ToolProblem
from lsp_server.workspace.scope import Scope
from lsp_server.workspace.secret_names import is_secret
from support.shop import make_shop, write

PARTS = [
    "..",
    ".",
    "",
    "src",
    "shop",
    "core.py",
    "out",
    "loop",
    ".env",
    ".git",
    "config",
    "~",
    "a\0",
    "é",
    "\\",
    "C:",
    "*",
]
PATHS = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(PARTS), max_size=8).map("/".join),
    st.lists(st.sampled_from(PARTS), max_size=8).map(lambda parts: "/" + "/".join(parts)),
    st.lists(st.sampled_from(PARTS), max_size=6).map(lambda parts: "file:///" + "%2F".join(parts)),
)


@pytest.fixture(scope="module")
def scope(tmp_path_factory: pytest.TempPathFactory) -> Scope:
    """The sample beside a folder that links lead to."""
    base = tmp_path_factory.mktemp("property")
    root = make_shop(base / "ws")
    write(base, "ws-other/secret.txt", "hunter2")
    (root / "out").symlink_to(base / "ws-other")
    (root / "loop").symlink_to("loop")
    return Scope([root], Settings())


@given(text=PATHS)
@settings(max_examples=400)
def test_no_path_escapes(scope: Scope, text: str):
    """Whatever string comes, it is refused or lies inside the folder, and is no secret."""
    try:
        located = scope.locate(text)
    except OutOfScope:
        return
    real = located.absolute.resolve()
    assert real == scope.roots[0] or scope.roots[0] in real.parents
    assert not is_secret(located.relative)


@given(text=PATHS)
@settings(max_examples=200)
def test_a_name_that_is_permitted_names_no_secret(scope: Scope, text: str):
    """The check by name alone never permits a climb or a secret."""
    if scope.permits(scope.roots[0], text):
        assert not is_secret(text)
        assert ".." not in Path(text).parts
        assert ".git" not in Path(text).parts


@given(glob=st.text(max_size=30))
@settings(max_examples=200)
def test_no_glob_breaks_the_filter(scope: Scope, glob: str):
    """Any glob either filters the listed files or is refused."""
    try:
        wanted = file_filter(glob, scope.show)
    except ToolProblem:
        return
    assert all(isinstance(wanted(located), bool) for located in scope.files())

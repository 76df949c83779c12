"""Through an index or without one, the answers are the same."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lsp_server.workspace.direct_view import DirectView
from lsp_server.workspace.facts import Role
from lsp_server.workspace.index.indexed_view import IndexedView
from lsp_server.workspace.index.parsed import name_rows
from lsp_server.workspace.index.workers import Workers
from lsp_server.workspace.patterns import compile_pattern
from lsp_server.workspace.scope import never
from support.indexed import Indexed, indexed

PATHS = ("a.py", "pkg/b.py", "pkg/__init__.py", "c.js", "d.txt", "e.md", ".gitignore")
PIECES = (
    "def alpha():\n    beta()\n",
    "class Beta(Alpha):\n    @beta\n    def gamma(self):\n        raise Gamma\n",
    "import alpha\nfrom beta import gamma\n",
    "function alpha() { beta(); }\n",
    "# Alpha\r\nbeta é gamma",
    "pkg/\n",
    "",
    "def broken(:\n\n",
)
NAMES = ("alpha", "beta", "gamma", "Beta", "Gamma")
ROLES: tuple[Role, ...] = ("define", "call", "raise", "inherit", "decorate", "import")

texts = st.lists(st.sampled_from(PIECES), max_size=3).map("".join)
trees = st.dictionaries(st.sampled_from(PATHS), texts, max_size=6)
edits = st.dictionaries(st.sampled_from(PATHS), st.none() | texts, max_size=4)


@pytest.fixture(scope="module")
def workers() -> Generator[Workers]:
    """One set of parse workers for all examples."""
    workers = Workers(most=1)
    yield workers
    workers.close()


def put(root: Path, changes: Mapping[str, str | None]) -> None:
    """Write and remove files."""
    for path, text in changes.items():
        if text is None:
            (root / path).unlink(missing_ok=True)
        else:
            (root / path).parent.mkdir(exist_ok=True)
            (root / path).write_bytes(text.encode())


def check(view: IndexedView, opened: Indexed) -> None:
    """Compare every answer with those of a view that reads."""
    direct = DirectView(opened.files, opened.parsed)
    listed = direct.listed(lambda _: True, never)
    assert view.listed(lambda _: True, never) == listed
    assert [view.data(located) for located in listed] == [direct.data(located) for located in listed]
    assert [view.facts(located) for located in listed] == [direct.facts(located) for located in listed]
    assert view.freshness.files == len(listed)
    for name in NAMES:
        assert view.uses(name) == direct.uses(name)
        for role in ROLES:
            found = view.naming(name, (role,), never)
            bits = 1 << ROLES.index(role)
            truly = [
                it for it in listed if any(n == name and b & bits for n, _, b, _ in name_rows(0, direct.facts(it)))
            ]
            assert [it for it in found if it in truly] == truly
            assert set(found) <= set(listed)
        sieve = compile_pattern(name, regex=False).sieve
        found = dict(view.holding(sieve, lambda _: True, never))
        assert found == dict(direct.holding(sieve, lambda _: True, never))
    names = set(view.symbol_names(never).split(b"\n"))
    assert set(direct.symbol_names(never).split(b"\n")) <= names
    for located in listed:
        assert list(view.definitions(located)) == list(direct.definitions(located))
        assert list(view.definitions(located, "gamma")) == list(direct.definitions(located, "gamma"))
    for passage in view.ranked("alpha beta", 10, never):
        lines = (direct.data(passage.located) or b"").decode().split("\n")
        assert 1 <= passage.start <= passage.end <= len(lines)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=trees, edited=edits, buffers=st.dictionaries(st.sampled_from(PATHS), texts, max_size=2))
def test_every_view_gives_the_same_answers(
    workers: Workers, tree: Mapping[str, str], edited: Mapping[str, str | None], buffers: Mapping[str, str]
):
    """After random edits: compared with the files, told of the changes, with open buffers, and indexed again."""
    root = Path(tempfile.mkdtemp(prefix="nook-tree-")).resolve()
    put(root, tree)
    try:
        with indexed(root, workers) as opened:
            opened.indexer.scan()
            check(opened.view(), opened)
            opened.rank()
            check(opened.view(), opened)
            put(root, edited)
            check(opened.view(verified=True), opened)
            check(opened.view(doubtful=frozenset(edited)), opened)
            for path, text in buffers.items():
                opened.files.open_buffer((root / path).as_uri(), text)
            check(opened.view(doubtful=frozenset(edited)), opened)
            check(opened.view(verified=True), opened)
            opened.indexer.refresh(tuple(edited))
            check(opened.view(), opened)
            opened.rank()
            check(opened.view(), opened)
            shutil.rmtree(opened.folder.path)
    finally:
        shutil.rmtree(root)

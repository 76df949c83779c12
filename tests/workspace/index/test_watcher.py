"""The index's own watch over a folder, for editors that tell of nothing."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

import pytest

from lsp_server.workspace.index.watcher import Watcher
from support.windows import SECONDS


@contextmanager
def _watching(root: Path, *opened: str) -> Generator[SimpleQueue[Sequence[str]]]:
    told: SimpleQueue[Sequence[str]] = SimpleQueue()
    watcher = Watcher(root, told.put, frozenset(opened), again_seconds=0.01)
    watcher.start()
    try:
        yield told
    finally:
        watcher.stop()


def _until(told: SimpleQueue[Sequence[str]], path: str) -> None:
    while path not in told.get(timeout=SECONDS):
        pass


def test_changes_are_told_by_their_paths(tree: Path):
    """First everything, since nobody knows what happened before; then each file."""
    with _watching(tree) as told:
        assert "" in told.get(timeout=SECONDS)
        (tree / "pkg" / "new.py").write_text("pass\n")
        _until(told, "pkg/new.py")


def test_caches_are_passed_over_but_for_what_a_setting_opens(tree: Path):
    """Tools write there all day; what somebody asked to see is another matter."""
    for name in ("node_modules", ".cache"):
        (tree / name).mkdir()
    with _watching(tree, "node_modules") as told:
        told.get(timeout=SECONDS)
        (tree / ".cache" / "x").write_text("")
        (tree / "node_modules" / "index.js").write_text("")
        assert told.get(timeout=SECONDS) == ["node_modules/index.js"]


def test_version_control_is_passed_over_but_for_its_rules(tree: Path):
    """It changes with every command; of its files only the list of what is ignored matters."""
    (tree / ".git" / "info").mkdir(parents=True)
    with _watching(tree) as told:
        told.get(timeout=SECONDS)
        (tree / ".git" / "index").write_text("")
        (tree / ".git" / "info" / "exclude").write_text("*.txt\n")
        assert told.get(timeout=SECONDS) == [".git/info/exclude"]


def test_a_folder_that_cannot_be_watched_is_compared_again_and_again(tree: Path, monkeypatch: pytest.MonkeyPatch):
    """The system has only so many watches to spare; the index must not believe that nothing changes."""

    def full(*_: object, **__: object) -> None:
        raise OSError("OS file watch limit reached")

    monkeypatch.setattr("watchfiles.watch", full)
    with _watching(tree) as told:
        assert [told.get(timeout=SECONDS) for _ in range(2)] == [[""], [""]]


def test_a_folder_that_comes_back_is_watched_again(tree: Path):
    """Another folder in its place is not what the system watches."""
    with _watching(tree) as told:
        told.get(timeout=SECONDS)
        shutil.rmtree(tree)
        tree.mkdir()
        _until(told, "")
        (tree / "new.py").write_text("pass\n")
        _until(told, "new.py")

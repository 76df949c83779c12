"""What a window remembers of an index between two questions."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from lsp_server.workspace.index import reader
from lsp_server.workspace.index.workers import Workers
from lsp_server.workspace.places import Located
from support.indexed import indexed


@pytest.fixture(scope="module")
def workers() -> Generator[Workers]:
    """Parse workers for all tests."""
    workers = Workers(most=1)
    yield workers
    workers.close()


def test_facts_are_read_once(workers: Workers, tree: Path):
    """Until the file has another text."""
    with indexed(tree, workers) as opened:
        opened.indexer.scan()
        located = Located(tree, "pkg/core.py")
        first = opened.view().facts(located)
        assert opened.view().facts(located) is first
        located.absolute.write_text("class Other: pass\n")
        opened.indexer.refresh([located.relative])
        assert [it.name for it in opened.view().facts(located).definitions] == ["Other"]


def test_facts_that_are_kept_are_bounded(workers: Workers, tree: Path, monkeypatch: pytest.MonkeyPatch):
    """What was used last stays, as far as it fits."""
    with indexed(tree, workers) as opened:
        opened.indexer.scan()
        core, use = Located(tree, "pkg/core.py"), Located(tree, "pkg/use.py")
        entry = opened.reader.refresh(opened.storage.revision).entries
        monkeypatch.setattr(reader, "_FACTS_KEPT_BYTES", max(entry[it.relative].size for it in (core, use)))
        first = opened.view().facts(core)
        other = opened.view().facts(use)
        assert opened.view().facts(use) is other
        again = opened.view().facts(core)
        assert again == first
        assert again is not first


def test_new_names_are_added(workers: Workers, tree: Path):
    """Without reading all names again; what is gone goes with the next start."""
    with indexed(tree, workers) as opened:
        opened.indexer.scan()
        opened.reader.refresh(opened.storage.revision)
        assert opened.reader.symbol_names().names == {"Core", "beat", "go"}
        (tree / "pkg" / "core.py").write_text("class Other:\n    def beat(self): pass\n")
        opened.indexer.refresh(["pkg/core.py"])
        opened.reader.refresh(opened.storage.revision)
        found = opened.reader.symbol_names()
        assert found.names == {"Core", "beat", "go", "Other"}
        assert sorted(found.text.decode().split()) == sorted(found.names)
        opened.reader.reload()
        assert opened.reader.symbol_names().names == {"beat", "go", "Other"}


def test_showing_order_survives_an_edit(workers: Workers, tree: Path):
    """Files are sorted anew only when there are others."""
    with indexed(tree, workers) as opened:
        opened.indexer.scan()
        before = opened.reader.refresh(opened.storage.revision)
        (tree / "notes.txt").write_text("changed\n")
        opened.indexer.refresh(["notes.txt"])
        edited = opened.reader.refresh(opened.storage.revision)
        assert edited.ordered is before.ordered
        (tree / "added.py").write_text("")
        opened.indexer.refresh(["added.py"])
        added = opened.reader.refresh(opened.storage.revision)
        assert [it.relative for it in added.ordered] == ["added.py", "notes.txt", "pkg/core.py", "pkg/use.py"]

"""What the indexer does with files that are not as one would wish."""

from __future__ import annotations

import errno
import os
from collections.abc import Generator
from io import FileIO
from pathlib import Path

import pytest

from lsp_server.settings import Settings
from lsp_server.workspace.index import build, indexed_view, indexer, storage
from lsp_server.workspace.index.base import CacheUnusable, RootGone
from lsp_server.workspace.index.cache_folder import CacheFolder, cache_errors
from lsp_server.workspace.index.store import Store
from lsp_server.workspace.index.workers import Workers
from lsp_server.workspace.opening import OpenFolders
from lsp_server.workspace.patterns import compile_pattern
from lsp_server.workspace.places import Located
from lsp_server.workspace.scope import Scope, never
from lsp_server.workspace.view import Freshness
from support.indexed import indexed


@pytest.fixture(scope="module")
def workers() -> Generator[Workers]:
    """Parse workers for all tests."""
    workers = Workers(most=1)
    yield workers
    workers.close()


def test_what_cannot_be_read_is_not_read_again(workers: Workers, tree: Path):
    """Binary and large files are listed, have no text, and cost nothing the next time."""
    (tree / "binary.dat").write_bytes(b"\0\1\2")
    (tree / "huge.py").write_bytes(b"x = 1\n" * 50_000)
    (tree / "denied.pem").write_text("secret")
    for path in tree.rglob("*"):
        os.utime(path, (1, 1))
    settings = Settings(max_file_bytes=100_000)
    with indexed(tree, workers, settings) as opened:
        opened.indexer.scan()
        view = opened.view()
        assert view.data(Located(tree, "binary.dat")) is None
        assert view.data(Located(tree, "huge.py")) is None
        assert "denied.pem" not in {it.relative for it in view.listed(lambda _: True, never)}


def test_syntax_errors_leave_the_rest(workers: Workers, tree: Path):
    """A file with an error in its middle keeps the definitions around it."""
    (tree / "broken.py").write_text("def before(): pass\n\ndef (((:\n\nclass After:\n    def method(self): pass\n")
    with indexed(tree, workers) as opened:
        opened.indexer.scan()
        assert opened.view().naming("before", ("define",), never) == [Located(tree, "broken.py")]


def test_mixed_encodings_are_indexed(workers: Workers, tree: Path):
    """UTF-16 and Latin-1 are text; their normal bytes are what is searched."""
    (tree / "wide.py").write_bytes("def wide(): pass  # é".encode("utf-16"))
    (tree / "latin.py").write_bytes(b"def latin(): pass  # \xe9\r\n")
    with indexed(tree, workers) as opened:
        opened.indexer.scan()
        view = opened.view()
        sieve = compile_pattern("pass  #", regex=False).sieve
        found = dict(view.holding(sieve, lambda _: True, never))
        assert found[Located(tree, "wide.py")] == "def wide(): pass  # é".encode()
        assert found[Located(tree, "latin.py")] == b"def latin(): pass  # \xe9\n"
        assert view.naming("latin", ("define",), never) == [Located(tree, "latin.py")]


def test_a_file_that_changes_while_it_is_read_is_doubtful(
    workers: Workers, tree: Path, monkeypatch: pytest.MonkeyPatch
):
    """It is indexed as last read, and looked at again by whoever compares."""
    read = Scope.read

    def changing(self: Scope, located: Located, folders: OpenFolders | None = None) -> bytes:
        data = read(self, located, folders)
        if located.relative == "notes.txt":
            with (tree / "notes.txt").open("a") as file:
                file.write("more\n")
        return data

    with indexed(tree, workers) as opened:
        monkeypatch.setattr(Scope, "read", changing)
        opened.indexer.scan()
        monkeypatch.undo()
        assert opened.view(verified=True).data(Located(tree, "notes.txt")) == (tree / "notes.txt").read_bytes()
        opened.indexer.scan()
        assert opened.view().data(Located(tree, "notes.txt")) == (tree / "notes.txt").read_bytes()


def test_what_does_not_fit_is_said(workers: Workers, tree: Path, monkeypatch: pytest.MonkeyPatch):
    """A tree beyond the limit is indexed as far as it goes, with a note."""
    monkeypatch.setattr(indexer, "MAX_FILES", 2)
    with indexed(tree, workers) as opened:
        opened.indexer.scan()
        assert opened.indexer.progress.files == 2
        assert opened.indexer.progress.note == "1 files did not fit into the index."


def test_texts_that_do_not_fit_are_said(workers: Workers, tree: Path, monkeypatch: pytest.MonkeyPatch):
    """Nor do files that would make the texts too long."""
    monkeypatch.setattr(build, "MAX_TEXT_BYTES", 0)
    with indexed(tree, workers) as opened:
        opened.indexer.scan()
        assert opened.indexer.progress.note == "3 files did not fit into the index."
        assert opened.view(verified=True).data(Located(tree, "notes.txt")) == (tree / "notes.txt").read_bytes()


def test_a_full_disk_is_one_error(workers: Workers, tree: Path, monkeypatch: pytest.MonkeyPatch):
    """Whatever notices it first."""

    class Full(FileIO):
        def write(self, data: object) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with indexed(tree, workers) as opened:
        texts = opened.storage._texts  # pyright: ignore[reportPrivateUsage]
        with texts._file:  # pyright: ignore[reportPrivateUsage]
            monkeypatch.setattr(texts, "_file", Full("/dev/null", "ab"))
            with pytest.raises(CacheUnusable, match="the disk is full"):
                opened.indexer.scan()


def test_a_folder_that_vanished_keeps_its_index(workers: Workers, tree: Path):
    """An unmounted disk must not cost everything that was parsed."""
    with indexed(tree, workers) as opened:
        opened.indexer.scan()
        away = tree.with_name("away")
        tree.rename(away)
        with pytest.raises(RootGone):
            opened.indexer.scan()
        away.rename(tree)
        opened.indexer.scan()
        assert opened.indexer.progress.parsed == 2


def test_texts_are_packed_when_most_are_of_no_file(workers: Workers, tree: Path, monkeypatch: pytest.MonkeyPatch):
    """The file shrinks, readers follow, and every text is where it should be."""
    with indexed(tree, workers) as opened:
        for number in range(50):
            (tree / "notes.txt").write_text(f"{number} " * 1000)
            opened.indexer.refresh(["notes.txt"])
        before = opened.storage.text_bytes
        monkeypatch.setattr(storage, "_MIN_GARBAGE_BYTES", 1000)
        opened.indexer.scan()
        assert opened.storage.text_bytes < before / 10
        view = opened.view()
        for located in view.listed(lambda _: True, never):
            assert view.data(located) == located.absolute.read_bytes()


def test_a_file_that_is_written_on_and_on_takes_no_more_room(
    workers: Workers, tree: Path, monkeypatch: pytest.MonkeyPatch
):
    """Texts that no file has any more are packed away between two scans, too."""
    with indexed(tree, workers) as opened:
        opened.indexer.scan()
        monkeypatch.setattr(storage, "_MIN_GARBAGE_BYTES", 20_000)
        for number in range(50):
            (tree / "notes.txt").write_text(f"{number} " * 1000)
            opened.indexer.refresh(["notes.txt"])
        assert opened.storage.text_bytes < 50_000
        assert opened.view().data(Located(tree, "notes.txt")) == (tree / "notes.txt").read_bytes()


def test_a_file_that_fits_no_longer_is_not_what_it_was(workers: Workers, tree: Path, monkeypatch: pytest.MonkeyPatch):
    """It is left out rather than found as it stood before, and is back when there is room."""
    notes = Located(tree, "notes.txt")
    with indexed(tree, workers) as opened:
        opened.indexer.scan()
        (tree / "notes.txt").write_text("Other notes.\n")
        with monkeypatch.context() as full:
            full.setattr(build, "MAX_TEXT_BYTES", 0)
            opened.indexer.refresh(["notes.txt"])
        assert opened.indexer.progress.note == "1 files did not fit into the index."
        assert notes not in opened.view().listed(lambda _: True, never)
        opened.indexer.scan()
        assert opened.indexer.progress.note is None
        assert opened.view().data(notes) == b"Other notes.\n"


def test_an_ignored_folder_holds_what_a_setting_opens(workers: Workers, tree: Path):
    """Being told of the folder alone loses nothing in it."""
    (tree / ".gitignore").write_text("build/\n")
    (tree / "build").mkdir()
    for name in ("out.py", "out.o"):
        (tree / "build" / name).write_text("made = 1\n")
    with indexed(tree, workers, Settings(allow_ignored=("build/*.py",))) as opened:
        opened.indexer.scan()
        opened.indexer.refresh(["build"])
        listed = {it.relative for it in opened.view().listed(lambda _: True, never)}
        assert {path for path in listed if path.startswith("build/")} == {"build/out.py"}


def test_words_are_ranked_after_the_rest(workers: Workers, tree: Path):
    """Until then the few files of a small tree are ranked by the words they hold."""
    with indexed(tree, workers) as opened:
        opened.indexer.scan()
        assert opened.indexer.progress.unranked == 3
        assert [it.name for it in opened.view().ranked("heart", 3, never)] == ["Core"]
        opened.rank()
        assert opened.indexer.progress.unranked == 0
        assert [it.name for it in opened.view().ranked("heart", 3, never)] == ["Core"]


def test_who_holds_more_of_the_words_ranks_before_who_repeats_one(workers: Workers, tmp_path: Path):
    """A rare word said often is no answer to a question that has three."""
    root = tmp_path / "work"
    (root / "repeats.py").parent.mkdir()
    (root / "repeats.py").write_text("def cookie(cookie):\n    return cookie or cookie.cookie(cookie)\n")
    body = "".join(f"    step_{number}()\n" for number in range(30))
    (root / "holds.py").write_text(f"def save(session, response):\n{body}    response.write(session.cookie)\n")
    for number in range(8):
        (root / f"other_{number}.py").write_text(f"def save_{number}(session, response):\n    response.write()\n")
    with indexed(root, workers) as opened:
        opened.indexer.scan()
        opened.rank()
        assert [it.name for it in opened.view().ranked("write session cookie response", 1, never)] == ["save"]


def test_an_index_that_is_not_ranked_says_so(workers: Workers, tree: Path, monkeypatch: pytest.MonkeyPatch):
    """Files that a ranking left out count as stale, and a sentence names them; no other answer lacks anything."""
    monkeypatch.setattr(indexed_view, "_MAX_UNRANKED", 1)
    with indexed(tree, workers) as opened:
        opened.indexer.scan()
        view = opened.view()
        assert view.freshness == Freshness(3)
        view.ranked("heart", 3, never)
        assert view.freshness == Freshness(1, 2, "Ranked words cover 1 of 3 files so far.")
        opened.rank()
        view = opened.view()
        view.ranked("heart", 3, never)
        assert view.freshness == Freshness(3)


def _forget(store: Store, files: object) -> None:
    """Do not keep what was ranked."""


def test_ranked_words_that_a_dead_indexer_missed_are_added(
    workers: Workers, tree: Path, monkeypatch: pytest.MonkeyPatch
):
    """Killed between its two commits, it leaves a store that does not know; no passage is found twice."""
    with indexed(tree, workers) as opened:
        opened.indexer.scan()
        with monkeypatch.context() as patched:
            patched.setattr(Store, "set_ranked", _forget)
            opened.storage.rank(0.0)
            opened.storage._commit_ranked()  # pyright: ignore[reportPrivateUsage]
    with indexed(tree, workers) as opened:
        opened.rank()
        assert [it.name for it in opened.view().ranked("heart", 3, never)] == ["Core"]


def test_indexes_of_other_versions_go(tree: Path, home: Path):
    """Those of the same folder at once, those of others when nobody has used them for long, never one in use."""
    ours = CacheFolder.of(tree, Settings())
    ours.make()
    other = CacheFolder(ours.path.with_name("other"), tree)
    other.make()
    lock = other.lock()
    assert lock is not None
    (other.path / "about.json").write_text(f'{{"root": "{tree}", "version": "older"}}')
    ours.remove_outdated()
    assert other.path.exists()
    os.close(lock)
    ours.remove_outdated()
    assert not other.path.exists()
    assert ours.path.exists()


def test_errors_of_the_cache_name_it():
    """The sentence names the folder and the reason."""
    with pytest.raises(CacheUnusable, match=r"cannot be kept in .*cache: the disk is full"), cache_errors():
        raise OSError(errno.ENOSPC, "No space left on device")

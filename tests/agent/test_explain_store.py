from __future__ import annotations

import os
import resource
import stat
from pathlib import Path

import pytest

from lsp_server.agent.explain_store import ExplanationStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file goes; its folder is not there yet."""
    return tmp_path / "cache" / "explanations.db"


def test_two_windows(path: Path):
    """What one window keeps another reads at once; a later opening finds both."""
    one, two = ExplanationStore(path), ExplanationStore(path)
    one.keep("a", "Words.")
    two.keep("b", "Others.")
    assert (two.text("a"), one.text("b"), one.text("c")) == ("Words.", "Others.", None)
    one.keep("a", "New words.")
    assert two.text("a") == "New words."
    two.note_seconds("m", 4.5)
    one.close()
    two.close()
    later = ExplanationStore(path)
    assert (later.text("b"), later.seconds("m"), later.seconds("n")) == ("Others.", 4.5, None)
    later.close()


def test_private(path: Path):
    """Nobody but the user may read what was explained, nor the log beside it."""
    store = ExplanationStore(path)
    store.keep("a", "Words.")
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    store.close()


@pytest.mark.parametrize("junk", [b"not a database " * 1000, b"SQLite format 3\0" + b"\xff" * 4096, b"\0" * 5000])
def test_corrupt_file(path: Path, junk: bytes):
    """A file that is no database is begun anew."""
    path.parent.mkdir()
    path.write_bytes(junk)
    store = ExplanationStore(path)
    store.keep("a", "Words.")
    store.close()
    later = ExplanationStore(path)
    assert later.text("a") == "Words."
    later.close()


def test_corrupted_while_open(path: Path):
    """A file that is spoilt under an open window reads as empty, and is mended by the next writing."""
    store = ExplanationStore(path)
    for number in range(300):
        store.keep(f"k{number}", "Words. " * 50)
    store.close()
    data = bytearray(path.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    path.write_bytes(data)
    store = ExplanationStore(path)
    assert store.text("k150") is None
    store.keep("a", "Words.")
    assert store.text("a") == "Words."
    store.close()


def test_unwritable_folder(tmp_path: Path):
    """Where nothing can be kept nothing is raised."""
    (tmp_path / "file").write_text("")
    store = ExplanationStore(tmp_path / "file" / "explanations.db")
    store.keep("a", "Words.")
    store.note_used(["a"])
    assert store.text("a") is None
    store.close()


def test_full_disk(path: Path):
    """What a full disk refuses is let go; the words that are there stay readable, and writing goes on later."""
    store = ExplanationStore(path)
    store.keep("a", "Words.")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 50_000, limits[1]))
    try:
        store.keep("b", "word " * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (store.text("a"), store.text("b")) == ("Words.", None)
    store.keep("c", "Others.")
    assert (store.text("a"), store.text("c")) == ("Words.", "Others.")
    store.close()


def test_bounded_by_number(path: Path, monkeypatch: pytest.MonkeyPatch):
    """Beyond the limit those go that were not used for longest."""
    now = [1000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    store = ExplanationStore(path, most_entries=10)
    for number in range(10):
        now[0] += 1
        store.keep(f"k{number}", "Words.")
    now[0] += 1
    store.note_used(["k0"])
    now[0] += 1
    store.keep("new", "Words.")
    kept = [key for key in ("new", *(f"k{number}" for number in range(10))) if store.text(key)]
    assert kept == ["new", "k0", "k3", "k4", "k5", "k6", "k7", "k8", "k9"]
    store.close()


def test_bounded_by_size(path: Path):
    """The words together have at most the bytes that are allowed; umlauts count as what they take."""
    store = ExplanationStore(path, most_bytes=1000)
    for number in range(20):
        store.keep(f"k{number}", "ä" * 100)
    kept = sum(store.text(f"k{number}") is not None for number in range(20))
    assert 1 <= kept * 200 <= 1000
    store.close()


def test_after_its_end(path: Path):
    """A store that was closed keeps nothing more and raises nothing."""
    store = ExplanationStore(path)
    store.close()
    store.keep("a", "Words.")
    assert store.text("a") is None

"""What other processes, links and the file system do to an index: answers stay right, and nobody waits for ever."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import stat
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lsp_server.settings import Settings
from lsp_server.user_folders import cache_root
from lsp_server.workspace.index import meeting
from lsp_server.workspace.index.base import CacheUnusable, StoreCorrupt
from lsp_server.workspace.index.cache_folder import CacheFolder
from lsp_server.workspace.index.indexed_view import IndexedView
from lsp_server.workspace.index.messages import Changed, Corrupt, Message, ParseText, encode
from lsp_server.workspace.index.ranked import ranked_errors
from lsp_server.workspace.patterns import compile_pattern
from lsp_server.workspace.scope import never
from support.windows import SECONDS, Window, Windows, indexers_left

NEW = "def fresh():\n    return 1\n"


def test_a_file_that_becomes_a_link_is_no_longer_listed(windows: Windows, tree: Path):
    """What it leads to answers under its own name alone, whether the link stands for a file or for a folder."""
    window = windows.open(tree).ready()
    (tree / "notes.txt").unlink()
    (tree / "notes.txt").symlink_to("pkg/core.py")
    window.changed(tree / "notes.txt")
    assert window.files() == ["pkg/core.py", "pkg/use.py"]
    (tree / "pkg").rename(tree / "moved")
    (tree / "pkg").symlink_to("moved")
    window.workspace.files_changed([tree / "pkg" / "core.py", tree / "pkg" / "use.py", tree / "moved"])
    assert window.files() == ["moved/core.py", "moved/use.py"]
    window.ready()
    assert window.files() == ["moved/core.py", "moved/use.py"]
    assert window.defining("Core") == ["moved/core.py"]


def test_a_changed_exclude_file_hides_files(windows: Windows, tree: Path):
    """The repository's own list of ignored files is version control's, and matters all the same."""
    window = windows.open(tree).ready()
    exclude = tree / ".git" / "info" / "exclude"
    exclude.parent.mkdir(parents=True)
    exclude.write_text("use.py\n")
    window.changed(exclude)
    assert window.files() == ["notes.txt", "pkg/core.py"]


@pytest.mark.parametrize("name", [".env", "id_rsa"])
def test_what_becomes_a_secret_is_gone_at_once(windows: Windows, tree: Path, name: str):
    """By its new name, or by the key that was written into it: before it is indexed and after."""
    window = windows.open(tree).ready()
    (tree / "notes.txt").rename(tree / name)
    (tree / "pkg" / "use.py").write_text("-----BEGIN RSA PRIVATE KEY-----\nretries\n")
    window.workspace.files_changed([tree / "notes.txt", tree / name, tree / "pkg" / "use.py"])
    sieve = compile_pattern("retries", regex=False).sieve
    for _ in ("told", "indexed"):
        view = window.workspace.view()
        assert list(view.holding(sieve, lambda _: True, never)) == []
        assert view.ranked("retries", 3, never) == []
        assert window.text("notes.txt") is None
        assert window.text("pkg/use.py") is None
        window.ready()


def test_a_file_from_the_future_is_indexed_for_good(windows: Windows, tree: Path):
    """Archives and wrong clocks leave such times; the file need not be read again for each search."""
    os.utime(tree / "pkg" / "core.py", (4e9, 4e9))
    window = windows.open(tree).ready()
    view = window.workspace.view(verified=True)
    assert isinstance(view, IndexedView)
    assert [part.direct for part in view._parts.values()] == [[]]  # pyright: ignore[reportPrivateUsage]


def test_only_the_holder_of_the_lock_writes(windows: Windows, tree: Path):
    """Windows that start at the same moment do not get into each other's way."""
    windows.open(tree).ready()
    folder = CacheFolder.of(tree, Settings())
    before = (folder.path / "about.json").stat()
    folder.make()
    assert folder.lock() is None
    assert os.path.samestat(before, (folder.path / "about.json").stat())


def test_a_lock_in_a_removed_folder_is_none(tree: Path, monkeypatch: pytest.MonkeyPatch):
    """Whoever removes an outdated index may do so between two steps of a process that wants it."""
    folder = CacheFolder.of(tree, Settings())
    folder.make()
    lock = fcntl.flock

    def late(handle: int, operation: int) -> None:
        shutil.rmtree(folder.path)
        lock(handle, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    assert folder.lock() is None


def test_a_start_that_is_killed_is_tried_again(tree: Path):
    """The system ends processes when memory is short; that says nothing about the index."""
    command = (sys.executable, "-c", f"import os; os.kill(os.getpid(), {int(signal.SIGKILL)})")
    assert meeting.start(tree, Settings(), command) is False


def test_a_stopped_indexer_stops_no_window(windows: Windows, tree: Path):
    """Searches, changes and buffers return while it is stopped, and the window closes."""
    window = windows.open(tree).ready()
    pid = window.told.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        _in_time(lambda: _use(window, tree))
        _in_time(window.close)
    finally:
        os.kill(pid, signal.SIGCONT)


def _use(window: Window, tree: Path) -> None:
    long = f"{NEW}# {'long ' * 60_000}\n"  # more than a socket takes while nobody reads
    window.workspace.files.open_buffer((tree / "notes.py").as_uri(), long)
    for number in range(3):
        window.workspace.files.open_buffer((tree / "pkg" / "use.py").as_uri(), f"def at{number}(): pass\n")
        assert window.defining(f"at{number}") == ["pkg/use.py"]
    window.workspace.files_changed([tree / "pkg" / "core.py"])
    window.workspace.cancel_indexing()
    assert window.workspace.find("Core").hits


def _in_time(call: Callable[[], None]) -> None:
    pool = ThreadPoolExecutor(1)
    try:
        pool.submit(call).result(SECONDS)
    finally:
        pool.shutdown(wait=False)


@pytest.mark.parametrize("name", ["texts", "facts"])
def test_a_file_that_is_cut_while_it_is_mapped_ends_no_process(windows: Windows, tree: Path, name: str):
    """The window reads the files themselves until there is a new index."""
    window = windows.open(tree).ready()
    generation = window.told.generation
    packed = next((CacheFolder.of(tree, Settings()).path / generation).glob(f"{name}*"))
    os.truncate(packed, 10)
    assert window.text("pkg/core.py") == (tree / "pkg" / "core.py").read_bytes()
    assert window.defining("Core") == ["pkg/core.py"]
    window.until(lambda: window.told.generation not in {"", generation} and window.told.state.state == "ready")
    assert window.defining("Core") == ["pkg/core.py"]


def test_no_folder_of_the_cache_is_open_to_others(windows: Windows, tree: Path):
    """Whatever mask the user has, those above an index too: who may write there may put another index in its place."""
    mask = os.umask(0)
    try:
        windows.open(tree).ready()
    finally:
        os.umask(mask)
    folders = [path for path in (cache_root(), *cache_root().rglob("*")) if path.is_dir()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}


def test_a_link_in_place_of_the_cache_is_refused(tree: Path, tmp_path: Path):
    """It may lead to where others write."""
    folder = CacheFolder.of(tree, Settings())
    folder.path.parent.mkdir(parents=True)
    folder.path.symlink_to(tmp_path)
    with pytest.raises(CacheUnusable, match="not this user's"):
        folder.make()


@pytest.mark.parametrize(
    "said",
    [
        b"garbage\n",
        b"[" * 100_000 + b"\n",
        b'{"is": "Changed", "number": 1, ',
        Changed(1, ("../../etc/passwd", "/etc/passwd", "a/../../b", "a\0b", "\udce9.py", "\ud800", "x" * 5000)),
        Corrupt("../.."),
        ParseText(1, "../../\ud800.py", "\ud800 def f(): pass"),
    ],
)
def test_whatever_another_process_says_the_index_goes_on(windows: Windows, tree: Path, said: bytes | Message):
    """A process of the same user may connect; it can neither stop the indexer nor lead it out of the folder."""
    window = windows.open(tree).ready()
    with socket.socket(socket.AF_UNIX) as other:
        other.connect(str(meeting.socket_path(CacheFolder.of(tree, Settings()))))
        other.sendall(said if isinstance(said, bytes) else encode(said))
        (tree / "pkg" / "new.py").write_text(NEW)
        window.changed(tree / "pkg" / "new.py")
    assert window.files() == ["notes.txt", "pkg/core.py", "pkg/new.py", "pkg/use.py"]
    assert window.workspace.index_state.state == "ready"


class PanicException(BaseException):
    """As the full-text library raises it: no Exception, and of no module."""


def test_ranked_words_that_lead_the_library_astray_are_damage():
    """What is no error of the library passes."""
    with pytest.raises(StoreCorrupt, match="out of range"), ranked_errors():
        raise PanicException("range end index out of range")
    with pytest.raises(KeyboardInterrupt), ranked_errors():
        raise KeyboardInterrupt


def test_what_a_killed_indexer_packed_is_removed(windows: Windows, tree: Path):
    """Packing begins beside the old files; whoever dies in between leaves one or the other behind."""
    window = windows.open(tree).ready()
    generation = CacheFolder.of(tree, Settings()).path / window.told.generation
    window.close()
    indexers_left()
    kept = {path.name for path in generation.glob("*-1")}
    for name in ("texts-2", "facts-2"):
        (generation / name).write_bytes(b"half")
    window = windows.open(tree).ready()
    assert {path.name for path in generation.iterdir() if path.name.startswith(("texts", "facts"))} == kept
    assert window.defining("Core") == ["pkg/core.py"]

"""Windows of one folder share one indexer, which outlives none of them."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from pathlib import Path

import pytest

from lsp_server.settings import Settings
from lsp_server.workspace.index import meeting
from lsp_server.workspace.index.cache_folder import CacheFolder
from lsp_server.workspace.patterns import compile_pattern
from lsp_server.workspace.scope import never
from lsp_server.workspace.view import Freshness
from support.windows import Windows, indexers_left

NEW = "def fresh():\n    return 1\n"


def test_two_windows_share_one_indexer(windows: Windows, tree: Path):
    """The second window finds what the first had indexed, by the same process."""
    first, second = windows.open(tree).ready(), windows.open(tree).ready()
    assert first.told.pid == second.told.pid
    assert second.told.parsed == 2
    assert first.files() == second.files() == ["notes.txt", "pkg/core.py", "pkg/use.py"]
    assert second.defining("Core") == ["pkg/core.py"]


def test_a_second_start_parses_nothing(windows: Windows, tree: Path):
    """What has not changed is neither read nor parsed again."""
    first = windows.open(tree).ready()
    first.close()
    indexers_left()
    second = windows.open(tree).ready()
    assert second.told.parsed == 0
    assert second.defining("Core") == ["pkg/core.py"]


def test_a_changed_file_arrives_in_both_windows(windows: Windows, tree: Path):
    """One window tells; the other one's views have it, too."""
    first, second = windows.open(tree).ready(), windows.open(tree).ready()
    revision = second.told.revision
    (tree / "pkg" / "new.py").write_text(NEW)
    first.changed(tree / "pkg" / "new.py")
    second.until(lambda: second.told.revision > revision and second.told.state.state == "ready")
    assert first.defining("fresh") == second.defining("fresh") == ["pkg/new.py"]
    assert second.told.parsed == 3


def test_a_told_change_is_seen_before_it_is_indexed(windows: Windows, tree: Path):
    """From the moment a change is told, views read that file themselves; the state is not ready meanwhile."""
    window = windows.open(tree).ready()
    (tree / "pkg" / "new.py").write_text(NEW)
    (tree / "pkg" / "use.py").unlink()
    window.workspace.files_changed([tree / "pkg" / "new.py", tree / "pkg" / "use.py"])
    assert window.files() == ["notes.txt", "pkg/core.py", "pkg/new.py"]
    assert window.defining("fresh") == ["pkg/new.py"]
    assert window.defining("go") == []
    window.ready()
    assert "indexing" in [state.state for state in window.states]
    assert window.files() == ["notes.txt", "pkg/core.py", "pkg/new.py"]
    assert window.defining("go") == []


def test_a_removed_folder_takes_its_files_along(windows: Windows, tree: Path):
    """An editor tells of the folder alone."""
    window = windows.open(tree).ready()
    shutil.rmtree(tree / "pkg")
    window.changed(tree / "pkg")
    assert window.files() == ["notes.txt"]
    assert window.workspace.view().uses("beat") == 0


def test_switching_a_branch_parses_only_what_was_never_seen(windows: Windows, tree: Path):
    """Going to another branch and back parses each text once."""
    window = windows.open(tree).ready()
    before = {path: path.read_text() for path in (tree / "pkg" / "core.py", tree / "pkg" / "use.py")}
    for path in before:
        path.write_text(path.read_text() + "\n\ndef elsewhere():\n    pass\n")
    window.changed(*before)
    assert window.told.parsed == 4
    for path, text in before.items():
        path.write_text(text)
    window.changed(*before)
    assert window.told.parsed == 4
    assert window.defining("elsewhere") == []
    assert window.defining("Core") == ["pkg/core.py"]
    hits = window.workspace.view().ranked("elsewhere", 5, never)
    assert hits == []


def test_a_changed_ignore_file_hides_files(windows: Windows, tree: Path):
    """Rules speak of other files than their own."""
    window = windows.open(tree).ready()
    (tree / ".gitignore").write_text("use.py\n")
    window.changed(tree / ".gitignore")
    assert window.files() == [".gitignore", "notes.txt", "pkg/core.py"]
    (tree / ".gitignore").unlink()
    window.changed(tree / ".gitignore")
    assert window.files() == ["notes.txt", "pkg/core.py", "pkg/use.py"]


def test_the_lock_passes_on_when_the_indexer_is_killed(windows: Windows, tree: Path):
    """Both windows meet again at one new indexer, which parses nothing anew and takes what was told meanwhile."""
    first, second = windows.open(tree).ready(), windows.open(tree).ready()
    killed = first.told.pid
    os.kill(killed, signal.SIGKILL)
    (tree / "pkg" / "new.py").write_text(NEW)
    first.workspace.files_changed([tree / "pkg" / "new.py"])
    for window in (first, second):
        window.until(lambda told=window: told.told.pid not in {0, killed} and told.told.state.state == "ready")
    assert first.told.pid == second.told.pid
    assert first.told.parsed == 1
    assert first.defining("fresh") == second.defining("fresh") == ["pkg/new.py"]


def test_the_indexer_leaves_with_its_last_window(windows: Windows, tree: Path):
    """While one window is open it stays."""
    first, second = windows.open(tree).ready(), windows.open(tree).ready()
    pid = first.told.pid
    first.close()
    (tree / "pkg" / "new.py").write_text(NEW)
    second.changed(tree / "pkg" / "new.py")
    assert second.told.pid == pid
    assert second.defining("fresh") == ["pkg/new.py"]  # the fixture sees that it leaves with the second


def test_a_buffer_stands_before_its_file(windows: Windows, tree: Path):
    """Text, names and facts of an unsaved buffer are found at once, and the file's again when it is closed."""
    window = windows.open(tree).ready()
    uri = (tree / "pkg" / "core.py").as_uri()
    window.workspace.files.open_buffer(uri, "class Renamed:\n    def run(self):\n        Renamed()\n")
    view = window.workspace.view()
    assert window.defining("Renamed") == ["pkg/core.py"]
    assert window.defining("Core") == []
    assert view.uses("Renamed") == 1
    assert b"Renamed\n" in view.symbol_names(never)
    sieve = compile_pattern("Renamed", regex=False).sieve
    assert [located.relative for located, _ in view.holding(sieve, lambda _: True, never)] == ["pkg/core.py"]
    assert [passage.name for passage in view.ranked("renamed run", 1, never)] == ["Renamed.run"]
    window.workspace.files.close_buffer(uri)
    assert window.defining("Core") == ["pkg/core.py"]
    assert window.text("pkg/core.py") == (tree / "pkg" / "core.py").read_bytes()


def test_buffers_are_parsed_by_the_indexer(windows: Windows, tree: Path, monkeypatch: pytest.MonkeyPatch):
    """The language server's process parses nothing while there is an indexer."""
    window = windows.open(tree).ready()
    monkeypatch.setattr("lsp_server.workspace.parse_cache.extract", None)
    window.workspace.files.open_buffer((tree / "pkg" / "core.py").as_uri(), "class Elsewhere: pass\n")
    assert window.defining("Elsewhere") == ["pkg/core.py"]


@pytest.mark.parametrize("damage", ["store", "texts", "facts", "ranked"])
def test_a_damaged_index_is_made_again(windows: Windows, tree: Path, damage: str):
    """Beside the damaged one, which the new one then replaces."""
    window = windows.open(tree).ready(ranked=True)
    window.close()
    indexers_left()
    folder = CacheFolder.of(tree, Settings())
    old = folder.path / folder.current()
    match damage:
        case "store":
            for name in ("store.sqlite", "store.sqlite-wal"):
                (old / name).write_bytes(b"garbage" * 2000)
        case "ranked":
            (old / "ranked" / "meta.json").write_text("{")
        case _:
            os.truncate(old / f"{damage}-1", 30)
    window = windows.open(tree)
    window.until(lambda: window.told.generation not in {"", old.name} and window.told.state.state == "ready")
    assert not old.exists()
    assert window.told.parsed == 2
    assert window.defining("Core") == ["pkg/core.py"]
    assert window.workspace.view().ranked("retries", 1, never)[0].located.relative == "notes.txt"


def test_an_index_that_breaks_while_it_is_read_is_made_again(windows: Windows, tree: Path):
    """The query that met the damage reads the files; the next ones have a new index."""
    window = windows.open(tree).ready()
    generation = window.told.generation
    folder = CacheFolder.of(tree, Settings())
    with sqlite3.connect(folder.path / generation / "store.sqlite") as store:
        store.execute("DROP TABLE names")
    store.close()
    assert window.defining("Core") == ["pkg/core.py"]
    window.until(lambda: window.told.generation not in {"", generation} and window.told.state.state == "ready")
    assert window.defining("Core") == ["pkg/core.py"]


def test_a_cache_folder_that_cannot_be_written_leaves_direct_search(windows: Windows, tree: Path, home: Path):
    """The state says so in one sentence, and every answer is right all the same."""
    (home / "data").mkdir()
    (home / "data" / "cache").write_text("a file, where a folder should be")
    window = windows.open(tree)
    window.until(lambda: window.workspace.index_state.state == "direct")
    assert "cannot be kept" in (window.workspace.index_state.message or "")
    assert window.workspace.wait_ready(5) is False
    assert window.defining("Core") == ["pkg/core.py"]
    assert "cannot be kept" in window.workspace.view().freshness.note


def test_a_workspace_folder_that_is_removed_is_told(windows: Windows, tree: Path):
    """No crash; when the folder comes back, its files do."""
    window = windows.open(tree).ready()
    away = tree.with_name("away")
    tree.rename(away)
    window.workspace.files_changed([tree / "pkg" / "core.py"])
    window.until(lambda: window.workspace.index_state.state == "direct")
    assert "no longer there" in (window.workspace.index_state.message or "")
    assert window.files() == []
    away.rename(tree)
    window.changed(tree / "pkg" / "core.py")
    assert window.files() == ["notes.txt", "pkg/core.py", "pkg/use.py"]


def test_files_are_watched_for_editors_that_do_not_tell(windows: Windows, tree: Path):
    """Nobody tells the window of a new file and of a removed one."""
    window = windows.open(tree, watch=True).ready()
    (tree / "pkg" / "new.py").write_text(NEW)
    (tree / "pkg" / "use.py").unlink()
    window.until(lambda: window.files() == ["notes.txt", "pkg/core.py", "pkg/new.py"])
    window.ready()
    assert window.defining("fresh") == ["pkg/new.py"]


def test_indexing_can_be_cancelled(windows: Windows, tree: Path):
    """What is not indexed is read; the next change goes on."""
    for number in range(300):
        (tree / f"many{number}.py").write_text(f"def many{number}(): pass\n")
    window = windows.open(tree)
    window.until(lambda: window.workspace.index_state.state == "indexing")
    window.workspace.cancel_indexing()
    window.until(lambda: window.workspace.index_state.state in {"direct", "ready"})
    assert window.defining("many299") == ["many299.py"]
    window.changed(tree / "notes.txt")
    assert window.told.state.files == 303


def test_several_folders_are_one_view(windows: Windows, tree: Path, tmp_path: Path):
    """Each folder has an indexer of its own; answers are taken together."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "more.py").write_text("from pkg.core import Core\n\nCore().beat()\n")
    window = windows.open(tree, other).ready()
    view = window.workspace.view()
    assert {located.relative for located in view.naming("Core", ("call",), never)} == {"pkg/use.py", "more.py"}
    assert view.uses("beat") == 2
    assert view.freshness.files == 4


def test_a_file_under_two_names_is_parsed_once(windows: Windows, tree: Path):
    """Contents are known by their hash; each name answers for itself."""
    shutil.copy(tree / "pkg" / "core.py", tree / "pkg" / "again.py")
    window = windows.open(tree).ready()
    assert window.told.parsed == 2
    assert window.defining("Core") == ["pkg/again.py", "pkg/core.py"]
    sieve = compile_pattern("heart", regex=False).sieve
    found = window.workspace.view().holding(sieve, lambda _: True, never)
    assert {located.relative for located, _ in found} == {"pkg/again.py", "pkg/core.py"}


def test_the_cache_is_private(windows: Windows, tree: Path):
    """Only the user may enter the index's folder."""
    windows.open(tree).ready()
    folder = CacheFolder.of(tree, Settings()).path
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o077 for path in folder.rglob("*") if path.is_file()} == {0}


def test_a_window_of_an_older_program_is_told(windows: Windows, tree: Path, monkeypatch: pytest.MonkeyPatch):
    """It would look for another index than the one that is made; it reads the files, and says why."""
    monkeypatch.setattr(meeting, "index_version", lambda: "older")
    window = windows.open(tree)
    window.until(lambda: window.workspace.index_state.state == "direct")
    assert window.workspace.index_state.message == "The program has been updated; restart the editor's language server."
    assert window.defining("Core") == ["pkg/core.py"]


def test_ranked_words_follow(windows: Windows, tree: Path):
    """Who wants them waits for them, too; nobody else does."""
    window = windows.open(tree).ready(ranked=True)
    assert window.workspace.index_state.unranked == 0
    (tree / "notes.txt").write_text("Backing off exponentially.\n")
    window.changed(tree / "notes.txt")
    assert [it.located.relative for it in window.workspace.view().ranked("exponential", 3, never)] == ["notes.txt"]
    window.ready(ranked=True)
    view = window.workspace.view()
    assert [it.located.relative for it in view.ranked("exponential", 3, never)] == ["notes.txt"]
    assert view.ranked("retries", 3, never) == []
    assert view.freshness == Freshness(3)

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from lsp_server.workspace import last_change
from lsp_server.workspace.git_repository import Git, opened
from lsp_server.workspace.last_change import UNCOMMITTED, Change, LastChanges, parsed
from lsp_server.workspace.places import Located
from lsp_server.workspace.workspace import Workspace
from support.shop import CORE, git, write

SECOND = CORE.replace("MAX_SERVICES: Final = 100", "MAX_SERVICES: Final = 200")
LIMIT = SECOND.split("\n").index("MAX_SERVICES: Final = 200") + 1
"""The one line that the second commit changed."""


class Ask:
    """Asks about a file, and waits for the blame that the first question starts."""

    def __init__(self, workspace: Workspace, path: str = "src/shop/core.py") -> None:
        self.workspace = workspace
        self.changes = LastChanges(workspace)
        self.located = workspace.scope.locate(path)

    def __call__(self, line: int, end_line: int | None = None) -> Change | None:
        content = self.workspace.files.data(self.located)
        self.changes.of(self.located, line, content, end_line)
        assert self.changes.wait(30)
        return self.changes.of(self.located, line, content, end_line)


@pytest.fixture
def ask(repository: Path, workspace: Workspace) -> Ask:
    """Questions about the sample's core module in a repository of two commits."""
    assert repository.is_dir()
    return Ask(workspace)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders in which git was opened, in order."""
    seen: list[Path] = []

    def counted(folder: Path, cancelled: Callable[[], bool]) -> AbstractContextManager[Git]:
        seen.append(folder)
        return opened(folder, cancelled)

    monkeypatch.setattr(last_change, "opened", counted)
    return seen


def subject(change: Change | None) -> str:
    assert change is not None
    return change.subject


def test_the_first_question_starts_it_and_later_ones_are_answered(ask: Ask, runs: list[Path]):
    """Nothing is known at first; then every line is, from one run of git."""
    content = ask.workspace.files.data(ask.located)
    assert ask.changes.of(ask.located, LIMIT, content) is None
    assert ask.changes.wait(30)
    change = ask.changes.of(ask.located, LIMIT, content)
    assert change is not None
    assert (change.author, change.subject) == ("a@example.org", "second")
    assert change.commit == git(ask.located.root, "rev-parse", "HEAD")
    written = int(git(ask.located.root, "show", "-s", "--format=%at", "HEAD"))
    assert change.date == time.strftime("%Y-%m-%d", time.gmtime(written))
    assert subject(ask(1)) == "first"
    assert len(runs) == 1


def test_the_newest_change_of_several_lines_is_told(ask: Ask):
    """A symbol's last change is the newest of its lines'."""
    git(ask.located.root, "commit", "-q", "--amend", "--no-edit", "--date=2031-01-01T00:00:00Z")
    assert subject(ask(1, LIMIT)) == "second"
    assert subject(ask(1, LIMIT - 1)) == "first"
    assert ask(10_000, 10_010) is None
    assert ask(0) is None


def test_lines_that_are_not_committed_say_so(ask: Ask):
    """Saved edits are not committed; a commit makes them so, and is seen without being told."""
    root = ask.located.root
    write(root, "src/shop/core.py", "# new\n" + SECOND)
    assert ask(1) == UNCOMMITTED
    assert ask(1, 3) == UNCOMMITTED
    assert subject(ask(LIMIT + 1)) == "second"
    git(root, "commit", "-qam", "third")
    assert subject(ask(1)) == "third"


@pytest.mark.parametrize("end", ["\r\r\n", "\r"])
def test_lines_that_git_counts_otherwise_have_no_author(ask: Ask, end: str):
    """Where a stray carriage return ends a line for us and not for git, a line would show another one's commit."""
    root = ask.located.root
    (root / "src/shop/core.py").write_bytes(f"one{end}two\nthree\n".encode())
    git(root, "commit", "-qam", "third")
    assert [ask(line) for line in (1, 2, 3)] == [None, None, None]


def test_a_buffer_keeps_the_changes_of_its_saved_lines(ask: Ask, runs: list[Path]):
    """Lines that an edit moved are found again, edited ones are uncommitted, and git does not run again."""
    assert subject(ask(LIMIT)) == "second"
    lines = SECOND.split("\n")
    edited = ["# one", "# two", *lines[: LIMIT + 5], "# between", *lines[LIMIT + 5 : -10], "# last", *lines[-10:]]
    ask.workspace.files.open_buffer(ask.located.uri, "\n".join(edited))
    assert ask(1) == UNCOMMITTED
    assert subject(ask(LIMIT + 2)) == "second"
    assert subject(ask(LIMIT + 3)) == "first"
    assert ask(LIMIT + 8) == UNCOMMITTED
    assert subject(ask(len(edited) - 3)) == "first"
    assert len(runs) == 1


def test_a_buffer_unlike_its_file_is_not_guessed_at(ask: Ask, monkeypatch: pytest.MonkeyPatch):
    """Where too much differs to compare at once, nothing is said of the lines between the edits."""
    monkeypatch.setattr(last_change, "_MAX_BETWEEN", 3)
    lines = SECOND.split("\n")
    ask.workspace.files.open_buffer(ask.located.uri, "\n".join(["# one", *lines[1:30], "# two", *lines[30:]]))
    assert ask(LIMIT) is None
    assert subject(ask(50)) == "first"


def test_nothing_is_known_of_an_untracked_file_and_git_is_asked_once(ask: Ask, runs: list[Path]):
    """The failure is remembered like an answer."""
    write(ask.located.root, "src/new.py", "x = 1\n")
    new = Ask(ask.workspace, "src/new.py")
    assert [new(1) for _ in range(3)] == [None] * 3
    assert len(runs) == 1


def test_nothing_is_known_outside_a_repository(workspace: Workspace, runs: list[Path]):
    """A folder that is no repository starts nothing."""
    assert Ask(workspace)(1) is None
    assert runs == []


def test_nothing_is_known_without_git(ask: Ask, monkeypatch: pytest.MonkeyPatch, runs: list[Path]):
    """A machine without git is asked once per text."""
    monkeypatch.setenv("PATH", "")
    assert [ask(1), ask(1)] == [None, None]
    assert len(runs) == 1


def test_git_does_not_run_in_a_workspace_that_is_not_trusted(ask: Ask, runs: list[Path]):
    """Trust is asked each time; what was known before is not told either."""
    ask.workspace.trusted = False
    assert ask(1) is None
    assert runs == []
    ask.workspace.trusted = True
    assert subject(ask(1)) == "first"


def test_a_file_that_vanished_has_no_change(ask: Ask):
    """A buffer may outlive its file."""
    content = ask.workspace.files.data(ask.located)
    ask.located.absolute.unlink()
    assert ask.changes.of(ask.located, 1, content) is None


def test_only_the_newest_waiting_file_is_blamed(ask: Ask, monkeypatch: pytest.MonkeyPatch):
    """While git runs, one file waits: the one asked for last; none is blamed twice at the same time."""
    free, entered, seen = threading.Event(), threading.Event(), list[Located]()

    def held(_git: Git, located: Located, count: int) -> tuple[Change | None, ...]:
        seen.append(located)
        entered.set()
        assert free.wait(30)
        return (UNCOMMITTED,) * count

    monkeypatch.setattr(last_change, "_changes", held)
    files = [ask.workspace.scope.locate(path) for path in ("src/shop/core.py", "src/shop/use.py", "tests/test_core.py")]
    for located in (files[0], files[0], files[1], files[2]):
        ask.changes.of(located, 1, b"")
        assert entered.wait(30)
    free.set()
    assert ask.changes.wait(30)
    assert seen == [files[0], files[2]]


def test_closing_stops_git_and_starts_it_no_more(ask: Ask, monkeypatch: pytest.MonkeyPatch, runs: list[Path]):
    """The process that runs is cancelled, the file that waits is dropped."""
    entered = threading.Event()

    def until_cancelled(git: Git, _located: Located, count: int) -> tuple[Change | None, ...]:
        entered.set()
        while not git.cancelled():
            threading.Event().wait(0.001)
        return (UNCOMMITTED,) * count

    monkeypatch.setattr(last_change, "_changes", until_cancelled)
    ask.changes.of(ask.located, 1, b"")
    assert entered.wait(30)
    ask.changes.of(ask.workspace.scope.locate("src/shop/use.py"), 1, b"")
    ask.changes.close()
    assert ask.changes.wait(30)
    assert ask(1) is None
    assert len(runs) == 1


def test_a_commit_speaks_in_one_plain_line(repository: Path, workspace: Workspace):
    """Control and direction characters of author and subject are gone, and long ones are cut."""
    write(repository, "src/shop/use.py", "x = 1\n")
    git(repository, "commit", "-qam", "evil \x1b[31m \u202e " + "long " * 100, "--author=A\x07B <e@example.org>")
    change = Ask(workspace, "src/shop/use.py")(1)
    assert change is not None
    assert change.author == "A B"
    assert change.subject.startswith("evil  [31m   long")
    assert len(change.subject) == 201


def test_broken_output_is_read_as_far_as_it_goes():
    """Groups that are cut off, dates from no calendar and unknown lines change nothing else."""
    one, two = "1" * 40, "2" * 40
    lines = [
        "author nobody", f"{one} 1 3 2", "author Ann", "author-time 86400", "summary filename x", "filename a.py",
        f"{one} 9 7 1", "filename a.py", f"{two} 1 1 1", "author Bob", "author-time 99999999999999999", "filename a.py",
        f"{two} 5 5 1", "author Eve",
    ]  # fmt: skip
    ann = Change("Ann", "1970-01-02", "filename x", one)
    assert parsed(lines) == [(ann, 3, 2), (ann, 7, 1), (Change("Bob", "", "", two), 1, 1)]

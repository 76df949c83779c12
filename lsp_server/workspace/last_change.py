"""Who last changed a line: `git blame` of one file at a time, in the background, once for each text and commit."""

from __future__ import annotations

import re
import threading
import time
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from difflib import SequenceMatcher

import attrs

from lsp_server.errors import OutOfScope
from lsp_server.workspace.files import hash_of, normal
from lsp_server.workspace.git_repository import Git, Repository, opened
from lsp_server.workspace.places import Located
from lsp_server.workspace.problems import ToolProblem
from lsp_server.workspace.workspace import Workspace

_MAX_FILES = 32
"""Blamed files that are remembered."""
_MAX_TEXT = 200
_MAX_BETWEEN = 400
"""Lines between the first and the last edit of a buffer, up to which they are compared one by one."""
_GROUP = re.compile(r"([0-9a-f]{40}(?:[0-9a-f]{24})?) \d+ (\d+) (\d+)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@attrs.frozen
class Change:
    """One commit, as a line knows it. Author and subject are anyone's words: untrusted text on one line."""

    author: str
    """Empty with the rest where the line is not committed."""
    date: str
    """The day on which it was written, UTC, ISO: `2024-05-17`; empty when the commit's date is none."""
    subject: str
    commit: str
    """Hexadecimal, whole; empty for a line that is not committed."""
    when: int = attrs.field(default=0, eq=False)
    """Seconds since 1970, to find the newest of several."""


UNCOMMITTED = Change("", "", "", "")


@attrs.frozen
class _Key:
    located: Located
    content: str
    """Hash of the saved text."""
    head: str


@attrs.frozen
class _Blamed:
    """What is known of the lines of one saved text; nothing for a file that git does not know."""

    changes: tuple[Change | None, ...] = ()
    """By line; None where git was stopped before it came to it."""
    lines: array[int] = attrs.field(factory=lambda: array("q"))
    """A hash of each line, to find it again in a buffer."""

    def of(self, numbers: Iterable[int | None]) -> list[Change | None]:
        """Return the changes of lines of the saved text, zero-based; -1 stands for a new line."""
        count = len(self.changes)
        found = (number for number in numbers if number is not None and number < count)
        return [UNCOMMITTED if number < 0 else self.changes[number] for number in found]


class LastChanges:
    """Answers at once from what was blamed; safe to use from several threads.

    At most one git runs, and of the files that wait for it only the one asked for last is kept.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._known: OrderedDict[_Key, _Blamed] = OrderedDict()
        self._waiting: _Key | None = None
        self._running: _Key | None = None
        self._closed = False
        self._changed = threading.Condition()

    def of(self, located: Located, line: int, content: bytes, end_line: int | None = None) -> Change | None:
        """Return the last change of some lines; None while it is not known, and where there is none to know.

        The first question about a file starts its blame. Without git, outside a repository, for an untracked file and
        in a workspace that is not trusted there is nothing to know.

        Args:
            located: the file.
            line: one-based, in `content`.
            content: the text that the line belongs to, normal bytes: the buffer's, where one is open.
            end_line: the last of several lines, inclusive; the newest of their changes is returned.
        """
        saved = self._saved(located)
        key = None if saved is None else self._key(located, saved)
        if saved is None or key is None:
            return None
        blamed = self._blamed(key)
        if blamed is None or not blamed.changes:
            return None
        numbers = range(max(line - 1, 0), line if end_line is None else end_line)
        lines = None if content == saved else _hashes(content)
        return _newest(blamed.of(numbers if lines is None else _aligned(lines, blamed.lines, numbers)))

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is being blamed; return whether that came in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._running is None and self._waiting is None, seconds)

    def close(self) -> None:
        """Stop git and start it no more; what is known stays known."""
        with self._changed:
            self._closed = True
            self._waiting = None

    def _saved(self, located: Located) -> bytes | None:
        if not self._workspace.trusted:
            return None
        try:
            return normal(self._workspace.scope.read(located))
        except OutOfScope:
            return None

    def _key(self, located: Located, saved: bytes) -> _Key | None:
        try:
            return _Key(located, hash_of(saved), Repository.find(located.root).head_stamp())
        except (ToolProblem, OSError):
            return None

    def _blamed(self, key: _Key) -> _Blamed | None:
        with self._changed:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
            elif not self._closed and key != self._running:
                self._waiting = key
                if self._running is None:
                    self._start()
            return known

    def _start(self) -> None:
        """Begin with the file that waits; the lock is held."""
        self._running, self._waiting = self._waiting, None
        if self._running is not None:
            threading.Thread(target=self._work, args=(self._running,), name="inglenook-blame", daemon=True).start()

    def _work(self, key: _Key) -> None:
        """Blame one file, which is known from then on, be it as one that git says nothing of."""
        blamed = _Blamed()
        try:
            blamed = self._blame(key)
        finally:
            with self._changed:
                if not self._closed:
                    self._known[key] = blamed
                while len(self._known) > _MAX_FILES:
                    self._known.popitem(last=False)
                self._start()
                self._changed.notify_all()

    def _blame(self, key: _Key) -> _Blamed:
        saved = self._saved(key.located)
        if saved is None or hash_of(saved) != key.content:
            return _Blamed()  # it changed meanwhile; the next question has another key
        with suppress(ToolProblem, OSError), opened(key.located.root, lambda: self._closed) as git:
            lines = _hashes(saved)
            return _Blamed(_changes(git, key.located, len(lines)), lines)
        return _Blamed()


def _changes(git: Git, located: Located, count: int) -> tuple[Change | None, ...]:
    """Run git; return nothing when it fails, or counts the lines otherwise."""
    finished = git.run(("blame", "--incremental", "--", located.relative))
    if finished.exit_code and not finished.stopped:
        return ()
    groups = parsed(finished.output.decode("utf-8", "replace").split("\n"))
    last = max((first + length - 1 for _, first, length in groups), default=0)
    if last > count or (last < count and not finished.stopped):
        return ()  # line ends that git sees otherwise: its numbers are not ours
    changes: list[Change | None] = [None] * count
    for commit, first, length in groups:
        changes[first - 1 : first - 1 + length] = [commit] * length
    return tuple(changes)


def parsed(lines: Sequence[str]) -> list[tuple[Change, int, int]]:
    """Return the groups of `git blame --incremental`: the commit, its first line, one-based, and how many.

    A commit is described where it comes first; a group that was cut off is left out.
    """
    groups: list[tuple[str, int, int]] = []
    described: dict[str, dict[str, str]] = {}
    waiting: tuple[str, int, int] | None = None
    for line in lines:
        found = _GROUP.fullmatch(line)
        if found:
            waiting = (found[1], int(found[2]), int(found[3]))
            described.setdefault(found[1], {})
        elif waiting is not None:
            name, _, value = line.partition(" ")
            described[waiting[0]].setdefault(name, value)
            if name == "filename":  # always a group's last line
                groups.append(waiting)
                waiting = None
    changes = {commit: _change(commit, fields) for commit, fields in described.items()}
    return [(changes[commit], first, length) for commit, first, length in groups]


def _change(commit: str, fields: dict[str, str]) -> Change:
    if not commit.strip("0"):
        return UNCOMMITTED
    when = fields.get("author-time", "0")
    seconds = int(when) if when.isascii() and when.isdigit() else 0
    try:
        date = time.strftime("%Y-%m-%d", time.gmtime(seconds))
    except (OverflowError, ValueError, OSError):
        date, seconds = "", 0
    return Change(_shown(fields.get("author", "")), date, _shown(fields.get("summary", "")), commit, seconds)


def _shown(text: str) -> str:
    """Return anyone's words on one line, cut, without characters that move or turn the text around them."""
    plain = _CONTROL.sub(" ", text).strip()
    return plain if len(plain) <= _MAX_TEXT else plain[:_MAX_TEXT] + "…"


def _hashes(data: bytes) -> array[int]:
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return array("q", map(hash, lines))


def _aligned(ours: array[int], saved: array[int], numbers: range) -> list[int | None]:
    """Return where lines of a buffer stand in the saved file, zero-based; -1 for new ones, None where it is unclear."""
    shorter = min(len(ours), len(saved))
    head = next((at for at in range(shorter) if ours[at] != saved[at]), shorter)
    rest = shorter - head
    tail = next((at for at in range(rest) if ours[-1 - at] != saved[-1 - at]), rest)
    between = _matched(ours[head : len(ours) - tail], saved[head : len(saved) - tail])
    aligned: list[int | None] = []
    for number in numbers:
        if number < head:
            aligned.append(number)
        elif number >= len(ours) - tail:
            aligned.append(number + len(saved) - len(ours))
        else:
            aligned.append(
                None if between is None else head + between[number - head] if number - head in between else -1
            )
    return aligned


def _matched(ours: array[int], saved: array[int]) -> dict[int, int] | None:
    """Return which lines are the same, ours to saved; None where too many differ to tell in an instant."""
    if len(ours) > _MAX_BETWEEN or len(saved) > _MAX_BETWEEN:
        return None
    blocks = SequenceMatcher(None, ours, saved, autojunk=False).get_matching_blocks()
    return {block.a + at: block.b + at for block in blocks for at in range(block.size)}


def _newest(found: list[Change | None]) -> Change | None:
    """Return the newest change; a line that is not committed is newer than all others."""
    known = [change for change in found if change is not None]
    if UNCOMMITTED in known:
        return UNCOMMITTED
    return max(known, key=lambda change: change.when, default=None)

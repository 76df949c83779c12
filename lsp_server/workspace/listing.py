"""Every file of a workspace folder that may be shown, found quickly and again only where folders changed."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs

from lsp_server.workspace.allowing import Allowed
from lsp_server.workspace.ignoring import IGNORE_FILES, IgnoreRules, Levels, is_version_control
from lsp_server.workspace.secret_names import is_secret

MAX_FILES = 500_000
"""A walk stops after this many files and says so."""
_RACY_NS = 100_000_000
"""A folder changed this shortly before it was read may change again within the same time stamp: not remembered."""
_MAX_DEPTH = 200

_UNPLAIN = re.compile("[\x00-\x1f\x7f-\x9f\\\\\u2028\u2029\ud800-\udfff]")

Cancelled = Callable[[], bool]


@attrs.frozen(eq=False)
class _Folder:
    """What one folder held when its time stamp was `modified` and the rules in force were `levels`."""

    modified: int
    """Nanoseconds."""
    levels: Levels
    """The same object as long as no ignore file here or above has changed."""
    files: tuple[str, ...]
    folders: tuple[str, ...]
    rules: bool = False
    """Whether there were ignore files."""


class Lister:
    """Lists one workspace folder; remembers each folder under its time stamps.

    Links are never followed nor listed: what a link inside points to is listed under its own name.
    """

    def __init__(self, root: Path, rules: IgnoreRules, allowed: Allowed) -> None:
        self._root = root
        self._rules = rules
        self._allowed = allowed
        self._known: dict[str, _Folder] = {}
        self._levels: dict[str, Levels] = {}

    def walk(self, cancelled: Cancelled, below: str = "") -> Iterator[str]:
        """Yield the relative paths of the files below a folder, at most `MAX_FILES`."""
        count = 0
        for relative, names in self.folders(cancelled, below):
            prefix = f"{relative}/" if relative else ""
            for name in names:
                yield prefix + name
            count += len(names)
            if count > MAX_FILES:
                return

    def folders(
        self, cancelled: Cancelled, below: str = "", depth: int = _MAX_DEPTH
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield each folder with its files' names, parents first; unreadable folders count as empty."""
        levels = self._stable("", self._rules.top())
        above = ""
        for part in below.split("/") if below else ():
            above = f"{above}/{part}" if above else part
            levels = self._stable(above, self._rules.enter(levels, above))
        waiting = [(below, levels, 0)]
        while waiting and not cancelled():
            relative, around, down = waiting.pop()
            folder = self._folder(relative, around, entered=not down)
            yield relative, folder.files
            if down >= min(depth, _MAX_DEPTH):
                continue
            prefix = f"{relative}/" if relative else ""
            waiting += [(prefix + name, folder.levels, down + 1) for name in reversed(folder.folders)]

    def _stable(self, relative: str, levels: Levels) -> Levels:
        """Return the remembered tuple when it is equal, so that identity tells whether rules changed."""
        known = self._levels.get(relative)
        if known is not None and len(known) == len(levels):
            same = all(
                old.specs is new.specs and old.strip == new.strip for old, new in zip(known, levels, strict=True)
            )
            if same:
                return known
        self._levels[relative] = levels
        return levels

    def _folder(self, relative: str, around: Levels, *, entered: bool) -> _Folder:
        """Return a folder as it is now; `around` are the rules in force around it, or in it when `entered`."""
        path = f"{self._root}/{relative}"
        try:
            modified = os.lstat(path).st_mtime_ns
        except OSError:
            self._known.pop(relative, None)
            return _Folder(0, around, (), ())
        known = self._known.get(relative)
        same = known is not None and known.modified == modified
        # a folder that has not changed has no new ignore file
        bare = same and known is not None and not known.rules
        levels = around if entered or bare else self._stable(relative, self._rules.enter(around, relative))
        if same and known is not None and known.levels is levels:
            return known
        folder = self._scan(path, relative, modified, levels)
        if time.time_ns() - modified > _RACY_NS:
            self._known[relative] = folder
        return folder

    def _scan(self, path: str, relative: str, modified: int, levels: Levels) -> _Folder:
        prefix = f"{relative}/" if relative else ""
        files: list[str] = []
        folders: list[str] = []
        rules = False
        closed = self._is_closed(relative)
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    rules = rules or entry.name in IGNORE_FILES
                    kind = self._kind(entry, prefix, levels, closed=closed)
                    if kind is not None:
                        (folders if kind else files).append(entry.name)
        except OSError:
            return _Folder(0, levels, (), ())
        return _Folder(modified, levels, tuple(sorted(files)), tuple(sorted(folders)), rules)

    def _is_closed(self, relative: str) -> bool:
        """Say whether a folder is ignored: what no setting opens in it stays hidden, whatever its own rules say."""
        return bool(relative) and not self._allowed.is_nothing and self._rules.ignored(relative, folder=True)

    def _kind(self, entry: os.DirEntry[str], prefix: str, levels: Levels, *, closed: bool) -> bool | None:
        """Return True for a folder to enter, False for a file to list, None for what is left out."""
        name = entry.name
        try:
            folder = entry.is_dir(follow_symlinks=False)
            if not folder and not entry.is_file(follow_symlinks=False):
                return None
        except OSError:
            return None
        if is_version_control(name) or not is_plain(name) or is_secret(name):
            return None
        relative = prefix + name
        if is_secret(relative):
            return None
        ignored = closed or self._rules.matches(levels, relative, name, folder=folder)
        return None if ignored and not self._allowed.opens(relative, folder=folder) else folder


def is_plain(name: str) -> bool:
    """Say whether a name can stand in a row: no control character, line break or back slash, and decodable."""
    return _UNPLAIN.search(name) is None

"""Brings an index up to date with the files of one workspace folder: finds out what changed and has it built."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterable, Sequence

import attrs

from lsp_server.workspace.index.base import MAX_FILES, RootGone, decides_about_others
from lsp_server.workspace.index.build import Build, Changed
from lsp_server.workspace.index.storage import Storage
from lsp_server.workspace.index.store import GONE, FileRow, Stamp
from lsp_server.workspace.index.workers import Workers
from lsp_server.workspace.languages import grammar_of
from lsp_server.workspace.listing import is_plain
from lsp_server.workspace.places import Located
from lsp_server.workspace.scope import Scope

_COMMIT_SECONDS = 3.0
"""Readers see a long build grow this often."""
_RANK_SECONDS = 0.02
"""Ranking looks this often whether there is something better to do."""
_NO_STAMP = Stamp(0, 0, 0, 0)


@attrs.define
class Progress:
    """How far the index has come."""

    files: int = 0
    """Files that are indexed as they stand."""
    stale: int = 0
    """Files that are known to wait."""
    percent: int | None = None
    unranked: int = 0
    """Files whose ranked words are not yet those of their text."""
    parsed: int = 0
    """Texts that were parsed since the indexer began."""
    note: str | None = None
    """What did not fit."""


class Indexer:
    """Works in one thread. `between` is called often while it works, and may raise to stop it.

    `scan` and `refresh` raise RootGone when the workspace folder is not there, CacheUnusable when the index cannot be
    kept, StoreCorrupt when it is damaged, and what `between` raises.
    """

    def __init__(self, scope: Scope, storage: Storage, workers: Workers, between: Callable[[], None]) -> None:
        self.progress = Progress()
        self._scope = scope
        self._root = scope.roots[0]
        self._storage = storage
        self._workers = workers
        self._between = between
        self._committed = time.monotonic()

    def scan(self) -> None:
        """Compare every file with the index, and index what differs."""
        self._check_root()
        self.progress.note = None
        known = self._storage.files()
        listed: list[str] = []
        left_out = 0
        for located in self._scope.files():
            if len(listed) < MAX_FILES:
                listed.append(located.relative)
            else:
                left_out += 1
            if not len(listed) % 1000:
                self._between()
        self._check_root()  # a folder that vanished while it was listed looks empty
        self._update(listed, known, left_out)
        self._storage.tidy()

    def refresh(self, paths: Sequence[str]) -> None:
        """Look again at some paths relative to the folder: files or folders, there or gone."""
        if any(map(decides_about_others, paths)):
            self.scan()
            return
        self._check_root()
        paths = list(filter(is_plain, paths))
        listed = list(dict.fromkeys(found for path in paths for found in self._there(path)))
        old = {path for given in paths for path in (given, *self._storage.below(given))}
        rows = {path: self._storage.file(path) for path in old.union(listed)}
        self._update(listed, {path: row for path, row in rows.items() if row is not None}, 0)
        if self._storage.has_grown:
            self._storage.tidy()

    def rank(self) -> bool:
        """Work on ranked words for a moment; say whether they are all up to date."""
        revision = self._storage.revision
        done = self._storage.rank(_RANK_SECONDS)
        if self._storage.revision != revision:
            self.progress.unranked = self._storage.count_unranked()
        return done

    def _there(self, path: str) -> Iterable[str]:
        """Return the files at or below a path that may be seen."""
        located = Located(self._root, path)
        try:
            found = located.absolute.lstat()
        except OSError:
            return ()
        folder = stat.S_ISDIR(found.st_mode)
        if os.path.realpath(located.absolute) != str(located.absolute):
            return ()  # behind a link: it is listed where it lies
        if not self._scope.permits(self._root, path, folder=folder):
            return ()
        if folder:
            return [found.relative for found in self._scope.files(below=located)]
        return (path,) if stat.S_ISREG(found.st_mode) else ()

    def _check_root(self) -> None:
        if not os.path.isdir(self._root):  # noqa: PTH112 - pathlib raises where access is denied
            raise RootGone(f"The folder {self._root} is no longer there.")

    def _update(self, listed: Sequence[str], known: dict[str, FileRow], left_out: int) -> None:
        """Make the index hold the listed files and, of the known ones, no others."""
        there = set(listed)
        gone = [path for path, row in known.items() if row.is_there and path not in there]
        changed = self._changed(listed, known)
        for path in gone:
            self._storage.assign(path, known[path], GONE, _NO_STAMP)
        waiting = len(changed)
        self.progress.stale = waiting
        if gone:
            self._commit()
        build = Build(self._scope, self._storage, self._workers, lambda done: self._step(done, waiting))
        build.run(changed)
        self.progress.parsed += build.parsed
        self._commit()
        self.progress.stale, self.progress.percent = 0, None
        self.progress.note = _note(left_out + build.left_out) or self.progress.note
        self._between()

    def _changed(self, listed: Iterable[str], known: dict[str, FileRow]) -> list[Changed]:
        """Return the listed files whose stamps differ, code first, since it takes longest."""
        code: list[Changed] = []
        others: list[Changed] = []
        base = f"{self._root}/"
        for path in listed:
            row = known.get(path)
            try:
                stamp = Stamp.of(os.stat(base + path, follow_symlinks=False))  # noqa: PTH116 - Paths cost more
            except OSError:
                stamp = None
            if row is None or row.stamp != stamp:
                (others if grammar_of(path) is None else code).append(Changed(path, row, stamp))
        return code + others

    def _step(self, done: int, waiting: int) -> None:
        self.progress.stale = waiting - done
        self.progress.percent = 100 * done // waiting if waiting else None
        if time.monotonic() - self._committed > _COMMIT_SECONDS:
            self._commit()
        self._between()

    def _commit(self) -> None:
        self._storage.commit()
        self.progress.files, self.progress.unranked = self._storage.count(), self._storage.count_unranked()
        self._committed = time.monotonic()
        self._between()


def _note(left_out: int) -> str | None:
    return f"{left_out:,} files did not fit into the index." if left_out else None

"""Which files of a workspace folder an index answers for at this moment, and which are to be read."""

from __future__ import annotations

import heapq
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from pathlib import Path

import attrs

from lsp_server.workspace.facts import Definition, Facts
from lsp_server.workspace.files import Files
from lsp_server.workspace.index.base import StoreCorrupt, decides_about_others
from lsp_server.workspace.index.reader import Entry, Reader, Snapshot, SymbolNames
from lsp_server.workspace.index.store import Stamp
from lsp_server.workspace.linear_regex import Regex
from lsp_server.workspace.places import Located
from lsp_server.workspace.ranking import order
from lsp_server.workspace.scope import never
from lsp_server.workspace.view import Cancelled, Passage, Wanted


@attrs.frozen(eq=False)
class Look:
    """What a window knows of one folder's index."""

    reader: Reader
    snapshot: Snapshot
    trusted: bool
    """Whether the index holds every file but the doubtful ones as it stands."""
    doubtful: AbstractSet[str]
    """Paths that are known to have changed; folders too."""
    damaged: Callable[[], None]
    """Hears that the index cannot be read."""


@attrs.define(eq=False, slots=False)
class Part:
    """One workspace folder in a view."""

    root: Path
    _look: Look | None
    _entries: Mapping[str, Entry]
    """What the index may answer for."""
    _excluded: AbstractSet[str]
    """Of those, what it may not."""
    direct: list[Located]
    """Files to be read."""

    def __len__(self) -> int:
        return len(self._entries) - len(self._excluded) + len(self.direct)

    @cached_property
    def ordered(self) -> list[Located]:
        """Every file in showing order."""
        if self._look is None:
            return sorted(self.direct, key=order)
        known = self._look.snapshot.ordered
        if self._excluded or self._entries is not self._look.snapshot.entries:
            known = [it for it in known if it.relative in self._entries and it.relative not in self._excluded]
        return list(heapq.merge(known, sorted(self.direct, key=order), key=order)) if self.direct else known

    def entry(self, path: str) -> Entry | None:
        """Return the entry of a file that the index answers for."""
        return None if path in self._excluded else self._entries.get(path)

    def located(self, entry: Entry) -> Located:
        """Return an entry's place."""
        return Located(self.root, entry.path)

    def data(self, entry: Entry) -> bytes | None:
        """Return an entry's text; None when there is none to see."""
        return self._look.snapshot.data(entry) if self._look and entry.has_text else None

    def facts(self, entry: Entry) -> Facts | None:
        """Return an entry's facts; None where none are kept."""
        return self._look.reader.facts(self._look.snapshot, entry) if self._look and entry.has_text else None

    def definitions(self, entry: Entry, name: str) -> Sequence[Definition] | None:
        """Return an entry's definitions, or those of a bare name; None where none are kept."""
        if self._look is None or not entry.has_text:
            return None
        return self._look.reader.definitions(self._look.snapshot, entry, name)

    def naming(self, name: str, bits: int, *, fold: bool) -> Iterator[Entry]:
        """Yield the entries that hold a name."""
        if self._look is not None:
            yield from self._own(self._look, self._look.reader.naming(name, bits, fold=fold))

    def uses(self, name: str) -> int:
        """Return how often entries use a name."""
        if self._look is None:
            return 0
        counts = dict(self._look.reader.uses(name))
        return sum(counts[entry.content] for entry in self._own(self._look, counts))

    def symbol_names(self) -> SymbolNames:
        """Return the names of the index."""
        return self._look.reader.symbol_names() if self._look is not None else SymbolNames(b"", frozenset())

    def holding(self, sieve: Regex, wanted: Wanted, cancelled: Cancelled) -> Iterator[tuple[Located, bytes]]:
        """Yield the wanted entries that the sieve matches."""
        if self._look is None:
            return
        for entries in self._look.snapshot.holding(sieve, cancelled):
            for entry in entries:
                if self.entry(entry.path) is entry and wanted(located := self.located(entry)):
                    yield located, self._look.snapshot.data(entry)

    def ranked(self, words: str, limit: int) -> tuple[list[Passage], list[Entry]]:
        """Return the stretches of entries that match, and the entries whose words are not ranked yet."""
        if self._look is None:
            return [], []
        by_file = self._look.snapshot.by_file
        hits, waiting = self._look.reader.ranked(words, limit)
        unranked = [entry for file in waiting if (entry := by_file.get(file)) and self.entry(entry.path) is entry]
        left_out = {entry.file for entry in unranked}
        passages = [
            Passage(self.located(entry), hit.start, hit.end, hit.name, hit.score)
            for hit in hits
            if (entry := by_file.get(hit.file)) is not None
            and entry.content == hit.content
            and entry.file not in left_out
            and self.entry(entry.path) is entry
        ]
        return passages, unranked

    def degrade(self, files: Files) -> None:
        """Read everything from now on: the index cannot be read."""
        if self._look is not None:
            self._look.damaged()
        self._look, self._entries, self._excluded = None, {}, frozenset()
        self.direct = list(files.all(never, Located(self.root, "")))
        self.__dict__.pop("ordered", None)

    def _own(self, look: Look, contents: Iterable[int]) -> Iterator[Entry]:
        for content in contents:
            for entry in look.snapshot.by_content.get(content, ()):
                if self.entry(entry.path) is entry:
                    yield entry


def cover(root: Path, look: Look | None, files: Files, cancelled: Cancelled, *, verified: bool) -> Part:
    """Decide about one folder.

    Args:
        root: the folder.
        look: its index; None where there is none.
        files: whose buffers and scope count.
        cancelled: stops the comparison; what was not compared is left out.
        verified: compare every file with the index now.
    """
    if look is not None:
        try:
            if verified or not look.trusted or not _can_expand(look):
                return _compared(root, look, files, cancelled)
            return _watched(root, look, files)
        except StoreCorrupt:
            look.damaged()
    return Part(root, None, {}, frozenset(), list(files.all(cancelled, Located(root, ""))))


def _can_expand(look: Look) -> bool:
    """Say whether the doubtful paths speak for themselves alone: a change of the ignore rules speaks for others."""
    return not any(map(decides_about_others, look.doubtful))


def _compared(root: Path, look: Look, files: Files, cancelled: Cancelled) -> Part:
    entries = look.snapshot.entries
    buffers = dict(_own_buffers(root, files))
    kept: dict[str, Entry] = {}
    direct: list[Located] = []
    base = f"{root}/"
    for located in files.all(cancelled, Located(root, "")):
        entry = entries.get(located.relative)
        if entry is None:
            direct.append(located)
            continue
        data = buffers.get(located)
        same = _is_stamp(base + located.relative, entry.stamp) if data is None else _holds(look.snapshot, entry, data)
        if same:
            kept[located.relative] = entry
        else:
            direct.append(located)
    return Part(root, look, kept, frozenset(), direct)


def _watched(root: Path, look: Look, files: Files) -> Part:
    entries = look.snapshot.entries
    excluded: set[str] = set()
    direct: dict[str, Located] = {}
    for path in look.doubtful:
        excluded.update(known for known in _at_or_below(entries, path))
        direct.update((located.relative, located) for located in _present(root, path, files))
    direct.update((it.relative, it) for it in files.scope.named if it.root == root and it.relative not in entries)
    for located, data in _own_buffers(root, files):
        entry = entries.get(located.relative)
        if entry is not None and located.relative not in excluded and _holds(look.snapshot, entry, data):
            continue
        if entry is not None:
            excluded.add(located.relative)
        if entry is not None or files.scope.permits(root, located.relative):
            direct[located.relative] = located
    return Part(root, look, entries, excluded, list(direct.values()))


def _at_or_below(entries: Mapping[str, Entry], path: str) -> Iterator[str]:
    if path in entries:
        yield path
    else:
        prefix = f"{path}/"
        yield from (known for known in entries if known.startswith(prefix))


def _present(root: Path, path: str, files: Files) -> Iterator[Located]:
    located = Located(root, path)
    absolute = str(located.absolute)
    behind_link = os.path.realpath(absolute) != absolute  # it is listed where it lies
    if behind_link or not files.scope.permits(root, path, folder=located.is_folder):
        return
    if located.is_folder:
        yield from files.scope.files(never, located)
    elif located.exists:
        yield located


def _own_buffers(root: Path, files: Files) -> Iterator[tuple[Located, bytes]]:
    return ((located, data) for located, data in files.buffers() if located.root == root)


def _holds(snapshot: Snapshot, entry: Entry, data: bytes) -> bool:
    return entry.has_text and entry.length == len(data) and snapshot.data(entry) == data


def _is_stamp(path: str, stamp: Stamp) -> bool:
    try:
        found = os.stat(path, follow_symlinks=False)  # noqa: PTH116 - a Path for each would cost more
    except OSError:
        return False
    return (
        found.st_mtime_ns == stamp.modified
        and found.st_ctime_ns == stamp.changed
        and found.st_size == stamp.size
        and found.st_ino == stamp.inode
    )

"""One generation of an index, for its writer: store, texts and ranked words, kept in step."""

from __future__ import annotations

from collections.abc import Sequence

from lsp_server.workspace.facts import Facts
from lsp_server.workspace.index import fact_json
from lsp_server.workspace.index.base import StoreCorrupt
from lsp_server.workspace.index.cache_folder import CacheFolder
from lsp_server.workspace.index.parsed import NameRow, Parsed, StretchRow, name_rows, stretch_rows
from lsp_server.workspace.index.ranked import RankedWriter
from lsp_server.workspace.index.store import GONE, Content, FileRow, Stamp, Store, store_errors
from lsp_server.workspace.index.texts import TextReader, TextWriter
from lsp_server.workspace.languages import grammar_of

_NAMES_AT_ONCE = 20_000
_MIN_GARBAGE_BYTES = 64_000_000
"""Texts that no file has any more are kept up to this, or up to as much as those in use: a branch may come back."""
_CHECKED = 8
"""Contents, the newest, whose texts are looked at when an index is opened."""


class Storage:
    """What the indexer writes to. Nothing is seen by readers before `commit`, no ranked words before `commit_ranked`.

    Every method may raise CacheUnusable when the disk is full and StoreCorrupt when the index is damaged.
    """

    def __init__(self, folder: CacheFolder, generation: str, *, new: bool) -> None:
        self.generation = generation
        self.revision = 0
        """What readers see; grows with every commit that changed anything."""
        self.ranked_commits = 0
        self._folder = folder
        self._names: list[tuple[int, list[NameRow]]] = []
        self._names_waiting = 0
        self._ranked_waiting: dict[int, int] = {}
        with store_errors():
            self._store = Store(folder.database(generation, write=True), new=new)
            if new:
                self._store.set_meta("texts", "texts")
            self._texts_name = self._store.meta("texts")
            self._texts = TextWriter(folder, generation, self._texts_name)
            self._ranked = RankedWriter(folder.ranked(generation))
            self._check()
            self._store.forget_gone()
            self.revision = self._store.commit()
            self._rank_missing()

    # -- reading

    def files(self) -> dict[str, FileRow]:
        """Return every file's row by path, those of files that are gone included."""
        with store_errors():
            return self._store.files()

    def file(self, path: str) -> FileRow | None:
        """Return one file's row."""
        with store_errors():
            return self._store.file(path)

    def below(self, folder: str) -> list[str]:
        """Return the paths of the files in a folder."""
        with store_errors():
            return self._store.below(folder)

    def find(self, key: bytes) -> Content | None:
        """Return a text that was seen before."""
        with store_errors():
            return self._store.content(key)

    def count(self) -> int:
        """Return how many files there are."""
        with store_errors():
            return self._store.count()

    @property
    def text_bytes(self) -> int:
        """How long the texts are together, those no longer in use included."""
        return self._texts.end

    # -- writing

    def add(self, key: bytes, name: str, data: bytes, parsed: Parsed) -> int:
        """Keep a text that was never seen before; return its content."""
        with store_errors():
            start = self._texts.append(data)
            blob = parsed.blob if grammar_of(name) is not None else None
            return self._store.add_content(key, start, len(data), blob)

    def assign(self, path: str, known: FileRow | None, content: int, stamp: Stamp, parsed: Parsed) -> None:
        """Let a file hold a content, known by these names and stretches."""
        with store_errors():
            file = self._put(path, known, content, stamp)
            if known is not None and known.content == content:
                return
            self._names.append((file, parsed.names))
            self._names_waiting += len(parsed.names)
            if self._names_waiting > _NAMES_AT_ONCE:
                self._flush_names()
            self._rank(file, path, content, parsed.stretches, new=known is None)

    def assign_known(self, path: str, known: FileRow | None, content: Content, stamp: Stamp, data: bytes) -> None:
        """Let a file hold a text that was seen before."""
        if known is not None and known.content == content.id:
            self.assign(path, known, content.id, stamp, _NOTHING)
            return
        with store_errors():
            facts = self._facts(content.id)
        parsed = Parsed(b"", name_rows(facts), stretch_rows(path, data, facts))
        self.assign(path, known, content.id, stamp, parsed)

    def assign_nothing(self, path: str, known: FileRow | None, content: int, stamp: Stamp) -> None:
        """Let a file have no text to see, or be gone."""
        if known is None and content == GONE:
            return
        self.assign(path, known, content, stamp, _NOTHING)

    def commit(self) -> None:
        """Show readers what was written."""
        with store_errors():
            self._flush_names()
            self._texts.flush()
            self.revision = self._store.commit()

    def commit_ranked(self) -> None:
        """Show readers the ranked words of what was written."""
        if not self._ranked_waiting:
            return
        self._ranked.commit()
        with store_errors():
            self._store.set_ranked([(content, file) for file, content in self._ranked_waiting.items()])
            self._ranked_waiting.clear()
            self._store.commit()
        self.ranked_commits += 1

    def tidy(self) -> bool:
        """Pack the texts anew when too many of them are in no file; say whether that was done."""
        with store_errors():
            live = self._store.live_bytes()
            if self._texts.end - live < max(_MIN_GARBAGE_BYTES, live):
                return False
            self._repack()
            return True

    def close(self) -> None:
        """Let go of everything; what was not committed is dropped."""
        self._ranked.close()
        self._texts.close()
        self._store.close()

    # -- inside

    def _put(self, path: str, known: FileRow | None, content: int, stamp: Stamp) -> int:
        if known is not None and known.content > 0 and known.content != content:
            self._flush_names()
            self._store.drop_names(known.id, name_rows(self._facts(known.content)))
        return self._store.put_file(path, known, content, stamp)

    def _facts(self, content: int) -> Facts:
        blob = self._store.facts(content)
        try:
            return fact_json.decode(blob) if blob else Facts()
        except ValueError as error:
            raise StoreCorrupt(str(error)) from error

    def _flush_names(self) -> None:
        self._store.add_names(self._names)
        self._names, self._names_waiting = [], 0

    def _rank(self, file: int, path: str, content: int, rows: Sequence[StretchRow], *, new: bool) -> None:
        self._ranked_waiting[file] = content
        if rows or not new:
            self._ranked.replace(file, path, content, rows, new=new)

    def _check(self) -> None:
        """Look at the newest texts.

        Raises:
            StoreCorrupt: the store and the texts do not belong together.
        """
        reader = TextReader(self._folder, self.generation, self._texts_name)
        for content in self._store.newest(_CHECKED):
            reader.read(content.start, content.length)

    def _rank_missing(self) -> None:
        """Rank what the last indexer stored and did not live to rank."""
        reader = TextReader(self._folder, self.generation, self._texts_name)
        for file, path, content, start, length in self._store.unranked():
            rows: list[StretchRow] = []
            if content > 0:
                rows = stretch_rows(path, reader.read(start, length), self._facts(content))
            self._rank(file, path, content, rows, new=False)
        self.commit_ranked()

    def _repack(self) -> None:
        reader = TextReader(self._folder, self.generation, self._texts_name)
        head, _, number = self._texts_name.partition("-")
        name = f"{head}-{int(number or '0') + 1}"
        packed = TextWriter(self._folder, self.generation, name)
        for content in self._store.repack():
            self._store.move(content.id, packed.append(reader.read(content.start, content.length)))
        packed.flush()
        self._store.set_meta("texts", name)
        self.revision = self._store.commit()
        self._texts.close()
        self._folder.drop_texts(self.generation, self._texts_name)
        self._texts, self._texts_name = packed, name


_NOTHING = Parsed(b"", [], [])

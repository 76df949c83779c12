"""One generation of an index, for its writer: store, texts, facts and ranked words, kept in step."""

from __future__ import annotations

import time
from collections.abc import Sequence

from lsp_server.workspace.facts import Facts
from lsp_server.workspace.index import fact_json
from lsp_server.workspace.index.base import MAX_TEXT_BYTES, StoreCorrupt
from lsp_server.workspace.index.cache_folder import CacheFolder
from lsp_server.workspace.index.packed import PackedReader, PackedWriter
from lsp_server.workspace.index.parsed import Parsed
from lsp_server.workspace.index.passages import stretches
from lsp_server.workspace.index.ranked import RankedWriter
from lsp_server.workspace.index.store import GONE, Content, FileRow, Stamp, Store, Unranked, store_errors

_MIN_GARBAGE_BYTES = 64_000_000
_MIN_GARBAGE_TEXTS = 5000
"""What no file has any more is kept up to this, or up to as much as is in use: a branch may come back."""
_CHECKED = 8
"""Contents, the newest, whose texts are looked at when an index is opened."""
_RANKED_AT_ONCE = 20
_RANKED_SECONDS = 3.0
"""Readers see ranked words this often while many are added."""


class Storage:
    """What the indexer writes to. Nothing is seen by readers before `commit`; ranked words follow with `rank`.

    Every method may raise CacheUnusable when the disk is full and StoreCorrupt when the index is damaged.
    """

    def __init__(self, folder: CacheFolder, generation: str, *, new: bool) -> None:
        self.generation = generation
        self.revision = 0
        """What readers see; grows with every commit that changed anything."""
        self._folder = folder
        self._ranked: RankedWriter | None = None
        self._ranked_waiting: list[tuple[int, int]] = []
        self._ranked_last = 0
        self._ranked_since = 0.0
        self._ranked_clean = new
        """Whether the store tells truly which files have no ranked words: an indexer may die between two commits."""
        with store_errors():
            self._store = Store(folder.database(generation, write=True), new=new)
            if new:
                self._store.set_meta("pack", "1")
            self._pack = int(self._store.meta("pack", "1"))
            self._texts, self._facts = self._packed(self._pack)
            self._looked_at = self._texts.end
            """How long the texts were when it was last looked for those in no file."""
            folder.keep_packed(generation, packed_names(self._pack))
            self._check()
            self._store.forget_gone()
            self.revision = self._store.commit()

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

    def count_unranked(self) -> int:
        """Return how many files' ranked words are not yet those of their text."""
        with store_errors():
            return self._store.count_unranked()

    @property
    def text_bytes(self) -> int:
        """How long the texts are together, those no longer in use included."""
        return self._texts.end

    # -- writing

    def reserve(self) -> int:
        """Return a number for a text that is to be added."""
        return self._store.reserve()

    def add(self, number: int, key: bytes, data: bytes, parsed: Parsed | None) -> None:
        """Keep a text that was never seen before; without `parsed`, one of no language."""
        start = self._texts.append(data)
        facts = self._facts.append(parsed.facts) if parsed is not None and parsed.facts else 0
        size = len(parsed.facts) if parsed is not None else -1
        with store_errors():
            self._store.add_content(
                key, Content(number, start, len(data), facts, size), parsed.names if parsed is not None else []
            )

    def assign(self, path: str, known: FileRow | None, content: int, stamp: Stamp) -> None:
        """Let a file hold a content, have no text to see (NO_TEXT), or be gone (GONE)."""
        if known is not None or content != GONE:
            self._store.put_file(path, known, content, stamp)

    def commit(self) -> None:
        """Show readers what was written."""
        self._texts.flush()
        self._facts.flush()
        self.revision = self._store.commit()

    def rank(self, seconds: float) -> bool:
        """Bring the ranked words of some files up to date, for about so long; say whether that was all."""
        until = time.monotonic() + seconds
        if self._ranked is None:
            self._ranked = RankedWriter(self._folder.ranked(self.generation))
        if not self._ranked_waiting:
            self._ranked_since = time.monotonic()
        while True:
            with store_errors():
                files = self._store.unranked(self._ranked_last, _RANKED_AT_ONCE)
            if not files:
                self._commit_ranked()
                if not self._ranked_last:
                    self._ranked_clean = True
                    return True
                self._ranked_last = 0  # what changed meanwhile
                continue
            self._rank(self._ranked, files)
            if time.monotonic() > until:
                break
        if time.monotonic() > self._ranked_since + _RANKED_SECONDS:
            self._commit_ranked()
        return False

    @property
    def has_grown(self) -> bool:
        """Whether `tidy` may find something: a file that is written on and on leaves a text each time."""
        return self._texts.end - self._looked_at >= _MIN_GARBAGE_BYTES

    def tidy(self) -> bool:
        """Pack the texts anew when too many of them are in no file; say whether that was done."""
        with store_errors():
            texts, garbage = self._store.unused()
            live = self._texts.end - garbage
            most = live if self._texts.end < MAX_TEXT_BYTES // 2 else 0  # rather often than that one does not fit
            due = garbage >= max(_MIN_GARBAGE_BYTES, most) or texts >= max(_MIN_GARBAGE_TEXTS, self._store.count())
            if due:
                self._repack()
        self._looked_at = self._texts.end
        return due

    def close(self) -> None:
        """Let go of everything; what was not committed is dropped."""
        if self._ranked is not None:
            self._ranked.close()
        self._texts.close()
        self._facts.close()
        self._store.close()

    # -- inside

    def _packed(self, pack: int) -> tuple[PackedWriter, PackedWriter]:
        texts, facts = packed_names(pack)
        return PackedWriter(self._folder, self.generation, texts), PackedWriter(self._folder, self.generation, facts)

    def _readers(self) -> tuple[PackedReader, PackedReader]:
        texts, facts = packed_names(self._pack)
        return PackedReader(self._folder, self.generation, texts), PackedReader(self._folder, self.generation, facts)

    def _check(self) -> None:
        """Look at the newest texts.

        Raises:
            StoreCorrupt: the store and the texts do not belong together.
        """
        texts, facts = self._readers()
        for content in self._store.newest(_CHECKED):
            texts.read(content.start, content.length)
            if content.size > 0:
                facts.read(content.facts, content.size)

    def _rank(self, ranked: RankedWriter, files: Sequence[Unranked]) -> None:
        texts, facts = self._readers()
        for file in files:
            found = stretches(file.path, *_read(file.text, texts, facts)) if file.text is not None else ()
            ranked.replace(file.file, file.path, file.content, found, new=file.new and self._ranked_clean)
            self._ranked_waiting.append((file.content, file.file))
            self._ranked_last = file.file

    def _commit_ranked(self) -> None:
        if self._ranked is None or not self._ranked_waiting:
            return
        self._ranked.commit()
        with store_errors():
            self._store.set_ranked(self._ranked_waiting)
            self.revision = self._store.commit()
        self._ranked_waiting = []
        self._ranked_since = time.monotonic()

    def _repack(self) -> None:
        texts, facts = self._readers()
        old = packed_names(self._pack)
        packed = self._packed(self._pack + 1)
        for content in self._store.repack():
            start = packed[0].append(texts.read(content.start, content.length))
            size = content.size
            self._store.move(content.id, start, packed[1].append(facts.read(content.facts, size)) if size > 0 else 0)
        for written in packed:
            written.flush()
        self._pack += 1
        self._store.set_meta("pack", str(self._pack))
        self.revision = self._store.commit()
        self._texts.close()
        self._facts.close()
        for name in old:
            self._folder.drop_packed(self.generation, name)
        self._texts, self._facts = packed


def packed_names(pack: int) -> tuple[str, str]:
    """Return the names of the files that texts and facts lie in, by how often they were packed."""
    return f"texts-{pack}", f"facts-{pack}"


def _read(text: Content, texts: PackedReader, facts: PackedReader) -> tuple[bytes, Facts]:
    blob = facts.read(text.facts, text.size) if text.size > 0 else b""
    try:
        return texts.read(text.start, text.length), fact_json.decode(blob) if blob else Facts()
    except ValueError as error:
        raise StoreCorrupt(str(error)) from error

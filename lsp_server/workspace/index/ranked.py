"""Ranked words: stretches of files in a full-text index (BM25 over path, name, comment and body).

Written by the indexer, read by the windows; the library is loaded with the first query.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import attrs

from lsp_server.workspace.index.base import CacheUnusable, StoreCorrupt
from lsp_server.workspace.index.passages import Stretch
from lsp_server.workspace.index.words import spaced, words

_ANALYSER = "code"
_TEXT_FIELDS = ("path", "name", "doc", "body")
BOOSTS: Mapping[str, float] = {"path": 1.5, "name": 2.5, "doc": 1.5, "body": 1.0}
HELD = 6.0
"""Of each word that a stretch holds anywhere: one that holds them all tells more than one that repeats one."""
_SHOWN = "shown"
"""Content, first line, last line and name of a stretch, as one value: each costs time."""
_HEAP_BYTES = 40_000_000
"""Of the writer: more makes a cold start faster, up to about this."""


@attrs.frozen
class RankedHit:
    """A stretch that matches, as it stood when it was indexed."""

    file: int
    content: int
    start: int
    end: int
    name: str
    score: float


def _analyser() -> Any:
    import tantivy  # noqa: PLC0415 - loaded when needed

    plain = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    lower = plain.filter(tantivy.Filter.remove_long(60)).filter(tantivy.Filter.lowercase())
    return lower.filter(tantivy.Filter.ascii_fold()).filter(tantivy.Filter.stemmer("english")).build()


def _opened(folder: Path) -> Any:
    import tantivy  # noqa: PLC0415 - loaded when needed

    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("file", stored=True, indexed=True)
    builder.add_bytes_field(_SHOWN, stored=True)
    for name in _TEXT_FIELDS:
        builder.add_text_field(name, tokenizer_name=_ANALYSER, index_option="freq")
    index = tantivy.Index(builder.build(), path=str(folder))
    index.register_tokenizer(_ANALYSER, _analyser())
    return index


@contextlib.contextmanager
def ranked_errors() -> Generator[None]:
    """Turn the library's errors into ours.

    Raises:
        CacheUnusable: the disk is full.
        StoreCorrupt: anything else.
    """
    try:
        yield
    except (ValueError, OSError, RuntimeError) as error:
        if "No space left" in str(error) or "Disk quota" in str(error):
            raise CacheUnusable("The index cannot be kept: the disk is full.") from error
        raise StoreCorrupt(str(error)) from error
    except BaseException as error:
        # what the library raises where damaged files lead it astray; it has no name that could be imported
        if type(error).__name__ != "PanicException":
            raise
        raise StoreCorrupt(str(error)) from error


class RankedWriter:
    """Adds and removes the stretches of files; `commit` shows them to readers."""

    def __init__(self, folder: Path) -> None:
        """Open the index, made where it is missing.

        Raises:
            StoreCorrupt: it is damaged.
            CacheUnusable: the disk is full.
        """
        import tantivy  # noqa: PLC0415 - loaded when needed

        self._document = cast("Any", tantivy.Document)
        self._query = cast("Any", tantivy.Query)
        with ranked_errors():
            self._index = _opened(folder)
            self._writer = self._index.writer(heap_size=_HEAP_BYTES, num_threads=1)

    def replace(self, file: int, path: str, content: int, found: Iterable[Stretch], *, new: bool = False) -> None:
        """Let a file have these stretches and no others; `new` when it never had any."""
        with ranked_errors():
            if not new:
                # by a query: by a term, an unsigned field deletes nothing
                self._writer.delete_documents_by_query(self._query.term_query(self._index.schema, "file", file))
            path_words = spaced(path)
            for stretch in found:
                document = self._document()
                document.add_unsigned("file", file)
                shown = f"{content} {stretch.start} {stretch.end} {stretch.name}"
                document.add_bytes(_SHOWN, shown.encode("utf-8", "replace"))
                document.add_text("path", path_words)
                document.add_text("body", stretch.body)
                if stretch.name:
                    document.add_text("name", spaced(stretch.name))
                if stretch.doc:
                    document.add_text("doc", stretch.doc)
                self._writer.add_document(document)

    def commit(self) -> None:
        """Write what was added and removed.

        Raises:
            StoreCorrupt, CacheUnusable: it cannot be written.
        """
        with ranked_errors():
            self._writer.commit()

    def close(self) -> None:
        """End the library's threads; what was not committed is dropped."""
        with contextlib.suppress(StoreCorrupt, CacheUnusable), ranked_errors():
            self._writer.rollback()
            self._writer.wait_merging_threads()


class RankedReader:
    """Searches what was committed when `reload` was last called."""

    def __init__(self, folder: Path) -> None:
        """Open the index.

        Raises:
            StoreCorrupt: it is missing or damaged.
        """
        with ranked_errors():
            self._index = _opened(folder)
            self.reload()

    def reload(self) -> None:
        """See what was committed since."""
        with ranked_errors():
            self._index.reload()

    def search(self, query: str, limit: int) -> list[RankedHit]:
        """Return the stretches that match the words best, best first.

        Raises:
            StoreCorrupt: the index is damaged.
        """
        asked = words(query)
        if not asked:
            return []
        with ranked_errors():
            searcher = self._index.searcher()
            found = searcher.search(self._query(asked), limit, count=False).hits
            return [_hit(searcher.doc(at), score) for score, at in found]

    def _query(self, asked: Sequence[str]) -> Any:
        """Return what scores a stretch by BM25, and by how many of the words it holds."""
        import tantivy  # noqa: PLC0415 - loaded when needed

        query, should = cast("Any", tantivy.Query), cast("Any", tantivy.Occur).Should
        # lower case, so that no word is an operator of the library's query language
        parts = [self._index.parse_query(" ".join(asked), list(_TEXT_FIELDS), field_boosts=dict(BOOSTS))]
        parts += [query.const_score_query(self._index.parse_query(word, list(_TEXT_FIELDS)), HELD) for word in asked]
        return query.boolean_query([(should, part) for part in parts])


def _hit(document: Any, score: float) -> RankedHit:
    content, start, end, name = bytes(document.get_first(_SHOWN)).decode("utf-8").split(" ", 3)
    return RankedHit(document.get_first("file"), int(content), int(start), int(end), name, float(score))

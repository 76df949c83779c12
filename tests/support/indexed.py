"""An index in this process: written and read without the indexer's own process."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from lsp_server.settings import Settings
from lsp_server.workspace.files import Files
from lsp_server.workspace.index.cache_folder import CacheFolder
from lsp_server.workspace.index.coverage import Look, cover
from lsp_server.workspace.index.indexed_view import IndexedView
from lsp_server.workspace.index.indexer import Indexer
from lsp_server.workspace.index.reader import Reader
from lsp_server.workspace.index.storage import Storage
from lsp_server.workspace.index.workers import Workers
from lsp_server.workspace.parse_cache import ParseCache
from lsp_server.workspace.scope import Scope, never


class Indexed:
    """One folder, its index, and looks at both."""

    def __init__(self, root: Path, workers: Workers, settings: Settings | None = None) -> None:
        self.root = root
        self.settings = settings or Settings()
        self.files = Files(Scope([root], self.settings))
        self.parsed = ParseCache()
        self.folder = CacheFolder.of(root, self.settings)
        self.folder.make()
        generation = self.folder.current()
        self.storage = Storage(self.folder, generation or self.folder.fresh(), new=not generation)
        self.folder.swap(self.storage.generation)
        self.indexer = Indexer(Scope([root], self.settings), self.storage, workers, lambda: None)
        self.reader = Reader(self.folder, self.storage.generation)

    def view(self, *, verified: bool = False, doubtful: frozenset[str] = frozenset()) -> IndexedView:
        """Return a look through the index as it is now."""
        snapshot = self.reader.refresh(self.storage.revision)
        look = Look(self.reader, snapshot, True, doubtful, lambda: None)
        part = cover(self.root, look, self.files, never, verified=verified)
        return IndexedView(
            self.files, {str(self.root): part}, lambda located, data: self.parsed.facts(located.name, data)
        )

    def rank(self) -> None:
        """Bring the ranked words up to date."""
        while not self.indexer.rank():
            pass

    def close(self) -> None:
        """Let go of the index."""
        self.reader.close()
        self.storage.close()


@contextmanager
def indexed(root: Path, workers: Workers, settings: Settings | None = None) -> Generator[Indexed]:
    """Yield the opened index of a folder; nothing is scanned yet."""
    opened = Indexed(root, workers, settings)
    try:
        yield opened
    finally:
        opened.close()

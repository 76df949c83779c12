"""A small workspace for tests of what names in it mean: files as text, places as marked snippets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lsp_server.settings import Settings
from lsp_server.workspace.card import Card, card
from lsp_server.workspace.direct_view import DirectView
from lsp_server.workspace.explaining import ExplainTarget, explain_target
from lsp_server.workspace.facts import Definition, Facts, Role
from lsp_server.workspace.files import Files
from lsp_server.workspace.last_change import LastChanges
from lsp_server.workspace.linear_regex import Regex
from lsp_server.workspace.parse_cache import ParseCache
from lsp_server.workspace.places import Located
from lsp_server.workspace.view import Cancelled, Freshness, Passage, View, Wanted
from lsp_server.workspace.workspace import Workspace
from support.shop import write

MARK = "\u2038"
"""Stands in a snippet before the character that is asked about."""


class Looking:
    """Asks about places in some files."""

    def __init__(self, root: Path, files: Mapping[str, str]) -> None:
        root.mkdir(exist_ok=True)
        for path, text in files.items():
            write(root, path, text)
        self.workspace = Workspace([root], Settings())
        self.view: View = DirectView(self.workspace.files, ParseCache())

    def located(self, path: str) -> Located:
        """The file at a path."""
        return self.workspace.scope.locate(path)

    def offset(self, path: str, snippet: str) -> int:
        """The byte offset of the mark; the snippet without it must stand in the file."""
        before, _, after = snippet.partition(MARK)
        text = self.workspace.files.data(self.located(path)).decode()
        return len(text[: text.index(before + after) + len(before)].encode())

    def card(self, path: str, snippet: str, changes: LastChanges | None = None) -> Card | None:
        """The card of a marked place."""
        return card(self.view, self.located(path), self.offset(path, snippet), changes)

    def meaning(self, path: str, snippet: str) -> str:
        """What a marked place means, as `path:name`, led by `?` where only its name says so; empty for nothing."""
        found = self.card(path, snippet)
        if found is None:
            return ""
        return f"{'?' if found.by_name else ''}{found.place.path}:{found.name}"

    def target(self, path: str, snippet: str, length: int | None = None) -> ExplainTarget | None:
        """What there is to explain at a mark, or in so many bytes from it."""
        start = self.offset(path, snippet)
        return explain_target(self.view, self.located(path), start, None if length is None else start + length)


class RecordingView:
    """A view that counts what it is asked, and answers about names from what it was told before, as an index does."""

    def __init__(self, inner: View) -> None:
        self.files: Files = inner.files
        self.asked: Counter[str] = Counter()
        self.touched: set[str] = set()
        self._inner = inner

    @property
    def freshness(self) -> Freshness:
        return self._inner.freshness

    def listed(self, wanted: Wanted, cancelled: Cancelled) -> list[Located]:
        self.asked["listed"] += 1
        return self._inner.listed(wanted, cancelled)

    def data(self, located: Located) -> bytes | None:
        found = self._inner.data(located)
        if found is not None:
            self.touched.add(located.relative)
        return found

    def facts(self, located: Located) -> Facts:
        self.asked["facts"] += 1
        self.touched.add(located.relative)
        return self._inner.facts(located)

    def definitions(self, located: Located, name: str = "") -> Sequence[Definition]:
        self.asked["definitions"] += 1
        self.touched.add(located.relative)
        return self._inner.definitions(located, name)

    def naming(self, name: str, roles: Sequence[Role], cancelled: Cancelled, *, fold: bool = False) -> list[Located]:
        self.asked["naming"] += 1
        return self._inner.naming(name, roles, cancelled, fold=fold)

    def uses(self, name: str) -> int:
        self.asked["uses"] += 1
        return self._inner.uses(name)

    def symbol_names(self, cancelled: Cancelled) -> bytes:
        self.asked["symbol_names"] += 1
        return self._inner.symbol_names(cancelled)

    def holding(self, sieve: Regex, wanted: Wanted, cancelled: Cancelled) -> Iterator[tuple[Located, bytes]]:
        self.asked["holding"] += 1
        return self._inner.holding(sieve, wanted, cancelled)

    def ranked(self, words: str, limit: int, cancelled: Cancelled) -> list[Passage]:
        self.asked["ranked"] += 1
        return self._inner.ranked(words, limit, cancelled)

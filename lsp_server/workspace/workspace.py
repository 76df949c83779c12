"""One workspace: the folders that are open, and the tools over them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import attrs

from lsp_server.errors import OutOfScope
from lsp_server.kinds import SearchKind
from lsp_server.settings import Settings
from lsp_server.workspace import commands, lookup, search
from lsp_server.workspace.direct_view import DirectView
from lsp_server.workspace.files import Files, split_lines
from lsp_server.workspace.hits import Found, Hit
from lsp_server.workspace.index.base import IndexState
from lsp_server.workspace.index.indexes import Indexes
from lsp_server.workspace.nearest import is_phrase, nearest
from lsp_server.workspace.parse_cache import ParseCache
from lsp_server.workspace.places import Located
from lsp_server.workspace.problems import ToolProblem, scope_as_problem
from lsp_server.workspace.rows import CommandOutput, FileSlice, LookupHit, Rows, SymbolRow, TextRow, cut
from lsp_server.workspace.scope import Scope, never
from lsp_server.workspace.searching import find as searching
from lsp_server.workspace.similar import similar_files
from lsp_server.workspace.symbols import SymbolQuery, find_symbols
from lsp_server.workspace.view import View

Cancelled = Callable[[], bool]


@attrs.define
class _Trust:
    trusted: bool = True


@attrs.define
class _Index:
    indexes: Indexes | None = None


class Workspace:
    """The tools over some folders; synchronous, and safe to use from several threads.

    Every tool raises `ToolProblem` for what its caller can correct. `Files` and `resolve_uri` raise `OutOfScope`.
    """

    def __init__(self, roots: Sequence[Path], settings: Settings) -> None:
        """Open the folders.

        Raises:
            WorkspaceUnusable: one is missing, no folder or unreadable; an empty folder is fine.
        """
        self.settings = settings
        self.scope = Scope(roots, settings)
        self.files = Files(self.scope)
        self._parsed = ParseCache()
        self._trust = _Trust()
        self._index = _Index()

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders, absolute, links resolved, without those inside another."""
        return self.scope.roots

    @property
    def trusted(self) -> bool:
        """Whether the person trusts the workspace; without it no command is run. Shared with every view."""
        return self._trust.trusted

    @trusted.setter
    def trusted(self, value: bool) -> None:
        self._trust.trusted = value

    def for_question(self, question: str) -> Workspace:
        """Return a view in which the ignored files that a person's question names by path are open, secrets never.

        It shares folders, buffers, caches and trust with this workspace and is used for that one question.
        """
        return self._naming(lookup.files_named(self.files, question))

    def allow_path(self, *paths: str) -> Workspace:
        """Return a view in which ignored files are open, secrets never: for paths that the person gave."""
        named: list[Located] = []
        for path in paths:
            with suppress(OutOfScope):
                named.append(self.scope.locate(path, even_ignored=True))
        return self._naming(named)

    def _naming(self, named: Iterable[Located]) -> Workspace:
        opened = [located for located in named if self.scope.is_ignored(located, folder=False)]
        if not opened:
            return self
        view = copy.copy(self)
        view.scope = self.scope.naming(opened)
        view.files = self.files.through(view.scope)
        return view

    def open_index(self, on_state: Callable[[IndexState], None], *, watch: bool = False) -> None:
        """Find or start the index of each folder, and answer from it from now on.

        Args:
            on_state: is called, from other threads, whenever `index_state` has changed.
            watch: nobody will call `files_changed`, so that the index must watch the files itself.
        """
        self._index.indexes = Indexes(self.files, self.settings, self._parsed, on_state, watch=watch)

    def close(self) -> None:
        """Let go of the index; it stays on the disk."""
        indexes, self._index.indexes = self._index.indexes, None
        if indexes is not None:
            indexes.close()

    @property
    def index_state(self) -> IndexState:
        """What the index is doing; `direct` where none was opened."""
        indexes = self._index.indexes
        return IndexState("direct") if indexes is None else indexes.state

    def files_changed(self, paths: Sequence[Path]) -> None:
        """Hear of files and folders that were made, changed or removed: at once, every view reads them itself."""
        if self._index.indexes is not None:
            self._index.indexes.files_changed(paths)

    def wait_ready(self, timeout: float, cancelled: Cancelled = never, *, ranked: bool = False) -> bool:
        """Wait until the index is ready, with `ranked` its ranked words too, at most `timeout` seconds.

        Returns:
            Whether it is; False at once when no index can be had.
        """
        return self._index.indexes is not None and self._index.indexes.wait(timeout, cancelled, ranked=ranked)

    def cancel_indexing(self) -> None:
        """Stop indexing until a file changes; what is not indexed is read."""
        if self._index.indexes is not None:
            self._index.indexes.cancel()

    def view(self, *, verified: bool = False, cancelled: Cancelled = never) -> View:
        """Return a look at all files for one query.

        Args:
            verified: compare every file with the index now, instead of trusting what is told of changes.
            cancelled: stops that comparison.
        """
        indexes = self._index.indexes
        if indexes is None:
            return DirectView(self.files, self._parsed)
        return indexes.view(self.files, cancelled, verified=verified)

    def search(
        self,
        pattern: str,
        *,
        regex: bool = False,
        glob: str | None = None,
        about: str = "",
        cancelled: Cancelled = never,
    ) -> Rows[TextRow]:
        """Search lines; without upper-case letters the pattern ignores case (see `search.compile_pattern`).

        Where no line of code holds a phrase of plain words, the lines nearest to it by its words come first, and by
        those of the question that it is `about`.
        """
        view = self.view(verified=True, cancelled=cancelled)
        found = search.search(view, pattern, regex=regex, glob=glob, cancelled=cancelled)
        if found.in_code or regex or not is_phrase(pattern):
            return found
        return nearest(view, pattern, found, about=about, glob=glob, cancelled=cancelled)

    def find(
        self,
        query: str,
        kind: SearchKind = "auto",
        limit: int = 50,
        cancelled: Cancelled = never,
        first: Callable[[tuple[Hit, ...]], None] | None = None,
    ) -> Found:
        """Search as a person types: names, text, expressions, words, `calls:NAME` and its like.

        Args:
            query: what was typed.
            kind: how to take it; `auto` decides by its looks and by what there is.
            limit: the most hits to return.
            cancelled: ends the search, which returns what it has.
            first: hears better and better lists while the search goes on.

        Raises:
            ToolProblem: the query cannot be used.
        """
        return searching.find(
            self.view(cancelled=cancelled), query, kind, limit=limit, cancelled=cancelled, first=first
        )

    def symbols(  # noqa: PLR0913 - the tool's own six parameters
        self,
        *,
        name: str | None = None,
        kind: str | None = None,
        inherits: str | None = None,
        decorated_by: str | None = None,
        calls: str | None = None,
        raises: str | None = None,
        cancelled: Cancelled = never,
    ) -> Rows[SymbolRow]:
        """Find definitions, or with `calls` or `raises` the sites inside them (see `symbols.SymbolQuery`)."""
        query = SymbolQuery.parse(
            name=name, kind=kind, inherits=inherits, decorated_by=decorated_by, calls=calls, raises=raises
        )
        return find_symbols(self.view(verified=True, cancelled=cancelled), query, cancelled)

    def read(self, path: str, start: int | None = None, end: int | None = None) -> FileSlice:
        """Return the lines `start` to `end` of a file, one-based and inclusive; the whole file by default.

        Raises:
            ToolProblem: the file may not be read or has no such lines.
        """
        with scope_as_problem():
            located = self.scope.locate(path)
            try:
                lines = split_lines(self.files.data(located))
            except OutOfScope as error:
                others = similar_files(self.files, path) if not located.exists else ()
                hint = f"There is {', '.join(others)}." if others else error.hint
                raise ToolProblem(error.sentence, hint) from error
        first, final = _bounds(self.scope.show(located), len(lines), start, end)
        shown = tuple(cut(line) for line in lines[first - 1 : final])
        return FileSlice(self.files.place(located, first, max(first, final)), shown, len(lines))

    def run_command(self, command: str, cancelled: Cancelled = never) -> CommandOutput:
        """Run a read-only command (see `commands.run_command`)."""
        return commands.run_command(self.files, command, trusted=self.trusted, cancelled=cancelled)

    def lookup(self, text: str) -> tuple[LookupHit, ...]:
        """Return the names and paths of a question that exist; bounded in time, never raises."""
        return lookup.lookup(self.view(verified=True), text)

    def line_text(self, path: str, line: int) -> str | None:
        """Return one line, one-based, of the buffer or file; None when there is no such line to see."""
        return self.files.line_text(path, line)

    def content_hash(self, path: str) -> str:
        """Return a hash of the buffer's or file's text.

        Raises:
            OutOfScope: the file may not or cannot be read.
        """
        return self.files.content_hash(path)

    def resolve_uri(self, uri: str) -> tuple[Path, str]:
        """Return the folder and the relative path of a URI.

        Raises:
            OutOfScope: it is no file, lies outside, is secret or ignored.
        """
        located = self.scope.locate_uri(uri)
        return located.root, located.relative


def _bounds(shown: str, total: int, start: int | None, end: int | None) -> tuple[int, int]:
    first = 1 if start is None else start
    final = total if end is None else min(end, total)
    if first < 1 or (end is not None and end < first):
        raise ToolProblem(f"Lines {first} to {end} are no range.", "Lines count from 1, and start comes before end.")
    if first > max(total, 1):
        raise ToolProblem(f"{shown} has {total} lines; there is no line {first}.", f"Read up to line {total}.")
    return first, final

"""`inglenook/search`, the command `inglenook.search` and `workspace/symbol`: places that match a query."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import anyio
import attrs
from lsprotocol import types

from lsp_server.errors import BadRequest
from lsp_server.lsp import failures
from lsp_server.lsp.commands import command_params
from lsp_server.lsp.hits import HitWriter
from lsp_server.lsp.progress import WorkDone, work_done
from lsp_server.lsp.ranges import encoding_of
from lsp_server.wire import HitsPart, IndexFreshness, SearchHit, SearchParams, SearchResult

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer
    from lsp_server.lsp.threads import Cancelled
    from lsp_server.workspace.columns import Encoding
    from lsp_server.workspace.hits import Hit
    from lsp_server.workspace.workspace import Workspace

DEFAULT_LIMIT = 50
MOST_HITS = 1000


class Searches:
    """At most one search runs for a client: whoever types on wants no answer to the beginning of the word."""

    def __init__(self) -> None:
        self._running: anyio.CancelScope | None = None

    @contextmanager
    def only(self) -> Generator[None]:
        """Cancel the search that runs, and run the block as the one that a newer search cancels.

        Raises:
            Superseded: a newer one came.
        """
        if self._running is not None:
            self._running.cancel()
        with anyio.CancelScope() as scope:
            self._running = scope
            try:
                yield
            finally:
                if self._running is scope:
                    self._running = None
        if scope.cancelled_caught:
            raise failures.Superseded


async def search(ls: InglenookServer, params: SearchParams) -> SearchResult:
    """Search, for a client that speaks our requests."""
    return await _search(ls, params, create_progress=False)


async def search_command(ls: InglenookServer, params: types.ExecuteCommandParams) -> SearchResult:
    """Search, for any editor: the one argument is the query, or holds the request's parameters."""
    return await _search(ls, command_params(ls, params, SearchParams), create_progress=True)


async def _search(ls: InglenookServer, params: SearchParams, *, create_progress: bool) -> SearchResult:
    limit = DEFAULT_LIMIT if params.limit is None else params.limit
    if not 1 <= limit <= MOST_HITS:
        raise BadRequest(f"A search cannot return {limit} hits.", f"Ask for 1 to {MOST_HITS:,}.")
    asked = attrs.evolve(params, query=params.query.encode("utf-8", "replace").decode(), limit=limit)
    with (
        ls.searches.only(),
        anyio.CancelScope() as scope,
        work_done(ls, "Search", token=params.work_done_token, cancel=scope.cancel, create=create_progress) as progress,
    ):
        async with ls.session.look() as (_bench, workspace):
            if params.wait:
                await _index_ready(ls, workspace, progress, ranked=params.kind in {"auto", "words"})
            with _parts(ls, params) as send:
                result = await ls.threads.long(_Task(workspace, asked, encoding_of(ls), send).run)
        progress.ending = summary(result)
        return result
    raise failures.Cancelled


async def _index_ready(ls: InglenookServer, workspace: Workspace, progress: WorkDone, *, ranked: bool) -> None:
    """Wait until everything is indexed, with `ranked` by words too, and tell meanwhile how far that has come."""

    def told() -> None:
        state = workspace.index_state
        progress.report(state.message or "Indexing", state.percent)

    with ls.indexing.telling(told):
        told()
        await ls.threads.long(partial(workspace.wait_ready, math.inf, ranked=ranked))


def summary(result: SearchResult) -> str:
    """Return a line about a result, for a person."""
    hits, files = _counted(result.total, "hit"), _counted(result.freshness.files, "file")
    stale = f" · {result.freshness.stale:,} not yet indexed" if result.freshness.stale else ""
    return f"{hits} · {files} searched · {result.elapsed_ms:.0f} ms{stale}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


Send = Callable[[tuple[SearchHit, ...]], None]


@contextmanager
def _parts(ls: InglenookServer, params: SearchParams) -> Generator[Send | None]:
    """Lend a function, for any thread, that sends the best hits so far; it is silent once the request is answered."""
    token = params.partial_result_token
    answered = False

    def send(hits: tuple[SearchHit, ...]) -> None:
        if token is not None and not answered:
            ls.protocol.notify(types.PROGRESS, types.ProgressParams(token=token, value=HitsPart(hits)))

    try:
        yield None if token is None else partial(ls.soon, send)
    finally:
        answered = True


@attrs.frozen
class _Task:
    """One search, to be run in a thread."""

    workspace: Workspace
    params: SearchParams
    encoding: Encoding
    send: Send | None

    def run(self, cancelled: Cancelled) -> SearchResult:
        """Search, and write the hits for the client.

        Raises:
            BadRequest: the query cannot be used.
        """
        from lsp_server.workspace.problems import ToolProblem  # noqa: PLC0415 - the room may load late

        writer = HitWriter(self.workspace, self.encoding)
        first = None if self.send is None else partial(_tell, writer, self.send)
        began = time.perf_counter()
        try:
            found = self.workspace.find(
                self.params.query, self.params.kind, self.params.limit or DEFAULT_LIMIT, cancelled, first
            )
        except ToolProblem as problem:
            raise BadRequest(problem.sentence, problem.hint) from None
        freshness = IndexFreshness(found.freshness.files, found.freshness.stale, found.freshness.note or None)
        hits = writer.write(found.hits)
        elapsed = round(1000 * (time.perf_counter() - began), 2)
        return SearchResult(hits, found.total, elapsed, freshness, found.kind, found.note or None)


def _tell(writer: HitWriter, send: Send, hits: tuple[Hit, ...]) -> None:
    send(writer.write(hits))

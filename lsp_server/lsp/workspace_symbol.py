"""`workspace/symbol`: the definitions of all files whose names match."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.errors import WorkspaceUnusable
from lsp_server.lsp.hits import HitWriter
from lsp_server.lsp.ranges import encoding_of
from lsp_server.lsp.symbol_kinds import symbol_kind

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer
    from lsp_server.lsp.threads import Cancelled
    from lsp_server.workspace.columns import Encoding
    from lsp_server.workspace.workspace import Workspace

MOST_SYMBOLS = 100


async def workspace_symbol(ls: InglenookServer, params: types.WorkspaceSymbolParams) -> list[types.SymbolInformation]:
    """Return the best matches; none for a query that cannot be used, which a person may still be typing."""
    try:
        async with ls.session.look() as (_bench, workspace):
            return await ls.threads.long(partial(_symbols, workspace, params.query, encoding_of(ls)))
    except WorkspaceUnusable:
        return []


def _symbols(
    workspace: Workspace, query: str, encoding: Encoding, cancelled: Cancelled
) -> list[types.SymbolInformation]:
    from lsp_server.workspace.problems import ToolProblem  # noqa: PLC0415 - the room may load late

    if not query.strip():
        return []
    try:
        found = workspace.find(query.encode("utf-8", "replace").decode(), "symbol", MOST_SYMBOLS, cancelled)
    except ToolProblem:
        return []
    symbols: list[types.SymbolInformation] = []
    for hit, place in HitWriter(workspace, encoding).placed(found.hits):
        container, _, name = hit.name.rpartition(".")
        where = " · ".join(filter(None, (container, workspace.scope.show(hit.located))))
        symbols.append(
            types.SymbolInformation(
                name=name or hit.text.strip(),
                kind=symbol_kind(hit.kind),
                location=types.Location(hit.located.uri, place),
                container_name=where,
            )
        )
    return symbols

"""`textDocument/documentSymbol`: what a file defines, nested where the client shows it so."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.lsp.ranges import Ranges, encoding_of
from lsp_server.lsp.symbol_kinds import symbol_kind
from lsp_server.lsp.threads import glance

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer
    from lsp_server.workspace.columns import Encoding
    from lsp_server.workspace.facts import Definition, Facts
    from lsp_server.workspace.workspace import Workspace

Outline = list[types.DocumentSymbol] | list[types.SymbolInformation]


async def document_symbol(ls: InglenookServer, params: types.DocumentSymbolParams) -> Outline:
    """Return the definitions and headings of a file; none for one outside the workspace."""
    nothing: Outline = []
    look = partial(_outline, uri=params.text_document.uri, encoding=encoding_of(ls), nested=_shows_nested(ls))
    return await glance(ls, look, nothing)


def _shows_nested(ls: InglenookServer) -> bool:
    client = ls.client_capabilities.text_document
    symbols = client.document_symbol if client else None
    return bool(symbols and symbols.hierarchical_document_symbol_support)


def _outline(workspace: Workspace, uri: str, encoding: Encoding, *, nested: bool) -> Outline:
    located = workspace.scope.locate_uri(uri)
    view = workspace.view()
    data = view.data(located)
    if data is None:
        return []
    facts, ranges = view.facts(located), Ranges(data, encoding)
    return _tree(facts, ranges) if nested else _list(facts, ranges, located.uri)


def _tree(facts: Facts, ranges: Ranges) -> list[types.DocumentSymbol]:
    members: list[list[types.DocumentSymbol]] = [[] for _ in facts.definitions]
    top: list[types.DocumentSymbol] = []
    for item, inside in zip(facts.definitions, members, strict=True):
        owner = _around(facts, item)
        (top if owner < 0 else members[owner]).append(_symbol(item, ranges, inside))
    return top


def _symbol(item: Definition, ranges: Ranges, children: list[types.DocumentSymbol]) -> types.DocumentSymbol:
    inside = item.start <= item.name_start <= item.name_end <= item.end
    name = (item.name_start, item.name_end) if inside else (item.start, item.start)
    return types.DocumentSymbol(
        name=_name(item),
        detail=item.signature if item.kind != "heading" else None,
        kind=symbol_kind(item.kind, minor=item.minor),
        range=ranges.range(item.start, item.end),
        selection_range=ranges.range(*name),
        children=children,
    )


def _around(facts: Facts, item: Definition) -> int:
    """Return the innermost owner whose text holds the definition; -1 for the file: a client refuses other nesting."""
    owner = item.owner
    while owner >= 0 and not facts.definitions[owner].start <= item.start <= item.end <= facts.definitions[owner].end:
        owner = facts.definitions[owner].owner
    return owner


def _list(facts: Facts, ranges: Ranges, uri: str) -> list[types.SymbolInformation]:
    return [
        types.SymbolInformation(
            name=_name(item),
            kind=symbol_kind(item.kind, minor=item.minor),
            location=types.Location(uri, ranges.range(item.start, item.end)),
            container_name=facts.definitions[item.owner].name if item.owner >= 0 else None,
        )
        for item in facts.definitions
    ]


def _name(item: Definition) -> str:
    """Return the last part of the name; a client refuses an empty one."""
    name = item.name if item.kind == "heading" else item.name.rpartition(".")[2]
    return name.strip() or "(untitled)"

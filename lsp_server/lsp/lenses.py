"""Code lenses: above each definition how often its name is used. Counted when the lens is seen."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, cast

from lsprotocol import types

from lsp_server.lsp.ranges import Ranges, encoding_of
from lsp_server.lsp.threads import glance
from lsp_server.wire import SEARCH_COMMAND

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer
    from lsp_server.workspace.columns import Encoding
    from lsp_server.workspace.workspace import Workspace


async def code_lens(ls: InglenookServer, params: types.CodeLensParams) -> list[types.CodeLens]:
    """Return a lens without count for each definition; none while the setting is off."""
    if not ls.session.settings.code_lens:
        return []
    return await glance(ls, partial(_lenses, uri=params.text_document.uri, encoding=encoding_of(ls)), [])


async def resolve_lens(ls: InglenookServer, lens: types.CodeLens) -> types.CodeLens:
    """Return the lens with its count; its command searches for the name."""
    name = _name(lens.data)
    uses = await glance(ls, lambda workspace: workspace.view().uses(name), 0) if name else 0
    title = "1 use" if uses == 1 else f"{uses:,} uses"
    command = types.Command(title, SEARCH_COMMAND, arguments=[{"query": rf"\b{re.escape(name)}\b", "kind": "regex"}])
    return types.CodeLens(lens.range, command, lens.data)


class Lenses:
    """Whether the client shows lenses, and whether what it shows is still true."""

    def __init__(self, ls: InglenookServer) -> None:
        self._ls = ls
        self._shown = False

    def show(self, shown: bool) -> None:
        """Show lenses from now on, or none."""
        if shown != self._shown:
            self._shown = shown
            self._refresh()

    def recount(self) -> None:
        """Count again: the index has come further."""
        if self._shown:
            self._refresh()

    def _refresh(self) -> None:
        """Have the client ask again, where it can."""
        client = self._ls.client_capabilities.workspace
        if client and client.code_lens and client.code_lens.refresh_support:
            self._ls.protocol.send_request(types.WORKSPACE_CODE_LENS_REFRESH, None)


def _lenses(workspace: Workspace, uri: str, encoding: Encoding) -> list[types.CodeLens]:
    located = workspace.scope.locate_uri(uri)
    view = workspace.view()
    data = view.data(located)
    if data is None:
        return []
    ranges = Ranges(data, encoding)
    return [
        types.CodeLens(ranges.range(item.name_start, item.name_end), data={"name": item.name.rpartition(".")[2]})
        for item in view.facts(located).definitions
        if item.kind != "heading" and not item.minor
    ]


def _name(data: object) -> str:
    """Return the name that a lens of ours bears; a client may send back anything."""
    name: object = cast("dict[str, object]", data).get("name") if isinstance(data, dict) else None
    return name if isinstance(name, str) else ""

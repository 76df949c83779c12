"""`textDocument/hover` at two speeds: the index's facts at once, the model's words when there are any."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import attrs
from lsprotocol import types

from lsp_server.errors import OutOfScope, WorkspaceUnusable
from lsp_server.lsp import hover_card, markdown
from lsp_server.lsp.arguments import about_name, asking, explaining
from lsp_server.lsp.ranges import Ranges, encoding_of
from lsp_server.wire import ASK_COMMAND, EXPLAIN_COMMAND

if TYPE_CHECKING:
    from lsp_server.lsp.bench import Bench
    from lsp_server.lsp.language_server import InglenookServer
    from lsp_server.workspace.card import Card
    from lsp_server.workspace.columns import Encoding
    from lsp_server.workspace.explaining import ExplainTarget
    from lsp_server.workspace.workspace import Workspace


@attrs.frozen
class Seen:
    """What stands under the cursor."""

    card: Card
    target: ExplainTarget | None
    """Without callers: enough to look for words that there are."""
    range: types.Range


async def hover(ls: InglenookServer, params: types.HoverParams) -> types.Hover | None:
    """Return the card of the name at a position; None on what is no name, or lies outside the workspace."""
    try:
        async with ls.session.look() as (bench, workspace):
            place = (params.text_document.uri, params.position, encoding_of(ls))
            seen = await ls.threads.short(partial(_look, bench, workspace, *place))
            if seen is None:
                return None
            ls.prefetch.looking_at(params.text_document.uri)
            words = await _words(ls, bench, workspace, seen)
            return types.Hover(_contents(ls, params, bench, seen.card, words), seen.range)
    except (OutOfScope, WorkspaceUnusable):
        return None


def _look(bench: Bench, workspace: Workspace, uri: str, position: types.Position, encoding: Encoding) -> Seen | None:
    from lsp_server.workspace.card import card  # noqa: PLC0415 - the grammars need not delay `initialize`
    from lsp_server.workspace.columns import offset_of  # noqa: PLC0415
    from lsp_server.workspace.explaining import symbol_target  # noqa: PLC0415

    view = workspace.view()
    located = workspace.scope.locate_uri(uri)
    data = view.data(located)
    offset = None if data is None else offset_of(data, position.line, position.character, encoding)
    if data is None or offset is None:
        return None
    found = card(view, located, offset, bench.changes)
    if found is None:
        return None
    item = None if bench.settings.hover_explain == "off" else found.definition
    target = None if item is None else symbol_target(view, found.located, item, callers=False)
    return Seen(found, target, Ranges(data, encoding).range(*found.token))


async def _words(ls: InglenookServer, bench: Bench, workspace: Workspace, seen: Seen) -> str | None:
    """Return what the model has said of it; where the device is not slow, have it say something for the next time.

    On a device that is known to be fast the hover may wait for the words.
    """
    settings, target = bench.settings, seen.target
    if target is None or bench.agent is None:
        return None
    explainer = bench.agent.explainer
    words = explainer.known(target)
    if words is not None or settings.hover_explain != "automatic" or explainer.fast is False:
        return words
    whole = await ls.threads.short(partial(_whole, workspace, seen.card))
    if whole is None:
        return None
    explainer.begin(whole)
    waits = explainer.fast and settings.hover_wait
    return await explainer.wait(whole, settings.hover_wait / 1000) if waits else None


def _whole(workspace: Workspace, card: Card) -> ExplainTarget | None:
    from lsp_server.workspace.explaining import symbol_target  # noqa: PLC0415 - as above

    return None if card.definition is None else symbol_target(workspace.view(), card.located, card.definition)


def _contents(
    ls: InglenookServer, params: types.HoverParams, bench: Bench, card: Card, words: str | None
) -> types.MarkupContent:
    if not _shows_markdown(ls):
        return types.MarkupContent(types.MarkupKind.PlainText, hover_card.as_plain(card, words))
    links = ()
    if ls.options.trusted_commands and card.definition is not None and bench.settings.hover_explain != "off":
        links = _links(params, card.name, known=words is not None)
    return types.MarkupContent(types.MarkupKind.Markdown, hover_card.as_markdown(card, words, links))


def _links(params: types.HoverParams, name: str, *, known: bool) -> tuple[str, ...]:
    """Return links that have the model explain the symbol (again, where its words are known), and that ask about it."""
    uri = params.text_document.uri
    place = explaining(uri, params.position)
    return (
        markdown.command_link("Explain again", EXPLAIN_COMMAND, [place | {"refresh": True}])
        if known
        else markdown.command_link("Explain", EXPLAIN_COMMAND, [place]),
        markdown.command_link("Ask", ASK_COMMAND, [asking(about_name(name), uri)]),
    )


def _shows_markdown(ls: InglenookServer) -> bool:
    client = ls.client_capabilities.text_document
    formats = client.hover.content_format if client and client.hover else None
    return types.MarkupKind.Markdown in (formats or ())

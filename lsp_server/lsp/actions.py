"""Code actions "Ask about this" and "Explain this", on a selection or on a name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.lsp.arguments import about_name, asking, explaining
from lsp_server.lsp.ranges import encoding_of
from lsp_server.lsp.threads import glance
from lsp_server.wire import ASK_COMMAND, EXPLAIN_COMMAND

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer
    from lsp_server.workspace.columns import Encoding
    from lsp_server.workspace.workspace import Workspace

ASK_KIND = "inglenook.ask"
EXPLAIN_KIND = "inglenook.explain"
KINDS = (ASK_KIND, EXPLAIN_KIND)
"""Of no standard kind: nothing is changed, so no action may run by itself on saving or fixing."""

Action = types.CodeAction | types.Command


async def code_action(ls: InglenookServer, params: types.CodeActionParams) -> list[Action]:
    """Return what can be done with what is selected, or with the name at the cursor.

    A client that asks by itself at every move of the cursor is answered for selections alone: a light bulb that
    always shines tells nothing.
    """
    wanted = [kind for kind in KINDS if _is_wanted(kind, params.context.only)]
    selected = params.range.start != params.range.end
    if not wanted or (not selected and params.context.trigger_kind == types.CodeActionTriggerKind.Automatic):
        return []
    place = (params.text_document.uri, params.range.start, encoding_of(ls))
    name = None if selected else await glance(ls, partial(_name_at, place=place), None)
    if not selected and name is None:
        return []
    return [_shaped(ls, command, kind) for kind, command in _commands(params, name) if kind in wanted]


def _is_wanted(kind: str, only: Sequence[types.CodeActionKind | str] | None) -> bool:
    if only is None:
        return True
    asked = [str(getattr(item, "value", item)) for item in only]
    return any(not item or kind == item or kind.startswith(item + ".") for item in asked)


def _name_at(workspace: Workspace, place: tuple[str, types.Position, Encoding]) -> str | None:
    from lsp_server.workspace.columns import offset_of  # noqa: PLC0415 - the grammars need not delay `initialize`
    from lsp_server.workspace.identifiers import identifier_at  # noqa: PLC0415

    uri, position, encoding = place
    located = workspace.scope.locate_uri(uri)
    data = workspace.view().data(located)
    offset = None if data is None else offset_of(data, position.line, position.character, encoding)
    if data is None or offset is None:
        return None
    token = identifier_at(located.name, data, offset)
    return None if token is None else data[token[0] : token[1]].decode("utf-8", "replace")


def _commands(params: types.CodeActionParams, name: str | None) -> Iterator[tuple[str, types.Command]]:
    uri, selected = params.text_document.uri, params.range if name is None else None
    question = "What does this code do?" if name is None else about_name(name)
    yield ASK_KIND, types.Command("Ask about this", ASK_COMMAND, arguments=[asking(question, uri, selected)])
    explained = explaining(uri, params.range.start, selected)
    yield EXPLAIN_KIND, types.Command("Explain this", EXPLAIN_COMMAND, arguments=[explained])


def _shaped(ls: InglenookServer, command: types.Command, kind: str) -> Action:
    """Return an action, or the bare command for a client that knows nothing else."""
    client = ls.client_capabilities.text_document
    literals = client.code_action.code_action_literal_support if client and client.code_action else None
    return types.CodeAction(command.title, kind=kind, command=command) if literals else command

"""`inglenook/explain` and the command `inglenook.explain`: the model's words about a symbol or a selection."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import anyio
from lsprotocol import types

from lsp_server.errors import BadRequest
from lsp_server.lsp import failures
from lsp_server.lsp.commands import command_params
from lsp_server.lsp.progress import work_done
from lsp_server.lsp.ranges import encoding_of
from lsp_server.lsp.streaming import Stream
from lsp_server.trace_lines import timing_line
from lsp_server.wire import ExplainParams, ExplainResult

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer
    from lsp_server.workspace.columns import Encoding
    from lsp_server.workspace.explaining import ExplainTarget
    from lsp_server.workspace.facts import Facts
    from lsp_server.workspace.workspace import Workspace


async def explain(ls: InglenookServer, params: ExplainParams) -> ExplainResult:
    """Explain, for a client that speaks our requests."""
    return await _explain(ls, params, create_progress=False)


async def explain_command(ls: InglenookServer, params: types.ExecuteCommandParams) -> ExplainResult:
    """Explain, for any editor: the one argument holds the request's parameters."""
    return await _explain(ls, command_params(ls, params, ExplainParams), create_progress=True)


async def _explain(ls: InglenookServer, params: ExplainParams, *, create_progress: bool) -> ExplainResult:
    with (
        anyio.CancelScope() as scope,
        work_done(ls, "Explain", token=params.work_done_token, cancel=scope.cancel, create=create_progress) as progress,
    ):
        async with ls.session.use() as (_bench, workspace, agent):
            target = await ls.threads.short(partial(find_target, workspace, params, encoding_of(ls)))
            listener = Stream(ls, params.partial_result_token, progress)
            result = await agent.explainer.explain(target, refresh=params.refresh, listener=listener)
        progress.ending = "Known already" if result.cached else timing_line(result.trace)
        return result
    raise failures.Cancelled


def find_target(workspace: Workspace, params: ExplainParams, encoding: Encoding) -> ExplainTarget:
    """Return what stands at the position, or is selected.

    Raises:
        BadRequest: there is nothing to explain.
        OutOfScope: the file may not be read.
    """
    from lsp_server.workspace.columns import offset_of  # noqa: PLC0415 - the grammars need not delay `initialize`
    from lsp_server.workspace.explaining import explain_target  # noqa: PLC0415

    located = workspace.scope.locate_uri(params.text_document.uri)
    data = workspace.files.data(located)  # says why a file cannot be read
    view, selected = workspace.view(), params.range
    if selected is None or selected.start == selected.end:
        start, end = offset_of(data, params.position.line, params.position.character, encoding), None
        if start is not None and params.position.character == 0:
            start = first_name(view.facts(located), params.position.line + 1, start)
    else:
        start = offset_of(data, selected.start.line, selected.start.character, encoding)
        end = offset_of(data, selected.end.line, selected.end.character, encoding)
        end = len(data) if end is None else end
    target = None if start is None else explain_target(view, located, start, end)
    if target is None:
        raise BadRequest("There is nothing to explain here.", "Put the cursor on a name or select code.")
    return target


def first_name(facts: Facts, line: int, otherwise: int) -> int:
    """Return the first byte of the name that a line, one-based, defines, else of the first that it uses."""
    defined = [item.name_start for item in facts.definitions if item.line == line]
    used = [item.start for item in (*facts.sites, *facts.imports) if item.line == line]
    return min(defined or used, default=otherwise)

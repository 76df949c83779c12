"""`inglenook/ask` and the command `inglenook.ask`: read params, ask, stream, return the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
from lsprotocol import types

from lsp_server.agent.base import Selection
from lsp_server.errors import BadRequest
from lsp_server.lsp import failures
from lsp_server.lsp.commands import command_params
from lsp_server.lsp.progress import work_done
from lsp_server.lsp.streaming import Stream
from lsp_server.trace_lines import timing_line
from lsp_server.wire import AskContext, AskParams, AskResult

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer
    from lsp_server.workspace.workspace import Workspace


async def ask(ls: InglenookServer, params: AskParams) -> AskResult:
    """Answer a question of a client that speaks our requests."""
    return await _ask(ls, params, create_progress=False)


async def ask_command(ls: InglenookServer, params: types.ExecuteCommandParams) -> AskResult:
    """Answer a question of any editor: the first argument is the question, or all of ask's parameters.

    A client that gives no progress token is asked to show a progress of ours, if it can.
    """
    return await _ask(ls, command_params(ls, params, AskParams), create_progress=True)


async def _ask(ls: InglenookServer, params: AskParams, *, create_progress: bool) -> AskResult:
    if not params.question.strip():
        raise BadRequest("The question is empty.", "Write what you want to know.")
    with (
        anyio.CancelScope() as scope,
        work_done(ls, "Ask", token=params.work_done_token, cancel=scope.cancel, create=create_progress) as progress,
    ):
        async with ls.session.use() as (bench, workspace, agent):
            result = await agent.asker.ask(
                params.question.encode("utf-8", "replace").decode(),  # half a surrogate pair is no text
                selection=await _selection(ls, workspace, params.context),
                conversation_id=params.conversation_id,
                listener=Stream(ls, params.partial_result_token, progress),
            )
            ls.diagnostics.show(result, bench.settings.trace_diagnostics)
        progress.ending = timing_line(result.trace)
        return result
    raise failures.Cancelled


async def _selection(ls: InglenookServer, workspace: Workspace, context: AskContext | None) -> Selection | None:
    """Return what was selected; a cursor selects nothing.

    Raises:
        OutOfScope: the selection lies in a file that may not be read.
    """
    if context is None or (selected := context.range) is None or selected.start == selected.end:
        return None
    uri = context.text_document.uri
    return await ls.threads.short(lambda: _read_selection(workspace, uri, selected))


def _read_selection(workspace: Workspace, uri: str, selected: types.Range) -> Selection:
    _root, path = workspace.resolve_uri(uri)
    lines = workspace.files.lines(path)
    start, end = sorted((selected.start, selected.end), key=lambda at: (at.line, at.character))
    last = end.line if end.character == 0 and end.line > start.line else end.line + 1
    first, last = min(start.line + 1, max(len(lines), 1)), max(1, min(last, len(lines)))
    return Selection(uri=uri, path=path, start=first, end=max(first, last), text="\n".join(lines[first - 1 : last]))

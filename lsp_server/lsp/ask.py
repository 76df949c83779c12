"""`inglenook/ask` and the command `inglenook.ask`: read params, ask, stream, return the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import attrs
import cattrs
from lsprotocol import types

from lsp_server.agent.base import Selection
from lsp_server.errors import BadRequest
from lsp_server.lsp import failures
from lsp_server.lsp.progress import WorkDone, work_done
from lsp_server.trace import TOOL_SPANS
from lsp_server.trace_lines import step_line, timing_line
from lsp_server.wire import ASK_COMMAND, AskContext, AskParams, AskPart, AskResult, SpanPart

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
    asked = _command_params(ls, params)
    if asked.work_done_token is None:
        asked = attrs.evolve(asked, work_done_token=params.work_done_token)
    return await _ask(ls, asked, create_progress=True)


def _command_params(ls: InglenookServer, params: types.ExecuteCommandParams) -> AskParams:
    arguments: list[Any] = list(params.arguments or ())
    if len(arguments) != 1:
        raise BadRequest(f"`{ASK_COMMAND}` takes one argument and got {len(arguments)}.", "Give it the question.")
    given = {"question": arguments[0]} if isinstance(arguments[0], str) else arguments[0]
    try:
        return ls.protocol.strict.structure(given, AskParams)
    except (cattrs.BaseValidationError, ValueError, TypeError, KeyError) as error:
        raise failures.bad_params(ASK_COMMAND, error) from None


async def _ask(ls: InglenookServer, params: AskParams, *, create_progress: bool) -> AskResult:
    if not params.question.strip():
        raise BadRequest("The question is empty.", "Write what you want to know.")
    with (
        anyio.CancelScope() as scope,
        work_done(ls, "Ask", token=params.work_done_token, cancel=scope.cancel, create=create_progress) as progress,
    ):
        async with ls.session.use() as bench:
            if bench.asker is None or bench.workspace is None:
                raise failures.Cancelled
            result = await bench.asker.ask(
                params.question.encode("utf-8", "replace").decode(),  # half a surrogate pair is no text
                selection=await _selection(bench.workspace, params.context),
                conversation_id=params.conversation_id,
                listener=_Stream(ls, params, progress),
            )
            ls.diagnostics.show(result, bench.settings.trace_diagnostics)
        progress.ending = timing_line(result.trace)
        return result
    raise failures.Cancelled


class _Stream:
    """Passes an answer on as it is made."""

    def __init__(self, ls: InglenookServer, params: AskParams, progress: WorkDone) -> None:
        self._ls = ls
        self._token = params.partial_result_token
        self._progress = progress

    def part(self, part: AskPart) -> None:
        """Send a partial result; a tool's step is progress too."""
        if self._token is not None:
            self._ls.protocol.notify(types.PROGRESS, types.ProgressParams(token=self._token, value=part))
        if isinstance(part, SpanPart) and part.span.name in TOOL_SPANS:
            span = part.span
            self._progress.report(step_line(span.name, span.arguments, span.summary, span.ms))

    def progress(self, message: str, percent: int | None) -> None:
        """Report the step that runs."""
        self._progress.report(message, percent)


async def _selection(workspace: Workspace, context: AskContext | None) -> Selection | None:
    """Return what was selected; a cursor selects nothing.

    Raises:
        OutOfScope: the selection lies in a file that may not be read.
    """
    if context is None or context.range is None or context.range.start == context.range.end:
        return None
    return await anyio.to_thread.run_sync(_read_selection, workspace, context.text_document.uri, context.range)


def _read_selection(workspace: Workspace, uri: str, selected: types.Range) -> Selection:
    _root, path = workspace.resolve_uri(uri)
    lines = workspace.files.lines(path)
    start, end = sorted((selected.start, selected.end), key=lambda at: (at.line, at.character))
    last = end.line if end.character == 0 and end.line > start.line else end.line + 1
    first, last = min(start.line + 1, max(len(lines), 1)), max(1, min(last, len(lines)))
    return Selection(uri=uri, path=path, start=first, end=max(first, last), text="\n".join(lines[first - 1 : last]))

"""Passes what the model says on as it is said: partial results, and steps as progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.lsp.progress import WorkDone
from lsp_server.trace import TOOL_SPANS
from lsp_server.trace_lines import step_line
from lsp_server.wire import AskPart, ProgressToken, SpanPart

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer


class Stream:
    """The listener of one request."""

    def __init__(self, ls: InglenookServer, token: ProgressToken | None, progress: WorkDone) -> None:
        self._ls = ls
        self._token = token
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

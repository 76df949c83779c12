"""Explanations ahead of time, of what the file that a person looks at defines, where a setting says so."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lsp_server.errors import InglenookError

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer
    from lsp_server.workspace.explaining import ExplainTarget
    from lsp_server.workspace.workspace import Workspace

MOST_SYMBOLS = 24
"""Of one file; whoever reads it will hover over few."""


class Prefetch:
    """Follows the file that is looked at."""

    def __init__(self, ls: InglenookServer) -> None:
        self._ls = ls
        self._uri = ""

    def looking_at(self, uri: str) -> None:
        """A file was opened, or something in it hovered over."""
        if self._ls.session.settings.hover_prefetch and uri != self._uri:
            self._uri = uri
            self._ls.in_background(partial(self._begin, uri))

    async def _begin(self, uri: str) -> None:
        try:
            async with self._ls.session.use() as (bench, workspace, agent):
                targets = await self._ls.threads.short(partial(_targets, workspace, uri))
                if uri == self._uri and bench.settings.hover_explain == "automatic" and agent.explainer.fast:
                    agent.explainer.prefetch(targets)
        except InglenookError:
            return  # without a model, or of a file elsewhere, there is nothing to explain


def _targets(workspace: Workspace, uri: str) -> list[ExplainTarget]:
    from lsp_server.workspace.explaining import explain_target  # noqa: PLC0415 - grammars need not delay `initialize`

    located, view = workspace.scope.locate_uri(uri), workspace.view()
    kinds = {"class", "function", "method"}
    starts = [item.name_start for item in view.facts(located).definitions if item.kind in kinds]
    found = (explain_target(view, located, start) for start in starts[:MOST_SYMBOLS])
    return [target for target in found if target is not None]

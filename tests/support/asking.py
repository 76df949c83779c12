"""An agent over a workspace and a scripted engine, for tests."""

from __future__ import annotations

import attrs

from lsp_server.agent.ask import AskAgent
from lsp_server.agent.base import Selection
from lsp_server.wire import AskResult
from lsp_server.workspace.workspace import Workspace
from support.listening import Heard
from support.scripted_engine import ScriptedEngine


@attrs.define
class Asking:
    """An agent over the sample workspace and a scripted engine."""

    agent: AskAgent
    engine: ScriptedEngine
    workspace: Workspace
    heard: Heard = attrs.field(factory=Heard)

    async def ask(
        self, question: str, conversation_id: str | None = None, selection: Selection | None = None
    ) -> AskResult:
        """Ask with a fresh listener."""
        self.heard = Heard()
        return await self.agent.ask(question, selection=selection, conversation_id=conversation_id, listener=self.heard)

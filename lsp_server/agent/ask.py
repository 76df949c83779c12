"""Answers a question about the workspace: the framework's loop, our model, our tools, checked words."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from types import NoneType

import anyio.to_thread
import attrs
import pydantic_ai
from pydantic_ai import Agent, UsageLimits
from pydantic_ai.exceptions import AgentRunError
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models import Model

from lsp_server.agent import prompts
from lsp_server.agent.base import Asker, Listener, Selection
from lsp_server.agent.citations import CitationChecker
from lsp_server.agent.conversations import Conversation, Conversations, Exchange
from lsp_server.agent.evidence import Shown, whole_lines
from lsp_server.agent.limits import Ledger
from lsp_server.agent.question import checked_question, selected
from lsp_server.agent.results import RESULT_TOKENS
from lsp_server.agent.source import ModelSource, model_settings
from lsp_server.agent.speech import Speech
from lsp_server.agent.tokens import most_tokens
from lsp_server.agent.tools import Toolbox
from lsp_server.agent.toolset import WorkspaceTools
from lsp_server.agent.traits import Traits, traits_of
from lsp_server.agent.turns import Turns
from lsp_server.engine.base import Engine
from lsp_server.errors import InglenookError, QuestionTooLong
from lsp_server.settings import Settings
from lsp_server.trace import Trace
from lsp_server.wire import AskResult
from lsp_server.workspace.workspace import Workspace


def create_agent(settings: Settings, workspace: Workspace, engine: Engine | None) -> Asker:
    """Return the asker; `engine` is None exactly when the settings name an endpoint."""
    return AskAgent(settings, workspace, engine)


@attrs.frozen
class _Prepared:
    """A question that is ready to be put to the model."""

    prompt: str
    system: str
    history: tuple[Exchange, ...]
    left_out: int
    """Exchanges that no longer fit the window."""


class AskAgent:
    """Answers questions; see `base.Asker`."""

    def __init__(self, settings: Settings, workspace: Workspace, engine: Engine | None) -> None:
        pydantic_ai.BANNER_ENABLED = False  # standard error is for what the user asked about
        self._settings = settings
        self._workspace = workspace
        self._source = ModelSource(settings, engine)
        self._conversations = Conversations()
        self._numbers = itertools.count(1)
        # An empty turn is a turn: the framework must not ask again in words of its own.
        self._agent: Agent[None, str | None] = Agent(
            output_type=[str, NoneType], name="ask", retries={"tools": 1000, "output": 0}
        )

    async def ask(
        self,
        question: str,
        *,
        selection: Selection | None = None,
        conversation_id: str | None = None,
        listener: Listener,
    ) -> AskResult:
        """Answer `question`; see `base.Asker.ask`."""
        question = checked_question(question)
        conversation = self._conversations.find(conversation_id)
        async with conversation.turn:
            return await self._answer(question, selection, conversation, listener)

    async def aclose(self) -> None:
        """Close the endpoint's connection, if there is one."""
        await self._source.aclose()

    async def _answer(
        self, question: str, selection: Selection | None, conversation: Conversation, listener: Listener
    ) -> AskResult:
        number, started = next(self._numbers), datetime.now(UTC)
        traits = traits_of(self._settings)
        turns = Turns(self._ledger(traits), listener)
        shown = Shown(conversation.shown.lines)
        workspace = await anyio.to_thread.run_sync(self._workspace.for_question, question)
        prepared = await self._prepare(question, selection, conversation, traits, turns)
        if selection is not None:
            lines = whole_lines(workspace, selection.path, selection.start, selection.end)
            shown.add(selection.path, selection.start, lines)
        model = await self._source.model(turns, prepared.system)
        tools = WorkspaceTools(Toolbox(workspace, shown, question, conversation.asked), turns)
        speech = Speech(CitationChecker(workspace, shown), turns)
        messages = await self._run(prepared, model, tools, speech)
        speech.conclude(tools.outcomes, prepared.left_out)
        conversation.shown = shown
        conversation.keep((*prepared.history, Exchange(question, tuple(messages), turns.context_tokens)))
        self._conversations.remember(conversation)
        return AskResult(
            conversation_id=conversation.id,
            answer=speech.answer,
            outcome=speech.outcome,
            citations=tuple(speech.citations),
            evidence=speech.evidence,
            trace=Trace(
                id=f"ask-{number}",
                model=model.model_name,
                started_at=started.isoformat(),
                total_ms=round(turns.recorder.now_ms(), 1),
                spans=tuple(turns.recorder.spans),
                timing=turns.timing(),
            ),
        )

    def _ledger(self, traits: Traits) -> Ledger:
        return Ledger(
            max_calls=self._settings.max_tool_calls,
            token_budget=self._settings.token_budget,
            max_tokens=self._settings.max_tokens,
            first_call=traits.first_call,
            speak_after_rows=traits.speak_after_rows,
            window=traits.context_tokens,
        )

    async def _prepare(
        self,
        question: str,
        selection: Selection | None,
        conversation: Conversation,
        traits: Traits,
        turns: Turns,
    ) -> _Prepared:
        system = prompts.system_prompt(traits.dialect)
        with turns.recorder.span("lookup") as span:
            hits = await anyio.to_thread.run_sync(self._workspace.lookup, question)
            line = prompts.lookup_line([(hit.name, hit.paths) for hit in hits])
            prompt = prompts.user_turn(question, lookup=line, selection=selected(selection))
            # Room for a call, its result and an answer.
            room = traits.context_tokens - most_tokens(prompt) - 2 * self._settings.max_tokens - 2 * RESULT_TOKENS
            history = _fitting_history(conversation, room, most_tokens(system))
            left_out = len(conversation.exchanges) - len(history)
            span.hits = len(hits)
            span.summary = line or "nothing in the question names a part of this workspace"
            if left_out:
                span.summary += f"; {left_out} oldest exchanges left the window"
        return _Prepared(prompt, system, history, left_out)

    async def _run(
        self, prepared: _Prepared, model: Model, tools: WorkspaceTools, speech: Speech
    ) -> Sequence[ModelMessage]:
        """Let the loop run to its end and return the messages of this exchange."""
        try:
            async with self._agent.run_stream_events(
                prepared.prompt,
                message_history=[message for exchange in prepared.history for message in exchange.messages],
                model=model,
                instructions=prepared.system,
                model_settings=model_settings(self._settings),
                toolsets=[tools],
                usage_limits=UsageLimits(request_limit=None),
                infer_name=False,
            ) as events:
                async for event in events:
                    speech.hear(event)
            return events.new_messages()
        except AgentRunError as error:
            raise InglenookError(f"The answer could not be finished: {error}") from error


def _fitting_history(conversation: Conversation, room: int, system_tokens: int) -> tuple[Exchange, ...]:
    """Return the exchanges that fit beside a new one.

    Raises:
        QuestionTooLong: the question would not fit even alone.
    """
    if system_tokens > room:
        raise QuestionTooLong("The question and the selection do not fit the model's window.")
    if max(conversation.tokens, system_tokens) <= room:
        return conversation.exchanges
    return conversation.trimmed(room)

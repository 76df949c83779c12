"""Plays an example through the product's own agent and records the conversation that it makes of it.

The example says what is asked, called and answered; prompt, lookup line, selection, results and notes are the
product's. What would teach something wrong is refused, with the reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import attrs

from lsp_server.agent.ask import AskAgent
from lsp_server.agent.base import Selection
from lsp_server.agent.narrator import Narrator
from lsp_server.agent.source import ModelSource
from lsp_server.agent.tools import BY_NAME
from lsp_server.dialects import dialect_named
from lsp_server.engine.base import Priority, ToolCall
from lsp_server.errors import InglenookError, OutOfScope
from lsp_server.modelstore import chosen
from lsp_server.resident.chat import Chat
from lsp_server.settings import Settings
from lsp_server.trace import TOOL_SPANS, Span
from lsp_server.wire import AskPart, AskResult
from lsp_server.workspace.explaining import explain_target
from models.data.codebases import Codebase
from models.data.example import Ask, Example, Explanation, ToolKind
from models.data.manners import unmannered
from models.data.playing import PlayedEngine, conversation
from models.data.rows import Row, encode
from models.data.suggested import unsuggested

MOST_TOKENS = 1_024
"""Of a whole conversation, its system message included."""

_TOOL_KINDS = frozenset(get_args(ToolKind))
_MOST_PLACES = 3
"""An answer names no more: the product shows the rows of a list below it."""
_MAY_FAIL = frozenset({"failure", "retry"})
_MAY_MISS = frozenset({"failure", "retry", "not-found"})
_NO_MODEL = Settings(model_path=str(Path(__file__).with_name("no-model")))
"""Settings that choose no model: the agent takes its defaults, under which every turn is free to call or to speak."""


class Refused(Exception):
    """An example that must not become a row; the text is the reason, in a few words that can be counted."""


def load_chat(recipe: str) -> Chat:
    """Return the tokenizer of a recipe's model, in its dialect.

    Raises:
        ModelMissing: the model has not been built.
        ModelRefused: it is damaged.
    """
    folder = chosen(Settings(recipe=recipe))
    return Chat.of_folder(folder.path, dialect_named(folder.manifest.dialect))


class Recorder:
    """Records examples about one codebase."""

    def __init__(self, codebase: Codebase, chat: Chat, most_tokens: int = MOST_TOKENS) -> None:
        """Begin; every example is recorded in a conversation of its own."""
        self._most_tokens = most_tokens
        self._codebase = codebase
        self._chat = chat
        self.engine = PlayedEngine(chat)
        self._agent = AskAgent(_NO_MODEL, codebase.workspace, self.engine)
        self._narrator = Narrator(_NO_MODEL, codebase.workspace, ModelSource(_NO_MODEL, self.engine))

    async def record(self, example: Example) -> Row:
        """Return an example as a row.

        Raises:
            Refused: it would teach something wrong, or is too long.
        """
        if (example.kind in _TOOL_KINDS) != any(ask.calls for ask in example.asks):
            raise Refused("a tool question without a call, or a direct one with a call")
        asks = [attrs.evolve(ask, calls=tuple(map(in_order, ask.calls))) for ask in example.asks]
        self.engine.play(turn for ask in asks for turn in (*ask.calls, ask.answer))
        identity: str | None = None
        for ask in asks:
            steps = _Steps()
            result = await self._ask(ask, identity, steps)
            identity = result.conversation_id
            self._judge(example, ask, result, steps.calls)
        if self.engine.rest:
            raise Refused("not every call was made")
        return self._row(example.kind, example.codebase, example.wording, asks[-1].answer)

    async def explain(self, explanation: Explanation) -> Row:
        """Return an explanation as a row.

        Raises:
            Refused: there is nothing to explain there, or the product would not show the words as they are.
        """
        view, place = self._codebase.workspace.view(), explanation.symbol
        try:
            located = self._codebase.workspace.scope.locate(place.path)
            lines = self._codebase.workspace.files.lines(place.path)
        except OutOfScope as error:
            raise Refused("its file is not there") from error
        before = "".join(f"{line}\n" for line in lines[: place.start - 1])
        indent = len(lines[place.start - 1]) - len(lines[place.start - 1].lstrip()) if place.start <= len(lines) else 0
        target = explain_target(view, located, len(before.encode()) + indent)
        if target is None:
            raise Refused("nothing to explain stands there")
        self.engine.play([explanation.answer])
        try:
            result = await self._narrator.tell(target, Priority.QUESTION, _Steps(), again=False)
        except InglenookError as error:
            raise Refused("the product shows no such explanation") from error
        if result.markdown != explanation.answer:
            raise Refused("the product would show other words")
        return self._row("explanation", explanation.codebase, "", explanation.answer)

    async def _ask(self, ask: Ask, identity: str | None, steps: _Steps) -> AskResult:
        try:
            return await self._agent.ask(
                ask.question, selection=self._selection(ask), conversation_id=identity, listener=steps
            )
        except IndexError as error:
            raise Refused("the product asked for more turns") from error
        except InglenookError as error:
            raise Refused("the product refused the question") from error

    def _selection(self, ask: Ask) -> Selection | None:
        if ask.selection is None:
            return None
        place = ask.selection
        try:
            lines = self._codebase.workspace.files.lines(place.path)[place.start - 1 : place.end]
        except OutOfScope as error:
            raise Refused("its file is not there") from error
        uri = self._codebase.path.joinpath(place.path).as_uri()
        return Selection(uri, place.path, place.start, place.end, "\n".join(lines))

    def _judge(self, example: Example, ask: Ask, result: AskResult, calls: Sequence[Span]) -> None:
        """Refuse what would teach something wrong.

        Raises:
            Refused: it would.
        """
        if any(call.error for call in calls) and example.kind not in _MAY_FAIL:
            raise Refused("a call failed")
        if any(not call.hits for call in calls) and example.kind not in _MAY_MISS:
            raise Refused("a call found nothing")
        if result.outcome == "limit":
            raise Refused("a limit was reached")
        if (result.outcome == "notFound") != (example.kind == "not-found"):
            raise Refused("found where nothing should be, or the other way round")
        if not all(citation.verified for citation in result.citations):
            raise Refused("a place could not be verified")
        if not result.answer.startswith(ask.answer):
            raise Refused("the product would show other words")
        if sum(citation.verified for citation in result.citations) > _MOST_PLACES:
            raise Refused("an answer that is a list of places")
        fault = unmannered(ask.answer, tool=bool(ask.calls), results=_results(self.engine))
        if fault:
            raise Refused(fault)

    def _row(self, kind: str, codebase: str, wording: str, answer: str) -> Row:
        messages = conversation(self.engine, answer)
        fault = unsuggested(messages)
        if fault:
            raise Refused(fault)
        key = hashlib.sha256(repr([codebase, *(message.text for message in messages[1:])]).encode()).hexdigest()
        row = Row(f"{kind}-{key[:12]}", kind, codebase, wording, messages)
        if encode(row, self._chat).total > self._most_tokens:
            raise Refused(f"more than {self._most_tokens:,} tokens")
        return row


def in_order(call: ToolCall) -> ToolCall:
    """Return a call with its arguments in the order in which the grammar has them generated."""
    known = list[str](BY_NAME[call.name].parameters["properties"]) if call.name in BY_NAME else []
    names = [
        *(name for name in known if name in call.arguments),
        *(name for name in call.arguments if name not in known),
    ]
    return ToolCall(call.name, {name: call.arguments[name] for name in names})


def _results(engine: PlayedEngine) -> list[str]:
    return [message.text for message in engine.jobs[-1].messages if message.role == "tool"]


class _Steps:
    """A listener that keeps the calls."""

    def __init__(self) -> None:
        self.calls: list[Span] = []

    def part(self, part: AskPart) -> None:
        """Keep a call's span."""
        span = getattr(part, "span", None)
        if isinstance(span, Span) and span.name in TOOL_SPANS:
            self.calls.append(span)

    def progress(self, message: str, percent: int | None) -> None:
        """Hear nothing."""

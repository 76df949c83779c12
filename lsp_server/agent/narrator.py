"""One explanation from beginning to end: the prompt, one turn of the model, its words as checked prose."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime

import anyio.to_thread
import attrs
from pydantic_ai.messages import (
    ModelRequest,
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters

from lsp_server.agent.base import Listener
from lsp_server.agent.checked_stream import CheckedStream
from lsp_server.agent.citations import UNVERIFIED, CitationChecker
from lsp_server.agent.evidence import Shown, whole_lines
from lsp_server.agent.explain_prompt import SYSTEM, explain_turn
from lsp_server.agent.limits import Ledger
from lsp_server.agent.prose import Prose
from lsp_server.agent.source import ModelSource, model_settings
from lsp_server.agent.turns import Turns
from lsp_server.engine.base import Priority
from lsp_server.errors import NoExplanation
from lsp_server.settings import Settings
from lsp_server.trace import Citation, Trace
from lsp_server.wire import AskPart, ExplainResult, ResetPart
from lsp_server.workspace.explaining import ExplainTarget
from lsp_server.workspace.workspace import Workspace

MAX_TOKENS = 110
_WINDOW = 32_768
"""More than any prompt of ours takes."""
_STOP = "```"
_LEAST_CHARACTERS = 12
_REFRESHED = 0.5
"""The least temperature of a new explanation beside an old one: a greedy model would say the same again."""


class Narrator:
    """Explains, whoever asked and however urgent it is."""

    def __init__(self, settings: Settings, workspace: Workspace, source: ModelSource) -> None:
        self._settings = settings
        self._workspace = workspace
        self._source = source
        self._numbers = itertools.count(1)

    async def tell(
        self, target: ExplainTarget, priority: Priority, listener: Listener, *, again: bool
    ) -> ExplainResult:
        """Make an explanation, telling `listener` of every piece.

        Args:
            target: What to explain.
            priority: Who goes before it.
            listener: Hears of it.
            again: Whether it should differ from one that there is.

        Raises:
            NoExplanation: the model found no words.
            InglenookError: the model cannot answer.
        """
        number, started = next(self._numbers), datetime.now(UTC)
        turns = Turns(self._ledger(), listener)
        model = await self._source.model(turns, SYSTEM, priority)
        words = _Words(await self._checker(target), listener=turns)
        request = ModelRequest(parts=[UserPromptPart(explain_turn(target))], instructions=SYSTEM)
        settings = model_settings(self._sampling(again=again))
        async with model.request_stream([request], settings, ModelRequestParameters()) as stream:
            async for event in stream:
                words.hear(event)
            words.conclude(cut=stream.get().finish_reason == "length")
        if len(words.text) < _LEAST_CHARACTERS or words.text.endswith(":"):
            raise NoExplanation(f"The model found no words for `{target.name}`.")
        return ExplainResult(words.text, False, words.citations, _trace(number, model.model_name, started, turns))

    async def repeat(self, target: ExplainTarget, markdown: str, model: str, listener: Listener) -> ExplainResult:
        """Return words that were kept, the places in them checked anew."""
        number, started = next(self._numbers), datetime.now(UTC)
        turns = Turns(self._ledger(), listener)
        stream = CheckedStream((await self._checker(target)).check)
        for part in (*stream.feed(markdown.replace(UNVERIFIED, "")), *stream.finish()):
            turns.part(part)
        return ExplainResult(stream.text, True, tuple(stream.citations), _trace(number, model, started, turns))

    def _ledger(self) -> Ledger:
        return Ledger(max_calls=0, token_budget=MAX_TOKENS, max_tokens=MAX_TOKENS, window=_WINDOW)

    def _sampling(self, *, again: bool) -> Settings:
        chosen = attrs.evolve(
            self._settings,
            max_tokens=min(MAX_TOKENS, self._settings.max_tokens),
            stop_sequences=(*self._settings.stop_sequences, _STOP),
        )
        if again:
            return attrs.evolve(chosen, temperature=max(chosen.temperature, _REFRESHED), seed=None)
        return chosen

    async def _checker(self, target: ExplainTarget) -> CitationChecker:
        """Return a checker that knows the lines which the model is shown."""
        shown, place = Shown(), target.place
        lines = await anyio.to_thread.run_sync(whole_lines, self._workspace, place.path, place.start, place.end)
        shown.add(place.path, place.start, lines)
        return CitationChecker(self._workspace, shown)


class _Words:
    """The model's words on their way to the person."""

    def __init__(self, checker: CitationChecker, listener: Turns) -> None:
        self._checker = checker
        self._listener = listener
        self._prose = Prose()
        self._stream = CheckedStream(checker.check)

    @property
    def text(self) -> str:
        """What the listener was given."""
        return self._stream.text

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The places that it names."""
        return tuple(self._stream.citations)

    def hear(self, event: ModelResponseStreamEvent) -> None:
        """Take the next event of the turn."""
        match event:
            case PartStartEvent(part=TextPart(content=text)) | PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
                self._tell(self._stream.feed(self._prose.feed(text)))
            case _:
                pass

    def conclude(self, *, cut: bool) -> None:
        """The turn has ended; where it was cut, the sentence that it was cut in is withdrawn."""
        self._tell(self._stream.feed(self._prose.finish()))
        self._tell(self._stream.finish())
        whole = self._prose.whole
        if not cut or not whole or whole == self._prose.text:  # half a sentence is better than none
            return
        self._listener.part(ResetPart())
        self._stream = CheckedStream(self._checker.check)
        self._tell(self._stream.feed(whole))
        self._tell(self._stream.finish())

    def _tell(self, parts: Sequence[AskPart]) -> None:
        for part in parts:
            self._listener.part(part)


def _trace(number: int, model: str, started: datetime, turns: Turns) -> Trace:
    return Trace(
        id=f"explain-{number}",
        model=model,
        started_at=started.isoformat(),
        total_ms=round(turns.recorder.now_ms(), 1),
        spans=tuple(turns.recorder.spans),
        timing=turns.timing(),
    )

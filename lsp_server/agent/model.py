"""The framework's Model over the resident engine."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import anyio
from pydantic_ai import RunContext
from pydantic_ai.messages import ModelMessage, ModelResponse, ModelResponseStreamEvent
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from lsp_server.agent.foreign_calls import ForeignCalls
from lsp_server.agent.prompts import TOOLS
from lsp_server.agent.transcript import TOKEN_IDS, engine_messages
from lsp_server.agent.turns import Turns
from lsp_server.engine.base import (
    CallChunk,
    CallMode,
    Chunk,
    DoneChunk,
    Engine,
    Job,
    PrefillChunk,
    Priority,
    Sampling,
    TextChunk,
    ToolCall,
)

_SAMPLING_NAMES = ("max_tokens", "temperature", "top_p", "seed", "stop_sequences")


def sampling_of(settings: ModelSettings | None, turn_tokens: int, more_stops: tuple[str, ...] = ()) -> Sampling:
    """Return the settings that say how tokens are chosen; the names are the same on both sides."""
    values: dict[str, Any] = {
        name: value for name, value in (settings or {}).items() if name in _SAMPLING_NAMES and value is not None
    }
    values["max_tokens"] = min(values.get("max_tokens", turn_tokens), turn_tokens)
    values["stop_sequences"] = (*values.get("stop_sequences", ()), *more_stops)
    return Sampling(**values)


class ResidentModel(Model[Any]):
    """Generates the turns of one question through an engine."""

    def __init__(self, engine: Engine, turns: Turns, system: str, priority: Priority = Priority.QUESTION) -> None:
        super().__init__()
        self._engine = engine
        self._turns = turns
        self._system_message = system
        self._priority = priority

    @property
    def model_name(self) -> str:
        """The engine's model."""
        return self._engine.model_name

    @property
    def system(self) -> str:
        """The provider's name, as the framework calls it."""
        return "inglenook"

    def prepare_messages(
        self, messages: list[ModelMessage], model_request_parameters: ModelRequestParameters | None = None
    ) -> list[ModelMessage]:
        """Leave the transcript as it is: whatever the framework would add or mend changes its prefix."""
        del model_request_parameters
        return messages

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Generate a turn at once."""
        async with self.request_stream(messages, model_settings, model_request_parameters) as stream:
            async for _ in stream:
                pass
            return stream.get()

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """Generate a turn; leaving the context stops the engine."""
        del run_context
        settings, parameters = self.prepare_request(model_settings, model_request_parameters)
        ledger = self._turns.ledger
        job = Job(
            messages=engine_messages(self._system_message, messages),
            tools=TOOLS,
            calls=ledger.next_mode(),
            sampling=sampling_of(settings, ledger.turn_tokens, ledger.row_stops),
            priority=self._priority,
        )
        chunks = self._engine.generate(job)
        try:
            yield ResidentStream(parameters, self.model_name, chunks, self._turns, job.calls)
        finally:
            with anyio.CancelScope(shield=True):
                await chunks.aclose()


@dataclass
class ResidentStream(StreamedResponse):
    """One turn of the engine as the framework's events."""

    name: str
    chunks: AsyncGenerator[Chunk, None]
    turns: Turns
    mode: CallMode
    call: ToolCall | None = None
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    async def _get_event_iterator(self) -> AsyncIterator[ModelResponseStreamEvent]:
        began_ms = self.turns.recorder.now_ms()
        words = ForeignCalls(tool.name for tool in TOOLS)
        async for chunk in self.chunks:
            pieces: Sequence[str | ToolCall] = ()
            match chunk:
                case PrefillChunk(done, total):
                    self.turns.progress("Reading", round(100 * done / total) if total else None)
                case TextChunk(text):
                    pieces = words.feed(text)
                case CallChunk(call):
                    pieces = [call]
                case DoneChunk():
                    pieces = words.finish()
            for event in chain.from_iterable(map(self._events, pieces)):
                yield event
            if isinstance(chunk, DoneChunk):
                self._done(chunk, began_ms)

    def _events(self, piece: str | ToolCall) -> Iterable[ModelResponseStreamEvent]:
        """Return the events of words, or of a call; a call that words came before is one all the same."""
        if self.call is not None:  # what a model says behind its call is its guess of the result
            return ()
        if isinstance(piece, str):
            return self._parts_manager.handle_text_delta(vendor_part_id="text", content=piece)
        if self.mode == "forbidden":
            return ()
        self.call = piece
        called = self._parts_manager.handle_tool_call_part(
            vendor_part_id="call", tool_name=piece.name, args=dict(piece.arguments)
        )
        return (called,)

    def _done(self, chunk: DoneChunk, began_ms: float) -> None:
        timing = chunk.timing
        self._usage = RequestUsage(
            input_tokens=timing.prompt_tokens,
            cache_read_tokens=timing.cached_tokens,
            output_tokens=timing.output_tokens,
        )
        self.provider_details = {TOKEN_IDS: list(chunk.token_ids)}
        spoke = any(part.part_kind == "text" for part in self._parts_manager.get_parts())
        # A turn that was cut before its first word has no length to speak of: the framework would call it an error.
        cut = chunk.reason == "length" and spoke
        self.finish_reason = "tool_call" if self.call else "length" if cut else "stop"
        self.turns.turn_ended(timing, began_ms, f"call of {self.call.name}" if self.call else "speech")

    async def close_stream(self) -> None:
        """Stop the engine."""
        await self.chunks.aclose()

    @property
    def model_name(self) -> str:
        """The engine's model."""
        return self.name

    @property
    def provider_name(self) -> str:
        """Where the turn came from."""
        return "inglenook"

    @property
    def provider_url(self) -> None:
        """There is no URL: the model runs on this machine."""
        return

    @property
    def timestamp(self) -> datetime:
        """When the turn began."""
        return self.began

"""The framework's Model over an OpenAI-compatible server: its own calls, and those it writes as text."""

from __future__ import annotations

import json
import os
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from openai import AsyncOpenAI, OpenAIError, Timeout
from pydantic_ai import RunContext
from pydantic_ai.exceptions import ModelAPIError, ModelHTTPError, UnexpectedModelBehavior
from pydantic_ai.messages import (
    ModelMessage,
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ToolCallPart,
)
from pydantic_ai.models import ModelRequestParameters, StreamedResponse
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.settings import ModelSettings

from lsp_server.agent.foreign_calls import ForeignCalls
from lsp_server.agent.prompts import TOOLS
from lsp_server.agent.question import whole_characters
from lsp_server.agent.tokens import most_tokens
from lsp_server.agent.tools import BY_NAME
from lsp_server.agent.transcript import in_our_words
from lsp_server.agent.turns import Turns
from lsp_server.engine.base import ToolCall, TurnTiming
from lsp_server.errors import EndpointFailed
from lsp_server.settings import Settings

# What every server of the kind understands; newer names of OpenAI's own are refused or ignored by some.
_PROFILE = OpenAIModelProfile(
    openai_chat_supports_max_completion_tokens=False,
    openai_supports_strict_tool_definition=False,
)


class Endpoint:
    """The connection to one server; made once, used by every question."""

    def __init__(self, settings: Settings) -> None:
        key = os.environ.get(settings.endpoint_key_variable) or "none"
        self.url = settings.endpoint
        self._client = AsyncOpenAI(
            base_url=settings.endpoint,
            api_key=key,
            max_retries=1,
            timeout=Timeout(600.0, connect=10.0),
        )
        self._name = settings.endpoint_model

    async def model(self, turns: Turns) -> EndpointModel:
        """Return the model there, for one question: the one that the settings name, or the first that is listed.

        Raises:
            EndpointFailed: the server cannot be reached or lists none.
        """
        provider = OpenAICompatibleProvider("endpoint", openai_client=self._client)
        return EndpointModel(OpenAIChatModel(await self.name(), provider=provider, profile=_PROFILE), turns, self.url)

    @property
    def known_name(self) -> str:
        """The model's name as far as it is known."""
        return self._name

    async def name(self) -> str:
        """Return the model's name: the one that the settings give, or the first that is listed.

        Raises:
            EndpointFailed: the server cannot be reached or lists none.
        """
        if not self._name:
            self._name = await self._first_listed()
        return self._name

    async def _first_listed(self) -> str:
        try:
            listed = await self._client.models.list()
        except OpenAIError as error:
            raise failure(self.url, error) from error
        if not listed.data:
            raise EndpointFailed(
                f"The server at {self.url} lists no model.",
                "Load a model there, or set `inglenook.model.endpointModel`.",
            )
        return listed.data[0].id

    async def aclose(self) -> None:
        """Close the connection."""
        await self._client.close()


def failure(url: str, error: Exception) -> EndpointFailed:
    """Return the error that a person is told for one of the client's."""
    status = getattr(error, "status_code", None)
    if status in {401, 403}:
        return EndpointFailed(
            f"The server at {url} refused the key.",
            "Put the key into the environment variable that `inglenook.model.endpointKeyVariable` names.",
        )
    if status is not None:
        said = str(getattr(error, "body", None) or error)[:200]
        return EndpointFailed(f"The server at {url} answered with status {status}: {said}")
    return EndpointFailed(f"The server at {url} could not be reached: {str(error)[:200]}")


class EndpointModel(WrapperModel):
    """Generates the turns of one question through a server."""

    def __init__(self, wrapped: OpenAIChatModel, turns: Turns, url: str) -> None:
        super().__init__(wrapped)
        self._turns = turns
        self._url = url

    def prepare_messages(
        self, messages: list[ModelMessage], model_request_parameters: ModelRequestParameters | None = None
    ) -> list[ModelMessage]:
        """Put our own words in the place of the framework's about failed calls; leave all else as it is."""
        del model_request_parameters
        return in_our_words(messages)

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """Generate a turn; leaving the context closes the connection's stream.

        Raises:
            EndpointFailed: the server refused, broke off or could not be reached.
        """
        ledger = self._turns.ledger
        # Servers differ in what they make of "required", so the first turn is free here.
        forbidden = ledger.next_mode() == "forbidden"
        settings = ModelSettings(**(model_settings or {}))
        wanted: int = settings.get("max_tokens") or ledger.turn_tokens  # pyright: ignore[reportUnknownMemberType]
        settings["max_tokens"] = min(wanted, ledger.turn_tokens)
        if forbidden:
            settings["tool_choice"] = "none"
        began_ms, started = self._turns.recorder.now_ms(), time.perf_counter()
        try:
            async with self.wrapped.request_stream(
                in_our_words(messages), settings, model_request_parameters, run_context
            ) as inner:
                yield EndpointStream(model_request_parameters, inner, self._turns, began_ms, started, forbidden)
        except (ModelAPIError, ModelHTTPError, OpenAIError, UnexpectedModelBehavior) as error:
            raise failure(self._url, error) from error


@dataclass
class EndpointStream(StreamedResponse):
    """One turn of the server: text is let through unless it may still become a call."""

    inner: StreamedResponse
    turns: Turns
    began_ms: float
    started: float
    forbidden: bool
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    calls: int = 0

    async def _get_event_iterator(self) -> AsyncIterator[ModelResponseStreamEvent]:
        parser = ForeignCalls(tool.name for tool in TOOLS)
        first: float | None = None
        async for event in self.inner:
            text = _text_of(event)
            if first is None and text:
                first = time.perf_counter()
            for piece in parser.feed(text):
                for mapped in self._mapped(piece):
                    yield mapped
        for piece in parser.finish():
            for mapped in self._mapped(piece):
                yield mapped
        response = self.inner.get()
        for part in response.parts:
            if isinstance(part, ToolCallPart):
                arguments = part.args if isinstance(part.args, str) else part.args_as_dict()
                for mapped in self._call(part.tool_name, arguments, part.tool_call_id):
                    yield mapped
        self._done(first or time.perf_counter())

    def _mapped(self, piece: str | ToolCall) -> list[ModelResponseStreamEvent]:
        if isinstance(piece, ToolCall):
            # As text: what is no sound JSON in it then comes back as a failed call, and the history can be sent.
            return self._call(piece.name, json.dumps(dict(piece.arguments)), None)
        if self.calls:  # what a model says behind its call is its guess of the result
            return []
        return list(self._parts_manager.handle_text_delta(vendor_part_id="text", content=whole_characters(piece)))

    def _call(self, name: str, arguments: str | dict[str, Any], call_id: str | None) -> list[ModelResponseStreamEvent]:
        if self.forbidden:
            return []
        self.calls += 1
        if name not in BY_NAME:
            self.turns.ledger.refused_call()
        return [
            self._parts_manager.handle_tool_call_part(
                vendor_part_id=f"call-{self.calls}", tool_name=name, args=arguments, tool_call_id=call_id
            )
        ]

    def _done(self, first: float) -> None:
        self._usage = self.inner.usage
        parts = self._parts_manager.get_parts()
        spoke = any(part.part_kind == "text" for part in parts)
        reason = self.inner.finish_reason
        self.finish_reason = "tool_call" if self.calls else reason if spoke or reason != "length" else "stop"
        said = sum(most_tokens(str(getattr(part, "content", "") or getattr(part, "args", ""))) for part in parts)
        timing = TurnTiming(
            prompt_tokens=self._usage.input_tokens,
            cached_tokens=min(self._usage.cache_read_tokens, self._usage.input_tokens),
            output_tokens=self._usage.output_tokens or said,
            prefill_seconds=first - self.started,
            decode_seconds=time.perf_counter() - first,
        )
        self.turns.turn_ended(timing, self.began_ms, "call" if self.calls else "speech")

    async def close_stream(self) -> None:
        """Close the server's stream."""
        await self.inner.cancel()

    @property
    def model_name(self) -> str:
        """The server's model."""
        return self.inner.model_name

    @property
    def provider_name(self) -> str | None:
        """The provider's name, as the framework has it."""
        return self.inner.provider_name

    @property
    def provider_url(self) -> str | None:
        """The server's URL."""
        return self.inner.provider_url

    @property
    def timestamp(self) -> datetime:
        """When the turn began."""
        return self.began


def _text_of(event: ModelResponseStreamEvent) -> str:
    match event:
        case PartStartEvent(part=TextPart(content=content)):
            return content
        case PartDeltaEvent(delta=TextPartDelta(content_delta=content)):
            return content
        case _:
            return ""

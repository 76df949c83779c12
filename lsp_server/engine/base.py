"""The words that a caller and a model share: jobs, messages, chunks, timing, and the Engine protocol."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from enum import IntEnum
from typing import Any, Literal, Protocol

import attrs

from lsp_server.wire import EngineStatus

WIRE_VERSION = 2
"""Version of the words between client and resident process; part of the process's name."""

Role = Literal["system", "user", "assistant", "tool"]
CallMode = Literal["free", "demanded", "forbidden"]
FinishReason = Literal["stop", "length", "call"]


class Priority(IntEnum):
    """Who goes first; a lower number does, and interrupts a higher one within a step."""

    QUESTION = 0
    EXPLANATION = 5
    BACKGROUND = 10


@attrs.frozen
class ToolSpec:
    """A tool as the model and the grammar see it."""

    name: str
    signature: str
    """One line for the system prompt: `search(pattern, regex?, glob?)`."""
    summary: str
    """A few words behind the signature."""
    parameters: Mapping[str, Any]
    """JSON schema of the arguments object; property order is the order of generation."""


@attrs.frozen
class ToolCall:
    """A call that the model made."""

    name: str
    arguments: Mapping[str, Any]


@attrs.frozen
class Message:
    """One turn of a transcript.

    An assistant turn is either `text` or `call`. `token_ids` are the ids that were generated for it,
    the end-of-turn id included; when present they are replayed as they are, never re-tokenised.
    """

    role: Role
    text: str = ""
    call: ToolCall | None = None
    token_ids: tuple[int, ...] = ()


@attrs.frozen
class Sampling:
    """How tokens are chosen; the names are those of pydantic-ai's ModelSettings."""

    max_tokens: int = 512
    temperature: float = 0.0
    """0 is greedy."""
    top_p: float = 1.0
    seed: int | None = None
    stop_sequences: tuple[str, ...] = ()
    """The turn ends before the first of them; the sequence itself is not shown."""


@attrs.frozen
class Job:
    """One turn to be generated."""

    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    calls: CallMode = "free"
    sampling: Sampling = Sampling()
    priority: Priority = Priority.QUESTION


@attrs.frozen
class TurnTiming:
    """Tokens and seconds of one turn, measured in the resident process."""

    prompt_tokens: int
    cached_tokens: int
    output_tokens: int
    queue_seconds: float = 0.0
    load_seconds: float = 0.0
    """The part of the wait that the model's loading took."""
    prefill_seconds: float = 0.0
    decode_seconds: float = 0.0
    wall_seconds: float = 0.0
    """From the first step to the last, the time included in which others were served."""
    peak_memory_bytes: int = 0


@attrs.frozen
class PrefillChunk:
    """A prefill chunk has been computed."""

    done: int
    """Prompt tokens whose keys and values are known, cached ones included."""
    total: int


@attrs.frozen
class TextChunk:
    """More text of a turn that is spoken."""

    text: str


@attrs.frozen
class CallChunk:
    """The turn is this call, whole and valid by the tool's schema."""

    call: ToolCall


@attrs.frozen
class DoneChunk:
    """The turn's last chunk."""

    reason: FinishReason
    token_ids: tuple[int, ...]
    """What was generated, the end-of-turn id included; see Message.token_ids."""
    timing: TurnTiming


Chunk = PrefillChunk | TextChunk | CallChunk | DoneChunk


class Engine(Protocol):
    """Whatever can generate turns."""

    @property
    def model_name(self) -> str:
        """The model's name, for people and traces."""
        ...

    def generate(self, job: Job) -> AsyncGenerator[Chunk, None]:
        """Yield the chunks of one turn, a DoneChunk last.

        Closing the generator, or cancelling its task, stops the model within a layer of prefill, or a decode step.

        Raises:
            InglenookError: the model is missing, refused, or died; nothing is yielded after.
        """
        ...

    async def warm(self) -> None:
        """Find or start the model without asking for anything, so that the first question need not wait.

        Failures show in the status; nothing is raised.
        """
        ...

    async def count_tokens(self, text: str) -> int:
        """Return how many tokens `text` has."""
        ...

    def status(self) -> EngineStatus:
        """Return the last known status, at once."""
        ...

    def on_status(self, listener: Callable[[EngineStatus], None]) -> None:
        """Call `listener` on every later change of status."""
        ...

    async def aclose(self) -> None:
        """Let go of the model; other clients keep it."""
        ...

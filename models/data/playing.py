"""An engine that generates what it is told to: the product then makes everything else of a conversation."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable

import attrs

from lsp_server.engine.base import (
    CallChunk,
    Chunk,
    DoneChunk,
    Job,
    Message,
    PrefillChunk,
    TextChunk,
    ToolCall,
    TurnTiming,
)
from lsp_server.resident.chat import Chat
from lsp_server.wire import EngineStatus
from models.data.rows import generated_ids


class PlayedEngine:
    """Generates one turn of its script for each job, with the token ids that a model would have generated."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._script: list[ToolCall | str] = []
        self.jobs: list[Job] = []
        """What was asked for since the script was put in."""

    def play(self, turns: Iterable[ToolCall | str]) -> None:
        """Put in a new script: calls and words, in order."""
        self._script = list(turns)
        self.jobs = []

    @property
    def rest(self) -> int:
        """How many turns of the script were not asked for."""
        return len(self._script)

    @property
    def model_name(self) -> str:
        """Return a fixed name."""
        return "played"

    async def generate(self, job: Job) -> AsyncGenerator[Chunk, None]:
        """Play the next turn, whatever the job allows.

        Raises:
            IndexError: the script is at its end.
        """
        self.jobs.append(job)
        turn = self._script.pop(0)
        message = Message("assistant", call=turn) if isinstance(turn, ToolCall) else Message("assistant", turn)
        ids = generated_ids(message, self._chat)
        prompt = len(self._chat.encode(job.messages))
        yield PrefillChunk(prompt, prompt)
        yield CallChunk(turn) if isinstance(turn, ToolCall) else TextChunk(turn)
        reason = "call" if isinstance(turn, ToolCall) else "stop"
        yield DoneChunk(reason, ids, TurnTiming(prompt, 0, len(ids)))

    async def warm(self) -> None:
        """Do nothing: the script is always ready."""

    async def count_tokens(self, text: str) -> int:
        """Return how many tokens `text` has."""
        return len(self._chat.encode_text(text))

    def status(self) -> EngineStatus:
        """Say that all is well."""
        return EngineStatus("ready", self.model_name)

    def on_status(self, listener: Callable[[EngineStatus], None]) -> None:
        """Never call the listener: nothing changes."""
        del listener

    async def aclose(self) -> None:
        """Do nothing."""


def conversation(engine: PlayedEngine, answer: str) -> tuple[Message, ...]:
    """Return the whole conversation: the last job's messages without token ids, and the answer to it."""
    asked = (attrs.evolve(message, token_ids=()) for message in engine.jobs[-1].messages)
    return (*asked, Message("assistant", answer))

"""An engine in memory that says what a script tells it and records what it was asked."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence

import anyio
import anyio.lowlevel
import attrs

from lsp_server.engine.base import CallChunk, Chunk, DoneChunk, Job, PrefillChunk, TextChunk, ToolCall, TurnTiming
from lsp_server.wire import EngineStatus


@attrs.frozen
class Hang:
    """A turn that speaks, then waits for ever; `reached` is set when it waits."""

    text: str = ""
    reached: anyio.Event = attrs.field(factory=anyio.Event)


Turn = str | ToolCall | BaseException | Hang


def call(tool: str, /, **arguments: object) -> ToolCall:
    """Return a call for a script."""
    return ToolCall(tool, arguments)


class ScriptedEngine:
    """Plays one turn of its script for each job.

    Text is streamed in pieces of `piece` characters. A forbidden turn for which the script has a call says
    "forced speech" instead, as a grammar would make it, and leaves the script where it is.
    """

    def __init__(self, *script: Turn, piece: int = 3) -> None:
        self._script = list(script)
        self._piece = piece
        self._next_id = 1000
        self.jobs: list[Job] = []
        self.closed = 0
        """Generators that came to their end or were closed."""

    @property
    def model_name(self) -> str:
        """Return a fixed name."""
        return "scripted"

    async def generate(self, job: Job) -> AsyncGenerator[Chunk, None]:
        """Play the next turn."""
        self.jobs.append(job)
        turn = self._turn(job)
        try:
            yield PrefillChunk(5, 10)
            yield PrefillChunk(10, 10)
            if isinstance(turn, BaseException):
                raise turn
            if isinstance(turn, Hang):
                yield TextChunk(turn.text)
                turn.reached.set()
                await anyio.sleep_forever()
            if isinstance(turn, ToolCall):
                yield CallChunk(turn)
            else:
                text = str(turn)
                for at in range(0, len(text), self._piece):
                    await anyio.lowlevel.checkpoint()
                    yield TextChunk(text[at : at + self._piece])
            yield self._done(job, turn)
        finally:
            self.closed += 1

    def _turn(self, job: Job) -> Turn:
        if job.calls == "forbidden" and self._script and isinstance(self._script[0], ToolCall):
            return "forced speech"
        return self._script.pop(0)

    def _done(self, job: Job, turn: Turn) -> DoneChunk:
        ids = tuple(range(self._next_id, self._next_id + 5))
        self._next_id += 5
        prompt = sum(len(message.text) // 4 + 8 for message in job.messages)
        output = max(5, len(turn) // 4) if isinstance(turn, str) else 5
        timing = TurnTiming(prompt, prompt // 2, output, prefill_seconds=0.01, decode_seconds=0.02, peak_memory_bytes=7)
        return DoneChunk("call" if isinstance(turn, ToolCall) else "stop", ids, timing)

    async def warm(self) -> None:
        """Do nothing: the script is always ready."""

    async def count_tokens(self, text: str) -> int:
        """Count four characters a token."""
        return len(text) // 4

    def status(self) -> EngineStatus:
        """Say that all is well."""
        return EngineStatus("ready", "scripted")

    def on_status(self, listener: Callable[[EngineStatus], None]) -> None:
        """Never call the listener."""
        del listener

    async def aclose(self) -> None:
        """Do nothing."""


def roles(job: Job) -> Sequence[str]:
    """Return the roles of a job's messages."""
    return [message.role for message in job.messages]

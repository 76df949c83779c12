"""One turn, step by step: prefill in chunks, then decode, giving the state back whatever happens.

A turn is a Python generator that yields after every chunk and every token. The thread that owns the model resumes
it, lets another go first, or closes it; a chunk, which may last a second, asks between the layers of the model whether
it is still wanted. That is all there is to priority and cancellation.
"""

from __future__ import annotations

import random
import time
from collections.abc import Generator, Sequence

import attrs

from lsp_server.engine.base import (
    CallChunk,
    Chunk,
    DoneChunk,
    FinishReason,
    Job,
    PrefillChunk,
    Priority,
    TextChunk,
    TurnTiming,
)
from lsp_server.errors import QuestionTooLong
from lsp_server.resident.backend import Backend, Choice, GoOn, Interrupted, Logits
from lsp_server.resident.chat import Chat
from lsp_server.resident.pace import Pace
from lsp_server.resident.prefix_cache import Held, PrefixCache
from lsp_server.resident.prompt_lookup import LONGEST_DRAFT, Decoding, DraftWorth
from lsp_server.resident.turn import Turn

Steps = Generator[Chunk | None, None, None]
"""Yields a chunk, or None where a step produced nothing to show."""


@attrs.define
class Model:
    """A model as it serves: what computes, what tokenises, what is kept."""

    backend: Backend
    chat: Chat
    cache: PrefixCache
    pace: Pace
    context_tokens: int
    """Prompt and turn together may have no more."""
    name: str = "model"
    longest_draft: int = LONGEST_DRAFT
    """Tokens guessed ahead at most; 0 guesses none."""
    draft_worth: DraftWorth = attrs.field(factory=DraftWorth)


def generate(model: Model, job: Job, go_on: GoOn | None = None) -> Steps:
    """Generate one turn; closing the generator stops it and keeps what was computed.

    Args:
        model: what generates.
        job: the turn.
        go_on: asked in the middle of a prefill chunk; where it says no, the generator yields and tries the chunk again.

    Raises:
        QuestionTooLong: the prompt leaves no room for a turn in the model's window.
    """
    prompt = model.chat.encode(job.messages)
    if len(prompt) >= model.context_tokens:
        raise QuestionTooLong(
            f"The question and what came with it have {len(prompt)} tokens; the model holds {model.context_tokens}."
        )
    held = model.cache.take(prompt)
    held.passing = job.priority is not Priority.QUESTION
    try:
        yield from _turn(model, job, prompt, held, go_on)
    except Exception:
        held.tokens.clear()  # a step that failed half-way leaves a state that nothing is known of
        raise
    finally:
        model.cache.give_back(held)


def _turn(model: Model, job: Job, prompt: list[int], held: Held, go_on: GoOn | None) -> Steps:
    cached = len(held.tokens)
    began = time.perf_counter()
    busy = _Stopwatch()
    logits = yield from _prefill(model, prompt, held, go_on, busy)
    prefill_seconds = busy.seconds
    turn = Turn(model.chat, job.tools, job.calls, job.sampling.stop_sequences)
    decoding = _Stopwatch()
    reason: FinishReason = yield from _decode(model, job, turn, logits, held, decoding)
    if turn.call is not None:
        reason = "call"
        yield CallChunk(turn.call)
    yield DoneChunk(
        reason,
        turn.replay_ids(),
        TurnTiming(
            prompt_tokens=len(prompt),
            cached_tokens=cached,
            output_tokens=len(turn.token_ids),
            prefill_seconds=prefill_seconds,
            decode_seconds=decoding.seconds,
            wall_seconds=time.perf_counter() - began,
            peak_memory_bytes=model.backend.memory(),
        ),
    )


class _Stopwatch:
    """Sums the time of work, leaving out the time in which others were served."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._began


def _prefill(
    model: Model, prompt: Sequence[int], held: Held, go_on: GoOn | None, busy: _Stopwatch
) -> Generator[Chunk | None, None, Logits]:
    while True:
        whole = model.backend.spare(held.state) >= model.pace.tokens()
        tokens = prompt[len(held.tokens) :][: model.pace.tokens(whole=whole)]
        last = len(held.tokens) + len(tokens) == len(prompt)
        logits, done = None, True
        try:
            with busy, model.pace.chunk(len(tokens)):
                if last:
                    logits = model.backend.step(held.state, tokens, 1, go_on)
                else:
                    model.backend.prefill(held.state, tokens, go_on)
        except Interrupted:
            done = False
        if not done:
            yield None
            continue
        held.tokens.extend(tokens)
        yield PrefillChunk(len(held.tokens), len(prompt))
        if last:
            return logits


def _decode(  # noqa: PLR0913, PLR0917 - the loop's own state
    model: Model, job: Job, turn: Turn, logits: Logits, held: Held, busy: _Stopwatch
) -> Generator[Chunk | None, None, FinishReason]:
    room = min(job.sampling.max_tokens, model.context_tokens - len(held.tokens))
    seed = random.getrandbits(32) if job.sampling.seed is None else job.sampling.seed
    with busy:
        decoding = Decoding(model.backend, held, logits, model.longest_draft, model.draft_worth)
    while True:
        with busy:
            chosen = _choose(decoding, turn, Choice(job.sampling, seed, len(turn.token_ids)))
            text = turn.take(chosen)
            tokens = [chosen, *turn.forced()]
        full = not turn.ended and len(turn.token_ids) >= room
        if full:
            text += turn.cut()
        if turn.ended:
            yield TextChunk(text) if text else None
            return "length" if full else "stop"
        with busy:
            decoding.append(tokens, room - len(turn.token_ids))
        yield TextChunk(text) if text else None


def _choose(decoding: Decoding, turn: Turn, choice: Choice) -> int:
    token = decoding.choose(attrs.evolve(choice, mask=turn.mask()))
    again = turn.refuses(token)
    return token if again is None else decoding.choose(attrs.evolve(choice, mask=again))

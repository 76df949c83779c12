"""The resident process, seen by a client: cold start, prefix cache, cancel, and its overhead over plain mlx-lm."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path

import psutil

from lsp_server.agent.prompts import PROBE_TOOL, PROMPT_VERSION
from lsp_server.engine.base import (
    WIRE_VERSION,
    Chunk,
    DoneChunk,
    Job,
    Message,
    PrefillChunk,
    Sampling,
    TextChunk,
)
from lsp_server.engine.client import ResidentEngine
from lsp_server.engine.frames import Hello
from lsp_server.modelstore import ModelFolder
from lsp_server.settings import Settings
from lsp_server.wire import EngineStatus
from models.bench.figures import Figure
from models.bench.plain import PlainGenerator

_CODE = Path(__file__).read_text(encoding="utf-8")
_CANCELS = 5
_PAIRS = 15
_DECODED = 16


def _engine(folder: ModelFolder) -> ResidentEngine:
    hello = Hello(WIRE_VERSION, PROMPT_VERSION, PROBE_TOOL)
    return ResidentEngine(Settings(idle_minutes=1.0), hello=hello, folder=lambda: folder)


def _ask(*messages: Message, tokens: int = 16) -> Job:
    return Job((Message("system", "You explain code."), *messages), sampling=Sampling(max_tokens=tokens))


async def _run(chunks: AsyncGenerator[Chunk, None]) -> tuple[str, DoneChunk, float]:
    """Return the text, the last chunk, and the seconds to the first text."""
    began = time.perf_counter()
    text, first, done = "", 0.0, None
    async with aclosing(chunks):
        async for chunk in chunks:
            if isinstance(chunk, TextChunk):
                first = first or time.perf_counter() - began
                text += chunk.text
            elif isinstance(chunk, DoneChunk):
                done = chunk
    if done is None:
        raise RuntimeError("A turn ended without its last chunk.")
    return text, done, first


async def measure(folder: ModelFolder, progress: Callable[[str], None]) -> list[Figure]:
    """Measure everything that needs the resident process; it is started for this and left to its idle time."""
    engine = _engine(folder)
    await engine.unload()
    try:
        progress("cold start")
        figures = [await _cold_start(engine)]
        progress("prefix cache")
        figures += await _second_turn(engine)
        progress("cancel")
        figures += [await _cancel_in_decode(engine), await _cancel_in_prefill(engine)]
        progress("overhead over mlx_lm.stream_generate")
        figures.append(await _overhead(engine, folder))
        figures.append(_memory(engine))
    finally:
        await engine.unload()
        await engine.aclose()
    return figures


async def _cold_start(engine: ResidentEngine) -> Figure:
    _, _, first = await _run(engine.generate(_ask(Message("user", "Say hello."))))
    return Figure("cold start to first token", first, "s", note="process start, weights from disk, first text")


async def _second_turn(engine: ResidentEngine) -> list[Figure]:
    question = Message("user", f"What does this do?\n{_CODE[:4000]}")
    text, done, _ = await _run(engine.generate(_ask(question)))
    answer = Message("assistant", text, token_ids=done.token_ids)
    follow_up = _ask(question, answer, Message("user", "And in three words?"))
    _, second, warm = await _run(engine.generate(follow_up))
    stranger = Message("user", f"Is this right?\n{_CODE[:4000]}")
    _, fresh, cold = await _run(engine.generate(_ask(stranger, answer, Message("user", "And in three words?"))))
    share = 100 * second.timing.cached_tokens / second.timing.prompt_tokens
    return [
        Figure("second turn, cached", share, "%", 95, "higher", f"of {second.timing.prompt_tokens} tokens"),
        Figure("second turn, time to first token", warm, "s", note="with the prefix cache"),
        Figure("the same without the cache", cold, "s", note=f"{fresh.timing.cached_tokens} tokens cached"),
    ]


async def _cancel_in_decode(engine: ResidentEngine) -> Figure:
    times = [
        await _cancel_at(engine, Message("user", f"Write a long story about number {index}."), TextChunk)
        for index in range(_CANCELS)
    ]
    return Figure("cancel to stop, in decode", 1000 * max(times), "ms", 300, note=f"the slowest of {_CANCELS}")


async def _cancel_in_prefill(engine: ResidentEngine) -> Figure:
    times = [
        await _cancel_at(engine, Message("user", f"{index}: what is this?\n{_CODE}"), PrefillChunk)
        for index in range(_CANCELS)
    ]
    return Figure("cancel to stop, in prefill", 1000 * max(times), "ms", 700, note=f"the slowest of {_CANCELS}")


async def _cancel_at(engine: ResidentEngine, message: Message, kind: type[Chunk]) -> float:
    """Return the seconds from a cancel until the model is free."""
    free = asyncio.Event()
    armed = False

    def listen(status: EngineStatus) -> None:
        if armed and status.state == "ready":
            free.set()

    engine.on_status(listen)
    chunks = engine.generate(_ask(message, tokens=400))
    async for chunk in chunks:
        if isinstance(chunk, kind):
            break
    armed = True
    began = time.perf_counter()
    await chunks.aclose()
    await free.wait()
    return time.perf_counter() - began


async def _overhead(engine: ResidentEngine, folder: ModelFolder) -> Figure:
    """Compare whole turns, prefill and decode of the same tokens, in pairs of alternating order."""
    ratios: list[float] = []
    with PlainGenerator(folder) as plain:
        for index in range(_PAIRS):
            job = _ask(Message("user", f"{index}: explain at length what a hash table is."), tokens=_DECODED)
            prompt = plain.encode(job)
            if index % 2:
                theirs = plain.seconds(prompt, _DECODED)
                ours = await _seconds(engine, job)
            else:
                ours = await _seconds(engine, job)
                theirs = plain.seconds(prompt, _DECODED)
            ratios.append(ours / theirs)
    return Figure(
        "overhead over mlx_lm.stream_generate",
        100 * (statistics.median(ratios) - 1),
        "%",
        5,
        note=f"median of {_PAIRS} pairs, {_DECODED} tokens each; {100 * (min(ratios) - 1):+.1f} to "
        f"{100 * (max(ratios) - 1):+.1f}",
    )


async def _seconds(engine: ResidentEngine, job: Job) -> float:
    began = time.perf_counter()
    await _run(engine.generate(job))
    return time.perf_counter() - began


def _memory(engine: ResidentEngine) -> Figure:
    pid = engine.status().pid
    resident = psutil.Process(pid).memory_info().rss if pid else 0
    return Figure("memory of the resident process", resident / 2**20, "MiB")

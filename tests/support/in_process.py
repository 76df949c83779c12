"""The language server on the test's own loop, with an agent that says what the test wants."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import attrs

from lsp_server.agent.base import Listener, Selection
from lsp_server.engine.base import Engine, Job
from lsp_server.lsp.bench import Agent
from lsp_server.lsp.language_server import InglenookServer
from lsp_server.lsp.server import create_server
from lsp_server.lsp.streams import Pipes
from lsp_server.settings import Settings
from lsp_server.trace import Citation, Span, Timing, Trace, line_range
from lsp_server.wire import AskResult, EngineStatus, ExplainResult, SpanPart, TextPart
from lsp_server.workspace.explaining import ExplainTarget
from lsp_server.workspace.workspace import Workspace
from support.wire_client import WireClient

Answering = Callable[["FakeAsker", str, Listener], Awaitable[AskResult]]


class FakeEngine:
    """An engine that only has a status."""

    model_name = "fake"

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.listeners: list[Callable[[EngineStatus], None]] = []
        self.state = EngineStatus("unloaded")
        self.closed = asyncio.Event()

    def generate(self, job: Job) -> Any:
        raise NotImplementedError

    async def count_tokens(self, text: str) -> int:
        return len(text)

    async def warm(self) -> None:
        self.tell(EngineStatus("ready", model="fake"))

    def status(self) -> EngineStatus:
        return self.state

    def on_status(self, listener: Callable[[EngineStatus], None]) -> None:
        self.listeners.append(listener)

    def tell(self, status: EngineStatus) -> None:
        self.state = status
        for listener in self.listeners:
            listener(status)

    async def unload(self) -> None:
        self.tell(EngineStatus("unloaded"))

    async def aclose(self) -> None:
        self.closed.set()


def place(workspace: Workspace, path: str, line: int, *, verified: bool = True) -> Citation:
    """Return the place of one line of the workspace's first folder."""
    text = workspace.files.line_text(path, line) or ""
    return Citation((workspace.roots[0] / path).as_uri(), path, line_range(line, line), text, verified)


def answer(text: str = "It is there.", **changes: Any) -> AskResult:
    """Return a result, with what the test changes of it."""
    timing = Timing(prompt_tokens=100, cached_tokens=96, output_tokens=10, decode_tokens_per_second=41.2)
    span = Span("search", "`class` · 2 hits", 1.0, 34.0, arguments={"pattern": "class"}, hits=2)
    trace = Trace("t1", "fake", "2026-01-01T00:00:00Z", 1900.0, (span,), timing)
    return attrs.evolve(AskResult("c1", text, "answered", (), (), trace), **changes)


async def speak(_asker: FakeAsker, _question: str, listener: Listener) -> AskResult:
    """Tell a step, then two pieces of text."""
    result = answer()
    listener.progress("reading", 50)
    listener.part(SpanPart(result.trace.spans[0]))
    for delta in ("It is ", "there."):
        listener.part(TextPart(delta))
    return result


class FakeAsker:
    """Answers as the test's function does, and remembers what it was asked."""

    def __init__(self, settings: Settings, workspace: Workspace, engine: Engine | None, answering: Answering) -> None:
        self.settings = settings
        self.workspace = workspace
        self.engine = engine
        self.asked: list[tuple[str, Selection | None, str | None]] = []
        self._answering = answering
        self.closed = False

    async def ask(
        self,
        question: str,
        *,
        selection: Selection | None = None,
        conversation_id: str | None = None,
        listener: Listener,
    ) -> AskResult:
        self.asked.append((question, selection, conversation_id))
        return await self._answering(self, question, listener)

    async def aclose(self) -> None:
        self.closed = True


class FakeExplainer:
    """Has words for what it was taught, and remembers what it was asked."""

    def __init__(self, words: str = "", *, known: bool = False, fast: bool | None = None) -> None:
        self.words = words
        self.is_known = known
        self.fast = fast
        self.begun: list[str] = []
        self.waited: list[float] = []
        self.ahead: list[str] = []
        self.prefetched = asyncio.Event()
        self.explained: list[tuple[str, bool]] = []
        self.closed = False

    def known(self, target: ExplainTarget) -> str | None:
        return self.words if self.is_known else None

    def begin(self, target: ExplainTarget) -> None:
        self.begun.append(target.name)
        self.is_known = True

    async def wait(self, target: ExplainTarget, seconds: float) -> str | None:
        self.waited.append(seconds)
        return self.known(target)

    def prefetch(self, targets: Sequence[ExplainTarget]) -> None:
        self.ahead = [target.name for target in targets]
        self.prefetched.set()

    async def explain(self, target: ExplainTarget, *, refresh: bool = False, listener: Listener) -> ExplainResult:
        self.explained.append((target.name, refresh))
        listener.part(TextPart(self.words))
        return ExplainResult(self.words, cached=self.is_known, citations=(), trace=answer().trace)

    async def aclose(self) -> None:
        self.closed = True


@attrs.define
class Stage:
    """What a test sees of a server on its own loop."""

    server: InglenookServer
    client: WireClient
    engines: list[FakeEngine]
    askers: list[FakeAsker]
    exit_code: asyncio.Task[int]


@asynccontextmanager
async def serving(
    answering: Answering = speak,
    *,
    engine_factory: Callable[[Settings], Engine] | None = None,
    agent_factory: Callable[[Settings, Workspace, Engine | None], Agent] | None = None,
    explainer: FakeExplainer | None = None,
    with_index: bool = False,
) -> AsyncGenerator[Stage]:
    """Run a server and a client on two pipes; leaving the block closes the client's end."""
    engines: list[FakeEngine] = []
    askers: list[FakeAsker] = []
    explaining = explainer or FakeExplainer()

    def make_engine(settings: Settings) -> Engine:
        engines.append(FakeEngine(settings))
        return engines[-1]

    def make_agent(settings: Settings, workspace: Workspace, engine: Engine | None) -> Agent:
        askers.append(FakeAsker(settings, workspace, engine, answering))
        return Agent(askers[-1], explaining)

    server = create_server(
        engine_factory=engine_factory or make_engine, agent_factory=agent_factory or make_agent, with_index=with_index
    )
    to_server, from_server = os.pipe(), os.pipe()
    client, transport = await _client(from_server[0], to_server[1])
    reading = asyncio.create_task(client.read())
    running = asyncio.create_task(server.serve(Pipes(to_server[0], from_server[1])))
    try:
        yield Stage(server, client, engines, askers, running)
    finally:
        client.writer.close()
        await running
        os.close(from_server[1])
        await reading
        transport.close()
        os.close(to_server[0])


async def _client(read: int, write: int) -> tuple[WireClient, asyncio.BaseTransport]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read, "rb", buffering=0)
    )
    out, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, os.fdopen(write, "wb", buffering=0))
    return WireClient(reader, asyncio.StreamWriter(out, protocol, None, loop)), transport

"""The host in this process: who is served, and when it leaves."""

import socket
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.abc
import anyio.to_thread
import attrs
import pytest
from anyio.streams.buffered import BufferedByteReceiveStream

from lsp_server.dialects import schema
from lsp_server.engine.base import WIRE_VERSION, DoneChunk, Job, Message, ToolSpec
from lsp_server.engine.frames import (
    MAX_LINE_BYTES,
    Count,
    Counted,
    Emitted,
    Failed,
    Frame,
    Generate,
    Hello,
    StatusChanged,
    Watch,
    decode,
    encode,
)
from lsp_server.errors import EngineUnavailable, ModelRefused
from lsp_server.resident import host as host_module
from lsp_server.resident.door import Door
from lsp_server.resident.generate import Model
from lsp_server.resident.host import Host, HostOptions
from support.homes import private_home
from support.scripted_backend import device_of, scripted_model

PATIENCE = 30
HELLO = Hello(WIRE_VERSION, "prompt", ToolSpec("search", "search()", "find", schema({}, [])))
ASK = Generate(Job((Message("user", "hello"),)))


@attrs.define
class Setup:
    """A place for hosts, and a loader that waits until it may go on."""

    home: Path
    may_load: threading.Event = attrs.field(factory=threading.Event)
    failure: Exception | None = None
    loads: int = 0
    model: Model | None = None

    @property
    def options(self) -> HostOptions:
        return HostOptions(self.home / "a.sock", self.home / "a.lock", idle_seconds=0.0, model_name="scripted")

    def load(self, _: Hello, progress: Callable[[int], None]) -> Model:
        self.loads += 1
        assert self.may_load.wait(PATIENCE)
        progress(50)
        if self.failure is not None:
            raise self.failure
        self.model = scripted_model(lambda _: "Hi.")
        return self.model

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator[anyio.Event]:
        """Serve inside the block; the event tells that the host has left by itself."""
        left = anyio.Event()

        async def serve(task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
            await Host(self.options, self.load).serve(task_status.started)
            left.set()

        async with anyio.create_task_group() as group:
            await group.start(serve)
            yield left
            group.cancel_scope.cancel()


@pytest.fixture
def setup(monkeypatch: pytest.MonkeyPatch) -> Generator[Setup]:
    with private_home(monkeypatch) as home:
        made = Setup(home)
        made.may_load.set()
        yield made
        made.may_load.set()


@asynccontextmanager
async def calling(setup: Setup, *frames: Frame) -> AsyncGenerator[Callable[[], AsyncGenerator[Frame]]]:
    """Send frames and yield what iterates over the answers, until the host closes the connection."""
    async with await anyio.connect_unix(setup.options.socket) as stream:
        await stream.send(b"".join(map(encode, frames)))
        lines = BufferedByteReceiveStream(stream)

        async def answers() -> AsyncGenerator[Frame]:
            while True:
                try:
                    yield decode(await lines.receive_until(b"\n", MAX_LINE_BYTES))
                except (anyio.EndOfStream, anyio.IncompleteRead):
                    return

        with anyio.fail_after(PATIENCE):
            yield answers


async def answers_to(setup: Setup, *frames: Frame) -> Sequence[Frame]:
    async with calling(setup, *frames) as answers:
        return [frame async for frame in answers()]


async def test_the_host_leaves_after_its_last_client_and_closes_the_device(setup: Setup) -> None:
    """With no idle time it is gone soon, and its files with it."""
    async with setup.serving() as left:
        last = (await answers_to(setup, HELLO, ASK))[-1]
        assert isinstance(last, Emitted)
        assert isinstance(last.chunk, DoneChunk)
        with anyio.fail_after(PATIENCE):
            await left.wait()
    assert setup.model is not None
    assert device_of(setup.model).closed
    assert [path.name for path in setup.home.iterdir()] == ["a.lock"]


async def test_a_client_that_came_just_before_the_end_is_served(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever connected while the host made up its mind to leave is answered, and the host stays for others."""
    late = socket.socket(socket.AF_UNIX)
    came = anyio.Event()

    class LateDoor(Door):
        def hide(self) -> bool:
            if not came.is_set():
                late.connect(str(setup.options.socket))
                late.sendall(encode(HELLO) + encode(ASK))
                came.set()
            return super().hide()

    monkeypatch.setattr(host_module, "Door", LateDoor)
    monkeypatch.setattr(host_module, "_LATE_CLIENT_SECONDS", PATIENCE)
    with late:
        async with setup.serving():
            assert await answers_to(setup, HELLO, Count("x"))
            with anyio.fail_after(PATIENCE):
                await came.wait()
            data = b""
            while piece := await anyio.to_thread.run_sync(late.recv, 4096):
                data += piece
        last = decode(data.splitlines()[-1])
        assert isinstance(last, Emitted)
        assert isinstance(last.chunk, DoneChunk)


async def test_a_model_that_cannot_be_loaded_ends_its_host(setup: Setup) -> None:
    """Whoever waits hears why, watchers are let go, and the host leaves; the name is free for a fresh process."""
    setup.failure = ModelRefused("No good.")
    setup.may_load.clear()
    async with setup.serving() as left, calling(setup, HELLO, Watch()) as watched, calling(setup, HELLO, ASK) as asked:
        setup.may_load.set()
        (answer,) = [frame async for frame in asked()]
        assert isinstance(answer, Failed)
        assert isinstance(answer.raised(), ModelRefused)
        last = [frame async for frame in watched()][-1]
        assert isinstance(last, StatusChanged)
        status = last.status
        assert (status.state, status.message, status.kind) == ("failed", "No good.", "modelRefused")
        assert not setup.options.socket.exists()
    async with setup.serving() as left:
        await answers_to(setup, HELLO, Watch())
        with anyio.fail_after(PATIENCE):
            await left.wait()


async def test_a_failed_host_leaves_the_door_of_its_successor(setup: Setup) -> None:
    """The process that failed takes nothing away from the one that was started after it."""
    setup.failure = ModelRefused("No good.")
    async with setup.serving() as failed_left:
        await answers_to(setup, HELLO, Watch())
        setup.failure = None
        setup.options.socket.unlink(missing_ok=True)
        async with await Door(setup.options.socket, setup.options.lock).open():
            with anyio.fail_after(PATIENCE):
                await failed_left.wait()
            assert setup.options.socket.exists()


async def test_counting_says_why_it_cannot(setup: Setup) -> None:
    """While the model loads a count is refused; once it is there the count is right."""
    setup.may_load.clear()
    async with setup.serving(), calling(setup, HELLO, Watch()) as watched:
        (refused,) = await answers_to(setup, HELLO, Count("abc"))
        assert isinstance(refused, Failed)
        assert isinstance(refused.raised(), EngineUnavailable)
        setup.may_load.set()
        async for frame in watched():
            if isinstance(frame, StatusChanged) and frame.status.state == "ready":
                break
        assert await answers_to(setup, HELLO, Count("abc")) == [Counted(3)]


async def test_a_second_host_leaves_the_clients_to_the_first(setup: Setup) -> None:
    """Started where another listens, a host says that it is ready and goes."""
    async with setup.serving():
        said: list[str] = []
        await Host(setup.options, setup.load).serve(lambda: said.append("ready"))
        assert said == ["ready"]
        assert await answers_to(setup, HELLO, ASK)
    assert setup.loads == 1

"""The client and a real resident process whose device follows a script."""

import asyncio
import json
import os
import signal
import socket
import stat
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import anyio
import attrs
import psutil
import pytest

from lsp_server.dialects import schema
from lsp_server.engine.base import (
    WIRE_VERSION,
    CallChunk,
    Chunk,
    DoneChunk,
    Job,
    Message,
    Sampling,
    TextChunk,
    ToolSpec,
)
from lsp_server.engine.client import ResidentEngine
from lsp_server.engine.frames import Count, Failed, Hello, decode, encode
from lsp_server.engine.rendezvous import rendezvous, start_lock
from lsp_server.errors import EngineDied, EngineUnavailable, InglenookError, ModelMissing
from lsp_server.modelstore import ModelFolder
from lsp_server.peer import is_same_user, peer_uid
from lsp_server.settings import Settings
from lsp_server.wire import EngineState, EngineStatus
from support import scripted_host
from support.homes import private_home
from support.scripted_model import scripted_folder

PATIENCE = 30
TOOL = ToolSpec(
    "search", "search(pattern)", "find", schema({"pattern": {"type": "string", "maxLength": 9}}, ["pattern"])
)
HELLO = Hello(WIRE_VERSION, "prompt", TOOL)
RULES = {
    "rules": [
        {"when": "find", "call": {"name": "search", "arguments": {"pattern": "x"}}},
        {"when": "long", "say": "word ", "repeat": 100_000},
        {"when": "hello", "say": "Hi, wörld."},
    ],
    "seconds_per_token": 0.002,
}


def ask(text: str) -> Job:
    return Job((Message("user", text),), tools=(TOOL,), sampling=Sampling(max_tokens=1_000_000))


class Setup:
    """Makes engines that share one script and model."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.script = home / "script.json"
        self.script.write_text(json.dumps(RULES))
        self.folder = scripted_folder(home)
        self.command = (sys.executable, scripted_host.__file__, str(self.script))
        self.engines: list[ResidentEngine] = []

    def engine(
        self,
        *,
        settings: Settings | None = None,
        command: Sequence[str] = (),
        folder: Callable[[], ModelFolder] | None = None,
    ) -> ResidentEngine:
        made = ResidentEngine(
            settings or Settings(),
            hello=HELLO,
            command=command or self.command,
            folder=folder or (lambda: self.folder),
        )
        self.engines.append(made)
        return made

    @property
    def sockets(self) -> list[Path]:
        return list((self.home / "inglenook").glob("*.sock"))


@pytest.fixture
async def setup(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Setup]:
    with private_home(monkeypatch) as home:
        made = Setup(home)
        yield made
        for engine in made.engines:
            await engine.unload()
            await engine.aclose()


async def run(engine: ResidentEngine, job: Job) -> list[Chunk]:
    async with aclosing(engine.generate(job)) as chunks:
        return [chunk async for chunk in chunks]


@asynccontextmanager
async def in_mid_answer(engine: ResidentEngine) -> AsyncGenerator[AsyncGenerator[Chunk, None]]:
    async with aclosing(engine.generate(ask("long"))) as chunks:
        async for chunk in chunks:
            if isinstance(chunk, TextChunk):
                break
        yield chunks


async def until(engine: ResidentEngine, state: EngineState) -> EngineStatus:
    """Wait for the status to say so."""
    seen = asyncio.Event()
    engine.on_status(lambda status: seen.set() if status.state == state else None)
    if engine.status().state != state:
        await asyncio.wait_for(seen.wait(), PATIENCE)
    return engine.status()


async def test_text_and_calls_come_through_the_socket(setup: Setup) -> None:
    """A spoken turn arrives as text, a call as a call; both end with their timing."""
    engine = setup.engine()
    spoken = await run(engine, ask("hello"))
    assert "".join(chunk.text for chunk in spoken if isinstance(chunk, TextChunk)) == "Hi, wörld."
    called = await run(engine, ask("find"))
    assert [dict(chunk.call.arguments) for chunk in called if isinstance(chunk, CallChunk)] == [{"pattern": "x"}]
    assert isinstance(called[-1], DoneChunk)
    assert called[-1].timing.cached_tokens > 0
    assert await engine.count_tokens("wörld") == 6


async def test_many_clients_share_one_process(setup: Setup) -> None:
    """Engines that start at the same moment meet in one process."""
    engines = [setup.engine() for _ in range(4)]
    answers = await asyncio.gather(*(run(engine, ask("hello")) for engine in engines))
    assert all(isinstance(answer[-1], DoneChunk) for answer in answers)
    pids = {(await until(engine, "ready")).pid for engine in engines}
    assert len(pids) == 1
    hosts = [
        process for process in psutil.process_iter(["cmdline"]) if str(setup.script) in (process.info["cmdline"] or [])
    ]
    assert [process.pid for process in hosts] == list(pids)


async def test_the_socket_is_private(setup: Setup) -> None:
    """The folder is the user's alone, and the kernel names the peer."""
    await run(setup.engine(), ask("hello"))
    (path,) = setup.sockets
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    left, right = socket.socketpair()
    with left, right:
        assert peer_uid(left) == os.getuid()
        assert is_same_user(right)


async def test_a_folder_of_another_user_is_refused(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    """A runtime folder that is not ours is not used."""
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(setup.home))
    (setup.home / "inglenook").mkdir()
    with pytest.raises(EngineUnavailable, match="not this user's"):
        await run(setup.engine(), ask("hello"))
    setup.engines.clear()


async def test_closing_the_generator_stops_the_model(setup: Setup) -> None:
    """A caller that goes away frees the model for others at once."""
    engine = setup.engine()
    async with in_mid_answer(engine):
        await until(engine, "busy")
    await until(engine, "ready")


async def test_cancelling_the_task_stops_the_model(setup: Setup) -> None:
    """A cancelled task, at whatever moment, frees the model."""
    engine = setup.engine()
    await run(engine, ask("hello"))
    for chunks in range(6):
        with anyio.CancelScope() as scope:
            async with aclosing(engine.generate(ask("long"))) as answer:
                for _ in range(chunks):
                    await anext(answer)
                scope.cancel()
                await anext(answer)
        await until(engine, "ready")


async def test_a_killed_process_ends_the_answer_and_the_next_starts_another(setup: Setup) -> None:
    """Whoever waits gets a clear error; asking again works, in a new process."""
    engine = setup.engine()
    async with in_mid_answer(engine) as chunks:
        pid = (await until(engine, "busy")).pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(EngineDied, match="ended while it was answering"):
            async for _ in chunks:
                pass
    await until(engine, "unloaded")
    assert isinstance((await run(engine, ask("hello")))[-1], DoneChunk)
    assert (await until(engine, "ready")).pid != pid


async def test_the_process_leaves_when_nobody_is_left(setup: Setup) -> None:
    """After the idle time the process is gone, and its socket with it; the next request starts a new one."""
    engine = setup.engine(settings=Settings(idle_minutes=0.0))
    await run(engine, ask("hello"))
    process = psutil.Process((await until(engine, "ready")).pid)
    await engine.aclose()
    await anyio.to_thread.run_sync(lambda: psutil.wait_procs([process], timeout=PATIENCE))
    assert not process.is_running()
    assert setup.sockets == []
    again = setup.engine()
    assert isinstance((await run(again, ask("hello")))[-1], DoneChunk)


async def test_unload_ends_the_process(setup: Setup) -> None:
    """Asked to leave, the process leaves, and the status says so."""
    engine = setup.engine()
    await run(engine, ask("hello"))
    await engine.unload()
    await until(engine, "unloaded")
    assert setup.sockets == []


async def test_a_missing_model_is_not_set_up(setup: Setup) -> None:
    """Warming without a model starts nothing and says what to do; asking raises the same."""

    def missing() -> ModelFolder:
        raise ModelMissing("Nothing there.")

    engine = setup.engine(folder=missing)
    await engine.warm()
    assert (engine.status().state, engine.status().hint) == ("notSetUp", ModelMissing.default_hint)
    with pytest.raises(ModelMissing):
        await run(engine, ask("hello"))
    setup.engines.clear()


async def test_a_program_that_cannot_start_says_why(setup: Setup) -> None:
    """The reason that the starting program gave is in the sentence."""
    engine = setup.engine(command=[sys.executable, "-c", "raise SystemExit('no such thing')"])
    with pytest.raises(EngineUnavailable, match="no such thing"):
        await run(engine, ask("hello"))
    await engine.warm()
    assert engine.status().state == "failed"
    setup.engines.clear()


@pytest.mark.parametrize(
    "line",
    [
        b"garbage\n",
        b"{}\n",
        b"[1, 2]\n",
        b"\xff\xfe\n",
        encode(Count("x")),
        encode(attrs.evolve(HELLO, wire_version=99)),
    ],
)
async def test_a_bad_first_line_is_answered_and_harms_nobody(setup: Setup, line: bytes) -> None:
    """Whatever a client sends first, it gets an error frame, and others are served on."""
    engine = setup.engine()
    await run(engine, ask("hello"))
    async with await anyio.connect_unix(setup.sockets[0]) as stream:
        await stream.send(line)
        frame = decode(await stream.receive())
    assert isinstance(frame, Failed)
    assert isinstance(frame.raised(), InglenookError)
    assert isinstance((await run(engine, ask("hello")))[-1], DoneChunk)


async def test_questions_at_the_same_moment_follow_the_status_once(setup: Setup) -> None:
    """Two first questions of one engine make one connection for the status, and closing lets go of it."""
    engine = setup.engine()
    await asyncio.gather(*(run(engine, ask("hello")) for _ in range(3)), engine.warm())
    following = [task for task in asyncio.all_tasks() if "_watch" in str(task.get_coro())]
    assert len(following) == 1
    await engine.aclose()
    assert following[0].done()


async def test_another_model_is_served_and_followed_from_the_next_question_on(setup: Setup, tmp_path: Path) -> None:
    """A switch needs no restart: the next question starts the other model's process, and the status is that one's."""
    others = {"one": setup.folder, "two": scripted_folder(tmp_path)}
    chosen = "one"
    engine = setup.engine(folder=lambda: others[chosen])
    processes: dict[str, int | None] = {}
    for chosen in others:
        await run(engine, ask("hello"))
        processes[chosen] = (await until(engine, "ready")).pid
    assert len(setup.sockets) == len(set(processes.values())) == 2
    for chosen in others:
        followed = asyncio.Event()
        wanted = processes[chosen]
        engine.on_status(lambda status, pid=wanted, event=followed: event.set() if status.pid == pid else None)
        await run(engine, ask("hello"))
        await asyncio.wait_for(followed.wait(), PATIENCE)
        await engine.unload()


async def test_waiting_for_the_lock_can_be_cancelled(setup: Setup) -> None:
    """A question that waits for another client to start the process lets go at once."""
    place = rendezvous(setup.folder.manifest.model_hash, (*setup.command[1:], HELLO.prompt_version), setup.home)
    engine = setup.engine()
    async with start_lock(place.lock):
        asking = asyncio.create_task(run(engine, ask("hello")))
        done, _ = await asyncio.wait([asking], timeout=0.2)
        assert not done
        asking.cancel()
        await asyncio.wait_for(asyncio.wait([asking]), PATIENCE)
        assert asking.cancelled()
    assert isinstance((await run(engine, ask("hello")))[-1], DoneChunk)


async def test_a_program_that_does_not_exist_is_a_failure_in_the_status(setup: Setup) -> None:
    """Warming never raises; the status says what is wrong."""
    engine = setup.engine(command=["/nowhere/at/all"])
    await engine.warm()
    assert engine.status().state == "failed"
    assert engine.status().kind == "engineUnavailable"
    assert "could not be started" in (engine.status().message or "")
    setup.engines.clear()


async def test_a_stale_socket_is_replaced(setup: Setup) -> None:
    """The socket file of a process that was killed does not stop a new one."""
    engine = setup.engine()
    await run(engine, ask("hello"))
    process = psutil.Process((await until(engine, "ready")).pid)
    process.kill()
    await until(engine, "unloaded")
    assert setup.sockets
    assert isinstance((await run(engine, ask("hello")))[-1], DoneChunk)


async def test_the_interpreter_s_spelling_makes_no_second_process(setup: Setup, tmp_path: Path):
    """An editor that calls `python3` and a shell that calls `python` meet in one process."""
    other = tmp_path / "python-by-another-name"
    other.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    other.chmod(0o755)
    first = setup.engine()
    second = setup.engine(command=[str(other), scripted_host.__file__, str(setup.script)])
    await run(first, ask("hello"))
    await run(second, ask("hello"))
    assert (await until(first, "ready")).pid == (await until(second, "ready")).pid

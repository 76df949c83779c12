from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from lsp_server.agent.explain import ModelExplainer
from lsp_server.agent.failures import QUIET_SECONDS
from lsp_server.engine.base import Priority
from lsp_server.errors import EngineDied
from lsp_server.wire import EngineStatus
from support.explaining import WORDS, explain, explaining, target
from support.listening import Heard
from support.scripted_engine import Hang, ScriptedEngine, Turn

PATIENCE = 10.0

pytestmark = pytest.mark.usefixtures("home")


class Watched(ScriptedEngine):
    """A scripted engine that tells its status."""

    def __init__(self, *script: Turn) -> None:
        super().__init__(*script)
        self.state = EngineStatus("ready", "scripted")
        self.listeners: list[Callable[[EngineStatus], None]] = []

    def status(self) -> EngineStatus:
        return self.state

    def on_status(self, listener: Callable[[EngineStatus], None]) -> None:
        self.listeners.append(listener)

    def tell(self, status: EngineStatus) -> None:
        self.state = status
        for listener in self.listeners:
            listener(status)


async def one_waiting(it: ModelExplainer, hang: Hang) -> asyncio.Task[str | None]:
    """Let one be made and another wait; return the waiter of the second."""
    it.begin(target("k1"))
    await hang.reached.wait()
    it.begin(target("k2"))
    waiter = asyncio.create_task(it.wait(target("k2"), PATIENCE))
    await anyio.wait_all_tasks_blocked()
    return waiter


async def test_background(root: Path):
    """A hover begins an explanation behind everyone else, and the next one has the words."""
    engine = ScriptedEngine(WORDS)
    async with explaining(root, engine) as it:
        it.begin(target())
        assert await it.wait(target(), PATIENCE) == WORDS
        it.begin(target())
        assert await it.wait(target(), 0) == WORDS
    assert [job.priority for job in engine.jobs] == [Priority.BACKGROUND]


async def test_waiting_has_an_end(root: Path):
    """A hover waits as long as it may, and not at all where nothing is being made."""
    hang = Hang("It closes")
    async with explaining(root, ScriptedEngine(hang)) as it:
        assert await it.wait(target(), PATIENCE) is None
        it.begin(target())
        await hang.reached.wait()
        assert await it.wait(target(), 0.001) is None


async def test_one_waits(root: Path):
    """One is made and one waits; a newer hover replaces the one that waits, whose own waiter hears so."""
    hang = Hang("It closes")
    engine = ScriptedEngine(hang, WORDS)
    async with explaining(root, engine) as it:
        replaced = await one_waiting(it, hang)
        it.begin(target("k3", name="Till.pay"))
        assert await replaced is None
        it.begin(target("k3", name="Till.pay"))
        assert len(engine.jobs) == 1
        with anyio.move_on_after(0.001):
            await it.explain(target("k1"), listener=Heard())  # joins and leaves; the hover still wants it
        assert engine.closed == 0
    assert len(engine.jobs) == 1


async def test_the_waiting_one_follows(root: Path):
    """When the one that runs has ended the waiting one is made."""
    engine = ScriptedEngine(WORDS, "It pays.\n\nIn cash.")
    async with explaining(root, engine) as it:
        it.begin(target("k1"))
        it.begin(target("k2"))
        assert await it.wait(target("k2"), PATIENCE) == "It pays. In cash."
        assert it.known(target("k1")) == WORDS
    assert len(engine.jobs) == 2


async def test_what_nobody_asked_for_wakes_no_model(root: Path):
    """After the model has left memory neither what waits nor a new hover brings it back; a person does."""
    hang = Hang("It closes")
    engine = Watched(hang, WORDS)
    async with explaining(root, engine) as it:
        waiting = await one_waiting(it, hang)
        engine.tell(EngineStatus("unloaded"))
        with anyio.fail_after(PATIENCE / 2):  # it hears so at once
            assert await waiting is None
            it.begin(target("k3"))
            assert await it.wait(target("k3"), PATIENCE) is None
        assert len(engine.jobs) == 1
        assert (await explain(it, target("k3"))).markdown == WORDS
    assert len(engine.jobs) == 2


async def test_no_second_generation(root: Path):
    """Hovers and people who want the same content share one generation; who comes late hears all of it."""
    engine = ScriptedEngine(WORDS)
    async with explaining(root, engine) as it:
        heard = [Heard() for _ in range(3)]
        it.begin(target())
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(explain(it, target(), one, refresh=one is heard[2])) for one in heard]
            it.begin(target())
        assert {task.result().markdown for task in asked} == {WORDS}
        assert [one.text for one in heard] == [WORDS] * 3
    assert len(engine.jobs) == 1


async def test_joining_late(root: Path):
    """Who joins in the middle is told what was said so far."""
    hang, heard = Hang("It closes the basket. "), Heard()
    async with explaining(root, ScriptedEngine(hang)) as it:
        it.begin(target())
        await hang.reached.wait()
        await anyio.wait_all_tasks_blocked()
        with anyio.move_on_after(0.001):
            await explain(it, target(), heard)
    assert heard.text.startswith("It closes")


async def test_promotion(root: Path):
    """A person who asks for what waits for its turn has it made at once."""
    hang = Hang("It closes")
    engine = ScriptedEngine(hang, WORDS)
    async with explaining(root, engine) as it:
        it.begin(target("k1"))
        await hang.reached.wait()
        it.begin(target("k2"))
        assert (await explain(it, target("k2"))).markdown == WORDS
    assert [job.priority for job in engine.jobs] == [Priority.BACKGROUND, Priority.EXPLANATION]


async def test_a_failing_engine(root: Path):
    """A person is told of each failure; hovers do not start a failing engine again for a while."""
    now = [0.0]
    engine = ScriptedEngine(EngineDied("It died."), EngineDied("Again."), WORDS)
    async with explaining(root, engine, clock=lambda: now[0]) as it:
        it.begin(target("k1"))
        assert await it.wait(target("k1"), PATIENCE) is None
        it.begin(target("k1"))
        it.begin(target("k2"))
        assert len(engine.jobs) == 1
        with pytest.raises(EngineDied, match="Again"):
            await explain(it, target("k1"))
        now[0] = QUIET_SECONDS + 1
        it.begin(target("k1"))
        assert await it.wait(target("k1"), PATIENCE) == WORDS


async def test_ahead_of_time(root: Path):
    """Symbols are explained ahead one after the other while nothing else runs; what is known is left out."""
    engine = Watched(WORDS, WORDS, WORDS)
    async with explaining(root, engine) as it:
        await explain(it, target("k1"))
        engine.state = EngineStatus("busy")
        it.prefetch([target("k1"), target("k2"), target("k3")])
        assert len(engine.jobs) == 1
        engine.tell(EngineStatus("ready"))
        assert await it.wait(target("k2"), PATIENCE) == WORDS
        assert await it.wait(target("k3"), PATIENCE) == WORDS
    assert [job.priority for job in engine.jobs[1:]] == [Priority.BACKGROUND] * 2


@pytest.mark.parametrize("who", ["ask", "explain", "hover", "nobody"])
async def test_ahead_of_time_gives_way(root: Path, who: str):
    """What is made ahead of time stops for whoever wants the model."""
    hang = Hang("It closes")
    engine = Watched(hang, WORDS)
    async with explaining(root, engine) as it:
        it.prefetch([target("k1"), target("k2")])
        await hang.reached.wait()
        match who:
            case "ask":
                engine.tell(EngineStatus("busy", queued=1))
            case "explain":
                assert (await explain(it, target("k3"))).markdown == WORDS
            case "hover":
                it.begin(target("k3"))
                assert await it.wait(target("k3"), PATIENCE) == WORDS
            case _:
                it.prefetch([])
        await anyio.wait_all_tasks_blocked()
        assert engine.closed >= 1
        assert it.known(target("k1")) is None


async def test_nothing_ahead_on_battery(root: Path):
    """A machine on its battery explains what is asked for and no more."""
    engine = ScriptedEngine(WORDS)
    async with explaining(root, engine, battery=lambda: True) as it:
        it.prefetch([target("k1")])
        assert await it.wait(target("k1"), PATIENCE) is None
        it.begin(target("k1"))
        assert await it.wait(target("k1"), PATIENCE) == WORDS


async def test_a_hover_keeps_what_was_made_ahead(root: Path):
    """A hover over the symbol that is being explained ahead of time makes it its own."""
    hang = Hang("It closes")
    engine = Watched(hang)
    async with explaining(root, engine) as it:
        it.prefetch([target("k1")])
        await hang.reached.wait()
        it.begin(target("k1"))
        it.prefetch([])
        await anyio.wait_all_tasks_blocked()
        assert engine.closed == 0

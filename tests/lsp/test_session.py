"""What a question needs is made ready once, made again on changes, and let go when nobody uses it."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

from lsp_server.agent.base import Listener
from lsp_server.engine.base import Engine
from lsp_server.errors import EngineUnavailable, ModelMissing
from lsp_server.lsp.bench import Agent
from lsp_server.settings import Settings
from lsp_server.wire import AskResult, EngineStatus
from support.in_process import FakeAsker, FakeEngine, FakeExplainer, answer, serving, speak

ASK = "inglenook/ask"
STATUS = "inglenook/status"


async def test_a_question_waits_until_the_agent_is_ready(tmp_path: Path):
    """Requests are answered while the agent is still being imported; a question waits for it."""
    gate = threading.Event()

    def slow(settings: Settings, workspace: Any, engine: Engine | None) -> Agent:
        assert gate.wait(30)
        return Agent(FakeAsker(settings, workspace, engine, speak), FakeExplainer())

    async with serving(agent_factory=slow) as stage:
        await stage.client.initialize(tmp_path)
        _, asking = stage.client.begin(ASK, {"question": "q"})
        assert await stage.client.request("inglenook/clearTrace") is None
        assert not asking.done()
        gate.set()
        assert (await stage.client.answered(asking))["answer"]


async def test_who_only_searches_wakes_no_model(tmp_path: Path):
    """A client may say that it will not ask: agent and engine are made when it does all the same."""
    made: list[Settings] = []

    def make(settings: Settings, workspace: Any, engine: Engine | None) -> Agent:
        made.append(settings)
        return Agent(FakeAsker(settings, workspace, engine, speak), FakeExplainer())

    async with serving(agent_factory=make) as stage:
        await stage.client.initialize(tmp_path, initializationOptions={"model": False})
        assert (await stage.client.request("inglenook/search", {"query": "x"}))["hits"] == []
        assert made == []
        assert (await stage.client.request(ASK, {"question": "q"}))["answer"]
        assert len(made) == 1


async def test_a_first_question_outlives_a_change_of_settings(tmp_path: Path):
    """A client that had not asked yet asks while its settings change: the question gets the newer agent."""
    async with serving() as stage:
        client = stage.client
        await client.initialize(tmp_path, initializationOptions={"model": False})
        for number in range(1, 6):
            await client.request("inglenook/search", {"query": "x"})
            _, asking = client.begin(ASK, {"question": "q"})
            client.notify("workspace/didChangeConfiguration", {"settings": {"files": {"maxBytes": 5000 + number}}})
            assert (await client.answered(asking))["answer"]


async def test_without_a_folder_no_look_makes_an_engine(tmp_path: Path):
    """Editors look at every document that they show: with no folder open, nothing is made anew for that."""
    async with serving() as stage:
        await stage.client.initialize()
        await stage.client.fails(ASK, {"question": "q"})
        made = len(stage.engines)
        params = {"textDocument": {"uri": (tmp_path / "a.py").as_uri()}}
        for _ in range(5):
            assert await stage.client.request("textDocument/documentSymbol", params) == []
        assert len(stage.engines) == made


async def test_a_uri_that_is_none_harms_no_other_folder(tmp_path: Path):
    """A folder whose URI cannot be read is left out; the others are open."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        added = [{"uri": "file://[", "name": "bad"}]
        stage.client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": added, "removed": []}})
        assert await stage.client.request(ASK, {"question": "q"})
        assert stage.askers[-1].workspace.roots == (tmp_path,)


async def test_without_a_folder_there_is_a_sentence(tmp_path: Path):
    """No open folder is no reason not to start; asking says what is wrong, and works once a folder is open."""
    async with serving() as stage:
        await stage.client.initialize()
        error = await stage.client.fails(ASK, {"question": "q"})
        assert (error.data["kind"], error.message) == ("workspace", "No folder is open.")
        added = [{"uri": tmp_path.as_uri(), "name": "w"}]
        stage.client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": added, "removed": []}})
        assert await stage.client.request(ASK, {"question": "q"})


async def test_a_folder_that_does_not_exist_has_a_sentence(tmp_path: Path):
    """A folder that is not there is told when somebody asks."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path / "nowhere")
        assert (await stage.client.fails(ASK, {"question": "q"})).data["kind"] == "workspace"


async def test_a_folder_that_is_gone_takes_no_other_along(tmp_path: Path):
    """Of several folders those that are there are open; the log tells of the others."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path / "gone", tmp_path)
        assert await stage.client.request(ASK, {"question": "q"})
        assert stage.askers[0].workspace.roots == (tmp_path,)
        assert any("is not there" in told["message"] for told in stage.client.heard("window/logMessage"))


async def test_the_root_uri_serves_clients_without_folders(tmp_path: Path):
    """A client that knows no workspace folders may name its root."""
    async with serving() as stage:
        await stage.client.initialize(workspaceFolders=None, rootUri=tmp_path.as_uri())
        assert await stage.client.request(ASK, {"question": "q"})
        assert stage.askers[0].workspace.roots == (tmp_path,)


async def test_several_folders_are_one_workspace(tmp_path: Path):
    """Folders with spaces and other letters are taken, and all of them."""
    folders = [tmp_path / "a b", tmp_path / "ünï#1"]
    for folder in folders:
        folder.mkdir()
    async with serving() as stage:
        await stage.client.initialize(*folders)
        await stage.client.request(ASK, {"question": "q"})
        assert list(stage.askers[0].workspace.roots) == folders


async def test_a_missing_model_is_status_and_error(tmp_path: Path):
    """An engine that cannot be made is told as status at once and as error when asked; it is tried again."""
    built = threading.Event()

    def factory(settings: Settings) -> Engine:
        if not built.is_set():
            raise ModelMissing("There is no model.")
        return FakeEngine(settings)

    async with serving(engine_factory=factory) as stage:
        client = stage.client
        await client.initialize(tmp_path)
        told = await client.until(lambda: [told for told in client.heard(STATUS) if "hint" in told["engine"]])
        assert told[0]["engine"] == {
            "state": "notSetUp",
            "queued": 0,
            "message": "There is no model.",
            "hint": "Run `inglenook model build`.",
            "kind": "modelMissing",
        }
        assert (await client.fails(ASK, {"question": "q"})).code == 1010
        built.set()
        assert await client.request(ASK, {"question": "q"})


async def test_an_agent_that_cannot_be_made_is_told(tmp_path: Path):
    """An unforeseen failure of the agent's making is an error, not silence."""

    def broken(settings: Settings, workspace: Any, engine: Engine | None) -> Agent:
        raise ImportError("no framework")

    async with serving(agent_factory=broken) as stage:
        await stage.client.initialize(tmp_path)
        error = await stage.client.fails(ASK, {"question": "q"})
        assert error.code == 1000
        assert "no framework" in error.message
        assert stage.client.heard(STATUS)[-1]["engine"]["state"] == "failed"


async def test_every_change_of_status_is_told_once(tmp_path: Path):
    """The engine's states reach the client in order, without repetition."""
    async with serving() as stage:
        client = stage.client
        await client.initialize(tmp_path)
        await client.until(lambda: client.heard(STATUS) and client.heard(STATUS)[-1]["engine"]["state"] == "ready")
        for status in (EngineStatus("loading", percent=50), EngineStatus("loading", percent=50), EngineStatus("busy")):
            stage.engines[0].tell(status)
        await client.until(lambda: client.heard(STATUS)[-1]["engine"]["state"] == "busy")
        assert [params["engine"]["state"] for params in client.heard(STATUS)] == [
            "unloaded",
            "ready",
            "loading",
            "busy",
        ]


async def test_an_endpoint_needs_no_engine(tmp_path: Path):
    """With an endpoint no engine is made, and the status says where the model is."""
    options = {"settings": {"model": {"endpoint": "http://127.0.0.1:1/v1", "endpointModel": "m"}}}
    async with serving() as stage:
        await stage.client.initialize(tmp_path, initializationOptions=options)
        await stage.client.request(ASK, {"question": "q"})
        assert (stage.engines, stage.askers[0].engine) == ([], None)
        assert stage.client.heard(STATUS)[-1]["engine"] == {
            "state": "ready",
            "model": "m",
            "device": "endpoint",
            "queued": 0,
        }


async def test_a_running_question_keeps_what_it_uses(tmp_path: Path):
    """A change of settings does not pull the agent from under a question; it is let go afterwards."""
    gate = asyncio.Event()

    async def gated(asker: FakeAsker, question: str, listener: Listener) -> AskResult:
        listener.progress("working", None)
        if question == "slow":
            await gate.wait()
        return answer()

    async with serving(gated) as stage:
        client = stage.client
        await client.initialize(tmp_path)
        _, asking = client.begin(ASK, {"question": "slow", "workDoneToken": "w"})
        await client.until(lambda: len(client.progress("w")) > 1)
        client.notify("workspace/didChangeConfiguration", {"settings": {"model": {"seed": 1}}})
        await client.request(ASK, {"question": "quick"})
        assert [asker.closed for asker in stage.askers] == [False, False]
        gate.set()
        await client.answered(asking)
        assert [asker.closed for asker in stage.askers] == [True, False]


async def test_the_end_lets_everything_go(tmp_path: Path):
    """When the client leaves, agent and engine are let go."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        await stage.client.request(ASK, {"question": "q"})
    assert stage.askers[0].closed
    assert stage.engines[0].closed.is_set()


async def test_a_client_that_vanishes_stops_its_question(tmp_path: Path):
    """Closing the connection in mid-answer cancels the agent, and the server ends with 1."""
    stopped = asyncio.Event()

    async def hang(asker: FakeAsker, question: str, listener: Listener) -> AskResult:
        listener.progress("working", None)
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        raise EngineUnavailable("unreachable")

    async with serving(hang) as stage:
        await stage.client.initialize(tmp_path)
        _, asking = stage.client.begin(ASK, {"question": "q", "workDoneToken": "w"})
        await stage.client.until(lambda: len(stage.client.progress("w")) > 1)
        stage.client.writer.close()
        assert await asyncio.wait_for(stage.exit_code, 30) == 1
        assert stopped.is_set()
        asking.cancel()

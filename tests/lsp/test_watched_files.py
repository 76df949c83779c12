"""Changed files reach the index, from whoever knows of them first."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from lsp_server.workspace.index.base import IndexState
from lsp_server.workspace.workspace import Workspace
from support.in_process import serving

WATCHES = {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}
STATUS = "inglenook/status"


class FakeIndex:
    """Stands behind a workspace: does what the test says, remembers what it is told."""

    def __init__(self) -> None:
        self.state = IndexState("starting")
        self.watch: list[bool] = []
        self.changed: queue.Queue[Path] = queue.Queue()
        self.cancelled = threading.Event()
        self.closed = 0
        self.tell: Callable[[IndexState], None] = lambda _state: None

    def open_index(self, on_state: Callable[[IndexState], None], *, watch: bool) -> None:
        self.watch.append(watch)
        self.tell = on_state

    def say(self, state: IndexState) -> None:
        """Come further."""
        self.state = state
        self.tell(state)

    def files_changed(self, paths: Sequence[Path]) -> None:
        for path in paths:
            self.changed.put(path)

    def cancel(self) -> None:
        self.cancelled.set()

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> FakeIndex:
    fake = FakeIndex()
    methods: dict[str, Any] = {
        "open_index": fake.open_index,
        "index_state": property(lambda _workspace: fake.state),
        "files_changed": fake.files_changed,
        "cancel_indexing": fake.cancel,
        "close": fake.close,
    }
    for name, method in methods.items():
        monkeypatch.setattr(Workspace, name, method, raising=False)
    return fake


async def test_a_client_that_can_is_asked_to_watch(tmp_path: Path, index: FakeIndex):
    """The client is registered for every file, and the index watches nothing itself."""
    async with serving(with_index=True) as stage:
        client = stage.client
        await client.initialize(tmp_path, capabilities=WATCHES)
        [params] = await client.until(lambda: client.heard("client/registerCapability"))
        [registration] = params["registrations"]
        assert registration["method"] == "workspace/didChangeWatchedFiles"
        assert registration["registerOptions"] == {"watchers": [{"globPattern": "**/*"}]}
        await client.until(lambda: client.heard(STATUS))
        assert index.watch == [False]


async def test_otherwise_the_index_watches(tmp_path: Path, index: FakeIndex):
    """A client without the ability is not asked, and the index is told to watch."""
    async with serving(with_index=True) as stage:
        await stage.client.initialize(tmp_path)
        await stage.client.until(lambda: stage.client.heard(STATUS))
        assert index.watch == [True]
        assert stage.client.heard("client/registerCapability") == []
    assert index.closed == 1


async def test_changes_and_saves_reach_the_index(tmp_path: Path, index: FakeIndex):
    """Every way of changing is told with its path; what is no file is passed over."""
    async with serving(with_index=True) as stage:
        client = stage.client
        await client.initialize(tmp_path, capabilities=WATCHES)
        await client.until(lambda: client.heard(STATUS))
        made, gone, saved = tmp_path / "ä b.py", tmp_path / "gone.py", tmp_path / "saved.py"
        changes = [
            {"uri": made.as_uri(), "type": 1},
            {"uri": gone.as_uri(), "type": 3},
            {"uri": "git:/x?y", "type": 2},
        ]
        client.notify("workspace/didChangeWatchedFiles", {"changes": changes})
        client.notify("textDocument/didSave", {"textDocument": {"uri": saved.as_uri()}})
        client.notify("textDocument/didSave", {"textDocument": {"uri": "untitled:a"}})
        told = {await asyncio.to_thread(index.changed.get, timeout=30) for _ in range(3)}
        assert told == {made, gone, saved}


async def test_the_indexs_states_are_told(tmp_path: Path, index: FakeIndex):
    """Every state reaches the client once, beside the engine's; `ready` is said when it is so, and not before."""
    async with serving(with_index=True) as stage:
        client = stage.client
        await client.initialize(tmp_path)
        await client.until(lambda: client.heard(STATUS))
        for state in (IndexState("indexing", 5, 5, 50), IndexState("indexing", 5, 5, 50), IndexState("ready", 10)):
            index.say(state)
        await client.until(lambda: client.heard(STATUS)[-1]["index"]["state"] == "ready")
        told = [params["index"] for params in client.heard(STATUS)]
        assert [one for at, one in enumerate(told) if one not in told[:at]] == [
            {"state": "starting", "files": 0, "stale": 0},
            {"state": "indexing", "files": 5, "stale": 5, "percent": 50},
            {"state": "ready", "files": 10, "stale": 0},
        ]


async def test_without_a_folder_the_index_is_off(index: FakeIndex):
    """With no folder open there is nothing to index."""
    async with serving(with_index=True) as stage:
        await stage.client.initialize()
        await stage.client.until(lambda: stage.client.heard(STATUS))
        assert stage.client.heard(STATUS)[-1]["index"]["state"] == "off"
        assert index.watch == []


async def test_long_work_is_shown_and_can_be_cancelled(
    tmp_path: Path, index: FakeIndex, monkeypatch: pytest.MonkeyPatch
):
    """Indexing that takes longer than a moment has a progress; cancelling it tells the index."""
    monkeypatch.setattr("lsp_server.lsp.indexing.SHOWN_AFTER_SECONDS", 0.0)
    async with serving(with_index=True) as stage:
        client = stage.client
        await client.initialize(tmp_path, capabilities={"window": {"workDoneProgress": True}})
        index.say(IndexState("indexing", 5, 15, 25))
        [created] = await client.until(lambda: client.heard("window/workDoneProgress/create"))
        token = created["token"]
        begin, *_ = await client.until(lambda: client.progress(token))
        assert begin == {"kind": "begin", "title": "Indexing", "cancellable": True}
        index.say(IndexState("indexing", 15, 5, 75))
        await client.until(lambda: client.progress(token)[-1].get("percentage") == 75)
        client.notify("window/workDoneProgress/cancel", {"token": token})
        assert await asyncio.to_thread(index.cancelled.wait, 30)
        index.say(IndexState("direct", message="Indexing was stopped."))
        await client.until(lambda: client.progress(token)[-1]["kind"] == "end")


async def test_short_work_is_not_shown(tmp_path: Path, index: FakeIndex):
    """Work that is over in a moment flashes no progress."""
    async with serving(with_index=True) as stage:
        client = stage.client
        await client.initialize(tmp_path, capabilities={"window": {"workDoneProgress": True}})
        await client.until(lambda: client.heard(STATUS))
        index.say(IndexState("ready", 3))
        await client.until(lambda: client.heard(STATUS)[-1]["index"]["state"] == "ready")
        await client.request("inglenook/ask", {"question": "q"})
        assert client.heard("window/workDoneProgress/create") == []


async def test_lenses_are_counted_again_when_the_index_is_ready(tmp_path: Path, index: FakeIndex):
    """A client that can is asked to ask for its lenses again."""
    async with serving(with_index=True) as stage:
        client = stage.client
        capabilities = {"workspace": {"codeLens": {"refreshSupport": True}}}
        options = {"settings": {"codeLens.references": True}}
        await client.initialize(tmp_path, capabilities=capabilities, initializationOptions=options)
        await client.until(lambda: len(client.heard("workspace/codeLens/refresh")) == 1)
        index.say(IndexState("ready", 3))
        await client.until(lambda: len(client.heard("workspace/codeLens/refresh")) == 2)


async def test_a_search_comes_after_the_changes_told_before_it(
    tmp_path: Path, index: FakeIndex, monkeypatch: pytest.MonkeyPatch
):
    """What is asked after a change was told waits until the workspace has heard of it."""
    heard, gate = threading.Event(), threading.Event()

    def slow(_workspace: Workspace, _paths: Sequence[Path]) -> None:
        heard.set()
        assert gate.wait(30)

    monkeypatch.setattr(Workspace, "files_changed", slow)
    async with serving(with_index=True) as stage:
        client = stage.client
        await client.initialize(tmp_path, capabilities=WATCHES)
        assert (await client.request("inglenook/search", {"query": "x"}))["hits"] == []
        uri = (tmp_path / "x.py").as_uri()
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 1}]})
        _, searching = client.begin("inglenook/search", {"query": "x"})
        assert await asyncio.to_thread(heard.wait, 30)
        assert await client.request("inglenook/clearTrace") is None
        assert not searching.done()
        (tmp_path / "x.py").write_text("x = 1\n")
        gate.set()
        assert [hit["path"] for hit in (await client.answered(searching))["hits"]] == ["x.py"]

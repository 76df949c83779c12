"""A spawned server searches through its index: fresh on every keystroke, save and deletion."""

from __future__ import annotations

import asyncio
from typing import Any

from support.scripted_server import Scripted
from support.wire_client import RpcError, WireClient

SEARCH = "inglenook/search"
STATUS = "inglenook/status"
WATCHES = {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}


async def ready(client: WireClient) -> dict[str, Any]:
    """Wait until the index says that it is ready."""

    def last() -> Any:
        told = [params["index"] for params in client.heard(STATUS)]
        return told[-1] if told and told[-1]["state"] == "ready" else None

    return await client.until(last)


async def paths(client: WireClient, query: str, **params: Any) -> set[str]:
    result = await client.request(SEARCH, {"query": query, **params})
    return {hit["path"] for hit in result["hits"]}


async def test_a_search_waits_for_the_index_when_it_is_asked_to(scripted: Scripted):
    """With `wait` the first search of a new workspace is complete, and says so."""
    for number in range(40):
        scripted.file(f"deep/file{number}.py", f"def handler_{number}():\n    return needle\n")
    async with scripted.spawn() as spawned:
        await scripted.initialize(spawned.client)
        result = await spawned.client.request(SEARCH, {"query": "needle", "wait": True})
        assert result["total"] >= 40
        assert result["freshness"] == {"files": 41, "stale": 0}
        assert (await ready(spawned.client))["files"] == 41


async def test_what_is_typed_is_found(scripted: Scripted):
    """An unsaved buffer is searched as it is shown, and its file again when it is closed."""
    async with scripted.spawn() as spawned:
        client = spawned.client
        await scripted.initialize(client)
        await ready(client)
        uri = (scripted.workspace / "core.py").as_uri()
        document = {"uri": uri, "languageId": "python", "version": 1, "text": "class Typed:\n    pass\n"}
        client.notify("textDocument/didOpen", {"textDocument": document})
        assert await paths(client, "Typed", kind="symbol") == {"core.py"}
        change = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": "class Renamed: pass\n"}]}
        client.notify("textDocument/didChange", change)
        assert await paths(client, "Typed", kind="exact") == set()
        assert await paths(client, "Renamed", kind="exact") == {"core.py"}
        client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        assert await paths(client, "Renamed", kind="exact") == set()
        assert await paths(client, "Speaker", kind="symbol") == {"core.py"}


async def test_what_the_client_tells_of_is_found_at_once(scripted: Scripted):
    """Files that are made, changed and deleted are right in the next search."""
    async with scripted.spawn() as spawned:
        client = spawned.client
        await scripted.initialize(client, capabilities=WATCHES)
        await ready(client)
        file = scripted.file("new.py", "class Made: pass\n")
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": file.as_uri(), "type": 1}]})
        assert await paths(client, "Made", kind="symbol", wait=True) == {"new.py"}
        await asyncio.to_thread(file.unlink)
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": file.as_uri(), "type": 3}]})
        assert await paths(client, "Made", wait=True) == set()


async def test_a_second_window_shares_the_index(scripted: Scripted):
    """Two servers over one folder find the same; the second is ready although the first holds the index."""
    async with scripted.spawn() as first, scripted.spawn() as second:
        for spawned in (first, second):
            await scripted.initialize(spawned.client)
            await ready(spawned.client)
        assert await paths(first.client, "Speaker") == await paths(second.client, "Speaker") == {"core.py"}


async def test_a_folder_that_goes_is_no_crash(scripted: Scripted):
    """The workspace folder is deleted while it is open: every request is still answered."""
    async with scripted.spawn() as spawned:
        client = spawned.client
        await scripted.initialize(client)
        await ready(client)
        uri = (scripted.workspace / "core.py").as_uri()
        await asyncio.to_thread((scripted.workspace / "core.py").unlink)
        await asyncio.to_thread(scripted.workspace.rmdir)
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 3}]})
        assert (await client.request(SEARCH, {"query": "Speaker"}))["hits"] == []
        place = {"textDocument": {"uri": uri}, "position": {"line": 3, "character": 7}}
        assert await client.request("textDocument/hover", place) is None
        assert await client.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}}) == []
        assert await client.request("workspace/symbol", {"query": "Speaker"}) == []


ODD = ["x" * 10_000, "(a+)+$" * 5, "\0", "é" * 999, "calls:", "kind:", "*", '"' * 50, "\ud800", " "]


async def test_any_query_is_answered(scripted: Scripted):
    """A query that is long, odd or explosive gets hits or a sentence, whatever it is taken as."""
    scripted.file("line.txt", "a" * 100_000)
    async with scripted.spawn() as spawned:
        client = spawned.client
        await scripted.initialize(client)
        for kind in ("auto", "regex", "words", "exact", "symbol"):
            for query in ODD:
                assert await outcome(client, query, kind) in {"words", "exact", "regex", "symbol", 1001}


async def outcome(client: WireClient, query: str, kind: str) -> Any:
    """Return what the query was taken as, or the error's code."""
    try:
        return (await client.request(SEARCH, {"query": query, "kind": kind}))["kind"]
    except RpcError as error:
        return error.code

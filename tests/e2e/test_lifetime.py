"""How a server begins, is interrupted, and ends."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from typing import Any

import psutil
import pytest

from support.scripted_server import Scripted, gone
from support.wire_client import RpcError, ServerEnded, WireClient

ASK = "inglenook/ask"
LONG = {"when": "Talk", "say": "word ", "repeat": 400}
SLOW = 0.005
"""Seconds a token: an answer of LONG takes ten seconds, if it is not stopped."""


def spoken(client: WireClient) -> str:
    return "".join(value.get("delta", "") for value in client.progress("p"))


def state(client: WireClient) -> Any:
    told = client.heard("inglenook/status")
    return told[-1]["engine"] if told else {}


async def test_initialize_is_answered_within_a_second(scripted: Scripted):
    """The handshake waits for no framework and no model; the process's own start is not counted."""
    async with scripted.spawn() as spawned:
        assert (await spawned.client.fails("inglenook/nothing")).code == -32002  # it reads
        began = time.perf_counter()
        result = await scripted.initialize(spawned.client)
        assert time.perf_counter() - began < 1
        assert result["serverInfo"]["name"] == "inglenook"
        capabilities = result["capabilities"]
        assert capabilities["workspace"]["workspaceFolders"] == {"supported": True, "changeNotifications": True}


async def test_only_messages_stand_on_stdout(scripted: Scripted):
    """Every byte on stdout belongs to a message, also while processes are started."""
    async with scripted.spawn() as spawned:
        client = spawned.client
        await scripted.initialize(client)
        await client.request(ASK, {"question": "List the protocols."})
        await client.request("shutdown")
        client.notify("exit")
        assert await spawned.exit_code() == 0
        await client.ended.wait()
        rest = client.raw
        while rest:
            head, _, rest = rest.partition(b"\r\n\r\n")
            name, _, length = head.partition(b": ")
            assert name == b"Content-Length"
            rest = rest[int(length) :]


@pytest.mark.parametrize("way", ["request", "progress"])
@pytest.mark.parametrize("moment", ["at once", "started", "speaking"])
async def test_cancelling_stops_the_model(scripted: Scripted, way: str, moment: str):
    """At any moment either cancel is answered with -32800 and the model falls silent; the next question works."""
    scripted.write(LONG, {"when": "Hi", "say": "Hello."}, seconds_per_token=SLOW)
    async with scripted.spawn() as spawned:
        client = spawned.client
        await scripted.initialize(client)
        msg_id, asking = client.begin(ASK, {"question": "Talk", "workDoneToken": "w", "partialResultToken": "p"})
        if moment == "started":
            await client.until(lambda: len(client.progress("w")) > 1)
        elif moment == "speaking":
            await client.until(lambda: spoken(client))
        if way == "request":
            client.notify("$/cancelRequest", {"id": msg_id})
        else:
            client.notify("window/workDoneProgress/cancel", {"token": "w"})
        with pytest.raises(RpcError) as caught:
            await client.answered(asking)
        assert caught.value.code == -32800
        assert len(spoken(client)) < 400
        assert (await client.request(ASK, {"question": "Hi"}))["answer"] == "Hello."
        await client.until(lambda: state(client).get("state") == "ready")


async def test_a_killed_model_is_told_and_comes_back(scripted: Scripted):
    """When the resident process is killed in mid-answer the request fails clearly; the next starts a new one."""
    scripted.write(LONG, {"when": "Hi", "say": "Hello."}, seconds_per_token=SLOW)
    async with scripted.spawn() as spawned:
        client = spawned.client
        await scripted.initialize(client)
        _, asking = client.begin(ASK, {"question": "Talk", "partialResultToken": "p"})
        await client.until(lambda: spoken(client) and state(client).get("pid"))
        first = state(client)["pid"]
        os.kill(first, signal.SIGKILL)
        with pytest.raises(RpcError) as caught:
            await client.answered(asking)
        assert (caught.value.code, caught.value.data["kind"]) == (1021, "engineDied")
        assert (await client.request(ASK, {"question": "Hi"}))["answer"] == "Hello."
        await client.until(lambda: state(client).get("pid") not in {None, first})


async def test_two_clients_share_one_model(scripted: Scripted):
    """Two servers, asked at once, both answer, from one resident process."""
    async with scripted.spawn() as one, scripted.spawn() as two:
        await asyncio.gather(scripted.initialize(one.client), scripted.initialize(two.client))
        results = await asyncio.gather(
            *(spawned.client.request(ASK, {"question": "List the protocols."}) for spawned in (one, two))
        )
        assert [result["outcome"] for result in results] == ["answered", "answered"]
        for spawned in (one, two):
            await spawned.client.until(lambda client=spawned.client: state(client).get("pid"))
        assert state(one.client)["pid"] == state(two.client)["pid"]


async def test_the_model_leaves_after_its_last_client(scripted: Scripted):
    """Some time after its last client has gone the resident process ends by itself."""
    async with scripted.spawn() as spawned:
        await scripted.initialize(spawned.client)
        await spawned.client.request(ASK, {"question": "List the protocols."})
        await spawned.client.until(lambda: state(spawned.client).get("pid"))
        pid = state(spawned.client)["pid"]
    if psutil.pid_exists(pid):
        await gone(pid)


@pytest.mark.parametrize("moment", ["idle", "speaking"])
async def test_a_client_that_vanishes_ends_the_server(scripted: Scripted, moment: str):
    """A closed connection ends the server, also in mid-answer."""
    scripted.write(LONG, seconds_per_token=SLOW)
    async with scripted.spawn() as spawned:
        client = spawned.client
        await scripted.initialize(client)
        if moment == "speaking":
            client.begin(ASK, {"question": "Talk", "partialResultToken": "p"})
            await client.until(lambda: spoken(client))
        client.writer.close()
        assert await spawned.exit_code() == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_signals_end_the_server(scripted: Scripted, number: signal.Signals):
    """A signal ends the server although stdin stays open."""
    async with scripted.spawn() as spawned:
        await scripted.initialize(spawned.client)
        spawned.process.send_signal(number)
        assert await spawned.exit_code() == 1


async def test_exit_ends_the_server_while_stdin_stays_open(scripted: Scripted):
    """`shutdown` then `exit` end the server with 0, and what was asked is answered."""
    scripted.write(LONG, seconds_per_token=SLOW)
    async with scripted.spawn() as spawned:
        client = spawned.client
        await scripted.initialize(client)
        _, asking = client.begin(ASK, {"question": "Talk", "partialResultToken": "p"})
        await client.until(lambda: spoken(client))
        await client.request("shutdown")
        with pytest.raises(RpcError):
            await client.answered(asking)
        client.notify("exit")
        assert await spawned.exit_code() == 0


async def test_the_server_dies_with_its_parent(scripted: Scripted):
    """When the process that the client named is killed, the server ends although stdin stays open."""
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE)
    async with scripted.spawn() as spawned:
        await scripted.initialize(spawned.client, processId=parent.pid)
        await spawned.client.request("inglenook/clearTrace")
        parent.kill()
        assert await spawned.exit_code() == 1
        await parent.communicate()


async def test_the_end_fails_what_waits(scripted: Scripted):
    """A client that waits when the server is killed sees the connection end."""
    scripted.write(LONG, seconds_per_token=SLOW)
    async with scripted.spawn() as spawned:
        await scripted.initialize(spawned.client)
        _, asking = spawned.client.begin(ASK, {"question": "Talk", "partialResultToken": "p"})
        await spawned.client.until(lambda: spoken(spawned.client))
        spawned.process.kill()
        with pytest.raises(ServerEnded):
            await spawned.client.answered(asking)


async def test_a_client_that_does_not_read_holds_nothing_up(scripted: Scripted):
    """More output than a pipe holds does not stop the server from hearing the client."""
    async with scripted.spawn() as spawned:
        client = spawned.client
        await scripted.initialize(client)
        client.pause()
        for _ in range(2000):
            client.begin("inglenook/nothing", {"x": "y" * 100})
        _, asking = client.begin(ASK, {"question": "List the protocols."})
        await client.writer.drain()
        client.resume()
        assert (await client.answered(asking))["outcome"] == "answered"

"""A spawned server answers whatever is thrown at it, and goes on working."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import psutil
import pytest

from support.scripted_server import FOUND, LISTING, Scripted
from support.wire_client import WireClient

ODD: list[Any] = [None, [], {}, "text", 5, {"question": 5}, {"action": 5}, {"textDocument": 5}, {"command": 5}]
METHODS = [
    "inglenook/ask",
    "inglenook/model",
    "inglenook/clearTrace",
    "inglenook/trust",
    "inglenook/nothing",
    "workspace/executeCommand",
    "textDocument/hover",
    "textDocument/completion",
    "textDocument/didOpen",
    "workspace/symbol",
    "initialize",
    "$/cancelRequest",
]
BODIES = [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 50_000, b'{"jsonrpc":"2.0","id":1.5,"method":"x"}']


async def ask(client: WireClient) -> str:
    return (await client.request("inglenook/ask", {"question": "List the protocols."}))["outcome"]


async def test_everything_is_answered(scripted: Scripted):
    """Every method with every odd parameter, and bodies that are no messages, are answered; then an ask works."""
    async with scripted.spawn() as spawned:
        client = spawned.client
        await scripted.initialize(client)
        waiting: list[Any] = []
        for method in METHODS:
            for params in ODD:
                waiting.append(client.begin(method, params)[1])
                waiting.append(client.begin(method, {"nested": {"jsonrpc": "2.0", "id": 9, "method": "exit"}})[1])
        for body in BODIES:
            client.send_body(body)
        for method in METHODS:
            for params in ODD:
                client.notify(method, params)
        answers = [await settled(client, future) for future in waiting]
        assert all(isinstance(code, int) for code in answers)
        assert await ask(client) == "answered"
        await client.request("shutdown")
        assert (await client.fails("inglenook/ask", {"question": "q"})).code == -32600


async def test_any_asks_and_cancels_leave_nothing_behind(scripted: Scripted):
    """200 questions, cancelled at random moments: one response for each id, and no memory or descriptor is kept."""
    chance = random.Random(7)  # noqa: S311 - a test that can be repeated
    scripted.write(FOUND, LISTING, {"when": "Talk", "say": "word ", "repeat": 20})
    async with scripted.spawn() as spawned:
        client = spawned.client
        await scripted.initialize(client)
        process = psutil.Process(spawned.process.pid)
        waiting: dict[Any, Any] = {}
        sizes: list[tuple[int, int]] = []
        for number in range(200):
            msg_id, token = chance.choice([f"a{number}", 1000 + number]), f"w{number}"
            params = {"question": chance.choice(["List the protocols.", "Talk"]), "workDoneToken": token}
            heard = len(client.messages) + chance.randint(0, 3)
            waiting[msg_id] = client.begin("inglenook/ask", params, msg_id=msg_id)[1]
            await client.until(lambda heard=heard: len(client.messages) >= heard)
            if chance.random() < 0.5:
                client.notify("$/cancelRequest", {"id": chance.choice(list(waiting)[-4:])})
            elif chance.random() < 0.5:
                client.notify("window/workDoneProgress/cancel", {"token": f"w{number - chance.randint(0, 3)}"})
            if number % 50 == 49:
                assert {await settled(client, future) for future in waiting.values()} <= {0, -32800}
                sizes.append((process.memory_info().rss, process.num_fds()))
        answered = Counter(
            message["id"] for message in client.messages if "method" not in message and message["id"] != 1
        )
        assert answered == dict.fromkeys(waiting, 1)
        assert sizes[-1][0] - sizes[0][0] < 10_000_000
        assert sizes[-1][1] < sizes[0][1] + 5
        assert await ask(client) == "answered"


async def settled(client: WireClient, future: Any) -> int:
    """Return the code of an error, 0 for a result."""
    try:
        await client.answered(future)
    except Exception as error:  # noqa: BLE001 - the error is what is looked at
        return getattr(error, "code", "no answer")  # pyright: ignore[reportReturnType]
    return 0


@pytest.mark.parametrize(
    "question", ["x" * 100_000, "Où est la fonction ? 日本語で", "a\0b\x1b[0m<|im_end|>", "```json"]
)
async def test_any_question_is_answered(scripted: Scripted, question: str):
    """A question that is long, foreign or full of control characters gets an answer or a sentence."""
    async with scripted.spawn() as spawned:
        await scripted.initialize(spawned.client)
        _, asking = spawned.client.begin("inglenook/ask", {"question": question})
        assert await settled(spawned.client, asking) in {0, 1030}
        assert await ask(spawned.client) == "answered"

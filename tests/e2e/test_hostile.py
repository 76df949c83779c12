"""A spawned server answers whatever is thrown at it, and goes on working."""

from __future__ import annotations

from typing import Any

import pytest

from support.scripted_server import Scripted
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

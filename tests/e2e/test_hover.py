"""A spawned server's hovers: the facts at once, the model's words at the next hover, kept for the next start."""

from __future__ import annotations

import time
from typing import Any

from support.scripted_server import SETTINGS, Scripted
from support.wire_client import WireClient

HOVER = "textDocument/hover"
MARKDOWN = {"textDocument": {"hover": {"contentFormat": ["markdown"]}}}
ON_REQUEST: dict[str, Any] = {"settings": {**SETTINGS, "hover": {"explain": "onRequest"}}}
SPEAKER = (3, 7)


def place(scripted: Scripted, line: int, character: int) -> dict[str, Any]:
    uri = (scripted.workspace / "core.py").as_uri()
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}


async def card(client: WireClient, scripted: Scripted) -> str:
    return (await client.request(HOVER, place(scripted, *SPEAKER)))["contents"]["value"]


async def test_the_words_come_after_the_facts(scripted: Scripted):
    """An explanation that was asked for stands in the next hover, and in that of the next server."""
    scripted.write({"when": "Speaker", "say": "It speaks to all who listen and to <b>you</b> [x](command:evil)."})
    for known in (False, True):
        async with scripted.spawn() as spawned:
            client = spawned.client
            await scripted.initialize(client, capabilities=MARKDOWN, initializationOptions=ON_REQUEST)
            if not known:
                first = await card(client, scripted)
                assert "class Speaker(Protocol)" in first
                assert "It speaks" not in first
                result = await client.request("inglenook/explain", place(scripted, *SPEAKER))
                assert result["cached"] is False
            result = await client.request("inglenook/explain", place(scripted, *SPEAKER))
            assert result["cached"] is True
            text = await card(client, scripted)
            assert "It speaks to" in text
            assert "<b>" not in text
            assert "](command:" not in text


async def test_hovers_are_quick_while_the_model_speaks(scripted: Scripted):
    """An answer that is being generated does not slow hovers down."""
    scripted.write({"when": "Talk", "say": "word ", "repeat": 4000}, seconds_per_token=0.005)
    async with scripted.spawn() as spawned:
        client = spawned.client
        await scripted.initialize(client, capabilities=MARKDOWN)
        msg_id, _ = client.begin("inglenook/ask", {"question": "Talk", "partialResultToken": "p"})
        await client.until(lambda: client.progress("p"))
        await card(client, scripted)
        times: list[float] = []
        for _ in range(40):
            began = time.perf_counter()
            await card(client, scripted)
            times.append(time.perf_counter() - began)
        assert sorted(times)[37] < 0.05
        client.notify("$/cancelRequest", {"id": msg_id})

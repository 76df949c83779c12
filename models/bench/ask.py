"""A whole ask through the language server, as an editor sees it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from lsp_server.editor_side import EditorSide, start_server
from lsp_server.own_programs import LANGUAGE_SERVER
from lsp_server.wire import ASK
from models.bench.figures import Figure

_WORKSPACE = Path(__file__).parents[2] / "lsp_server"
_QUESTION = "Which classes inherit from InglenookError?"
_LARGEST_SERVER = 150
_TOKEN = "text"  # noqa: S105 - a progress token


async def measure() -> list[Figure]:
    """Ask once to warm up, then measure the next."""
    first_text = 0.0

    def notified(method: str, params: Mapping[str, Any]) -> None:
        nonlocal first_text
        if method == "$/progress" and params["token"] == _TOKEN and params["value"]["kind"] == "text":
            first_text = first_text or time.perf_counter()

    async def ask(side: EditorSide) -> tuple[float, float, Mapping[str, Any]]:
        nonlocal first_text
        first_text = 0.0
        began = time.perf_counter()
        result = await side.request(ASK, {"question": _QUESTION, "partialResultToken": _TOKEN})
        return time.perf_counter() - began, first_text - began, result

    async with start_server(LANGUAGE_SERVER, notified) as side:
        began = time.perf_counter()
        await side.initialize(_WORKSPACE, {}, "utf-16")
        initialized = time.perf_counter() - began
        await ask(side)
        whole, first, result = await ask(side)
        server = max(child.memory_info().rss for child in psutil.Process().children())
    timing = result["trace"]["timing"]
    share = 100 * timing["cachedTokens"] / timing["promptTokens"]
    tools = len([span for span in result["trace"]["spans"] if span["name"] in {"search", "symbols", "read_file"}])
    return [
        Figure("initialize answered", initialized, "s", 1, note="process start included"),
        Figure(
            "warm ask, whole", whole, "s", note=f"{tools} tools, {timing['outputTokens']} tokens, {share:.0f} % cached"
        ),
        Figure("warm ask, first text", first, "s"),
        Figure("memory of the language server", server / 2**20, "MiB", _LARGEST_SERVER, note="after two asks"),
    ]

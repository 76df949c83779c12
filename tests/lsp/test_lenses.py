"""Code lenses: off unless wanted, counted when seen, counted again when the index has come further."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support.in_process import Stage, serving
from support.shop import make_shop

ON: dict[str, Any] = {"settings": {"codeLens": {"references": True}}}
REFRESH = "workspace/codeLens/refresh"


async def lenses(stage: Stage, root: Path) -> list[Any]:
    uri = (root / "src/shop/core.py").as_uri()
    return await stage.client.request("textDocument/codeLens", {"textDocument": {"uri": uri}})


async def test_there_are_none_by_default(tmp_path: Path):
    """Lenses are a setting."""
    async with serving() as stage:
        capabilities = (await stage.client.initialize(make_shop(tmp_path)))["capabilities"]
        assert capabilities["codeLensProvider"] == {"resolveProvider": True}
        await stage.client.request("inglenook/ask", {"question": "wait until the settings are read"})
        assert await lenses(stage, tmp_path) == []


async def test_a_lens_counts_when_it_is_seen(tmp_path: Path):
    """A lens stands on its definition's name; resolving it counts the uses, and its command finds them."""
    async with serving() as stage:
        await stage.client.initialize(make_shop(tmp_path), initializationOptions=ON)
        await stage.client.request("inglenook/ask", {"question": "wait until the settings are read"})
        found = {lens["data"]["name"]: lens for lens in await lenses(stage, tmp_path)}
        assert "command" not in found["make_registry"]
        resolved = await stage.client.request("codeLens/resolve", found["make_registry"])
        assert resolved["range"] == found["make_registry"]["range"]
        assert resolved["command"] == {
            "title": "3 uses",
            "command": "inglenook.search",
            "arguments": [{"query": r"\bmake_registry\b", "kind": "regex"}],
        }
        once = await stage.client.request("codeLens/resolve", found["check"])
        assert once["command"]["title"] == "1 use"


@pytest.mark.parametrize("data", [None, 5, "x", {}, {"name": 5}, {"name": "never heard of"}])
async def test_any_lens_is_resolved(tmp_path: Path, data: Any):
    """A lens that is not ours counts nothing, and is answered."""
    nowhere = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
    async with serving() as stage:
        await stage.client.initialize(make_shop(tmp_path))
        resolved = await stage.client.request("codeLens/resolve", {"range": nowhere, "data": data})
        assert resolved["command"]["title"] == "0 uses"


async def test_a_change_of_the_setting_shows_at_once(tmp_path: Path):
    """The client is asked to ask again when the setting changes, if it can."""
    async with serving() as stage:
        capabilities = {"workspace": {"codeLens": {"refreshSupport": True}}}
        await stage.client.initialize(make_shop(tmp_path), capabilities=capabilities)
        await stage.client.request("inglenook/ask", {"question": "wait until the settings are read"})
        assert stage.client.heard(REFRESH) == []
        stage.client.notify("workspace/didChangeConfiguration", {"settings": {"inglenook": ON["settings"]}})
        await stage.client.until(lambda: stage.client.heard(REFRESH))
        assert await lenses(stage, tmp_path)

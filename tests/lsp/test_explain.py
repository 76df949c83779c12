"""Explaining a symbol or a selection: streamed as an answer is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support.in_process import FakeExplainer, Stage, serving
from support.shop import CORE, make_shop
from support.wire_client import RpcError

EXPLAIN = "inglenook/explain"
LINES = CORE.split("\n")


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(LINES) if text in line)


def place(root: Path, line: int, character: int, **more: Any) -> dict[str, Any]:
    uri = (root / "src/shop/core.py").as_uri()
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}, **more}


async def explained(root: Path, params: dict[str, Any]) -> list[tuple[str, bool]]:
    """Return the names of what the explainer was asked about, and whether anew."""
    explainer = FakeExplainer("Words.")
    async with serving(explainer=explainer) as stage:
        await stage.client.initialize(root)
        await stage.client.request(EXPLAIN, params)
    return explainer.explained


async def test_words_are_streamed(tmp_path: Path):
    """The words come as partial results, the work as progress, and the result has all its fields."""
    explainer = FakeExplainer("It keeps services.")
    async with serving(explainer=explainer) as stage:
        client = stage.client
        await client.initialize(make_shop(tmp_path))
        spot = place(tmp_path, line_of("class Registry("), 8)
        result = await client.request(EXPLAIN, spot | {"workDoneToken": "w", "partialResultToken": "p"})
        assert client.progress("p") == [{"kind": "text", "delta": "It keeps services."}]
        assert [value["kind"] for value in client.progress("w")] == ["begin", "end"]
        assert client.progress("w")[0]["title"] == "Explain"
        assert set(result) == {"markdown", "cached", "citations", "trace"}
        assert (result["markdown"], result["cached"]) == ("It keeps services.", False)


async def test_a_new_one_is_made_on_request(tmp_path: Path):
    """`refresh` reaches the explainer."""
    make_shop(tmp_path)
    spot = place(tmp_path, line_of("class Registry("), 8)
    assert await explained(tmp_path, spot) == [("Registry", False)]
    assert await explained(tmp_path, spot | {"refresh": True}) == [("Registry", True)]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("    def check(", "Registry.check"),
        ("            raise ServiceMissing(", "ServiceMissing"),
        ("    registry = Registry()", "Registry"),
    ],
)
async def test_a_line_stands_for_its_first_name(tmp_path: Path, line: str, name: str):
    """A place without column means what the line defines, else what it uses first."""
    make_shop(tmp_path)
    assert await explained(tmp_path, place(tmp_path, line_of(line), 0)) == [(name, False)]


async def test_a_selection_is_explained(tmp_path: Path):
    """A selection counts instead of the symbol at the position, whichever end comes first."""
    make_shop(tmp_path)
    line = line_of("raise ServiceMissing(")
    start, end = {"line": line - 1, "character": 0}, {"line": line + 1, "character": 0}
    for selected in ({"start": start, "end": end}, {"start": start, "end": {"line": 10_000, "character": 0}}):
        assert await explained(tmp_path, place(tmp_path, 0, 0, range=selected)) == [("Registry.check", False)]


async def test_where_nothing_stands_there_is_a_sentence(tmp_path: Path):
    """Between the definitions, past the end, and in a secret, the error says what to do."""
    async with serving() as stage:
        await stage.client.initialize(make_shop(tmp_path))
        for line in (1, 100_000):
            error = await stage.client.fails(EXPLAIN, place(tmp_path, line, 0))
            assert (error.code, error.message) == (1001, "There is nothing to explain here.")
            assert error.data["hint"] == "Put the cursor on a name or select code."
        for path in (".env", "nowhere.py", "build/out.py"):
            params = {"textDocument": {"uri": (tmp_path / path).as_uri()}, "position": {"line": 0, "character": 0}}
            assert (await stage.client.fails(EXPLAIN, params)).data["kind"] == "outOfScope"


@pytest.mark.parametrize(
    "arguments", [[], ["a string"], [{}], [{"textDocument": {"uri": "a"}}], [1, 2], None, [{"refresh": 1}]]
)
async def test_a_command_wants_the_parameters(tmp_path: Path, arguments: Any):
    """`inglenook.explain` refuses what names no place."""
    async with serving() as stage:
        await stage.client.initialize(make_shop(tmp_path))
        params = {"command": "inglenook.explain", "arguments": arguments}
        assert (await stage.client.fails("workspace/executeCommand", params)).code == 1001


async def test_the_command_explains(tmp_path: Path):
    """Any editor can have a place explained, and sees the progress that the server begins."""
    async with serving(explainer=FakeExplainer("Words.")) as stage:
        await initialize_with_progress(stage, make_shop(tmp_path))
        spot = place(tmp_path, line_of("class Registry("), 8)
        params = {"command": "inglenook.explain", "arguments": [spot]}
        assert (await stage.client.request("workspace/executeCommand", params))["markdown"] == "Words."
        assert stage.client.heard("window/workDoneProgress/create")


async def initialize_with_progress(stage: Stage, root: Path) -> None:
    await stage.client.initialize(root, capabilities={"window": {"workDoneProgress": True}})


async def test_a_cancel_in_the_same_breath_is_heard(tmp_path: Path):
    """A request that is cancelled before it could begin is answered too."""
    async with serving() as stage:
        await stage.client.initialize(make_shop(tmp_path))
        msg_id, explaining = stage.client.begin(EXPLAIN, place(tmp_path, line_of("class Registry("), 8))
        stage.client.notify("$/cancelRequest", {"id": msg_id})
        with pytest.raises(RpcError) as caught:
            await stage.client.answered(explaining)
        assert caught.value.code == -32800

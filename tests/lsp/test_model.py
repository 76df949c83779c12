"""Models are listed, planned, built, chosen and removed; the server itself fetches nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from support.in_process import Stage, serving
from support.wire_client import RpcError, WireClient

MODEL = "inglenook/model"
SMALL: Any = {"recipe": "small", "title": "Small", "built": False, "path": None, "bytes_on_disk": None, "plan": None}

PROGRAM = """
import json, sys, time
arguments = sys.argv[1:]
def say(**line): print(json.dumps(line), flush=True)
match arguments:
    case ["model", "list", "--json"]:
        say(models=[%(small)r], current="small")
    case ["model", "plan", "--recipe", "small", "--json"]:
        say(recipe="small", plan="1 GB to download")
    case ["model", "plan", "--recipe", "huge", "--json"]:
        say(recipe="huge", plan="does not fit")
        sys.exit(1)
    case ["model", "plan", "--recipe", other, "--json"]:
        say(error={"kind": "badRequest", "sentence": "There is no recipe.", "hint": "Look."})
        sys.exit(1)
    case ["model", "build", "--recipe", "small", "--json-progress"]:
        say(stage="download", label="Downloading", done=25, total=100)
        print("a line that is no JSON", flush=True)
        say(text="Nearly there.")
        say(recipe="small", path="x")
    case ["model", "build", "--recipe", "broken", "--json-progress"]:
        say(error={"kind": "modelBuild", "sentence": "The disk is full.", "hint": "Make room."})
        sys.exit(1)
    case ["model", "build", "--recipe", "crashing", "--json-progress"]:
        sys.exit(3)
    case ["model", "build", "--recipe", "endless", "--json-progress"]:
        say(label="Downloading", done=0, total=100)
        sys.stdin.read()
        time.sleep(600)
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A command line that says what the real one would."""
    monkeypatch.setenv("INGLENOOK_HOME", str(tmp_path / "home"))
    path = tmp_path / "program.py"
    path.write_text(PROGRAM % {"small": SMALL})
    return [sys.executable, str(path)]


async def start(stage: Stage, tmp_path: Path, program: list[str], **settings: Any) -> None:
    stage.server.command_line = program
    await stage.client.initialize(tmp_path, initializationOptions={"settings": settings})


async def test_recipes_are_listed(tmp_path: Path, program: list[str]):
    """What could be built is listed with what is built, and the one in force."""
    async with serving() as stage:
        await start(stage, tmp_path, program)
        assert await stage.client.request(MODEL, {"action": "list"}) == {
            "models": [{"recipe": "small", "title": "Small", "built": False, "outdated": False}],
            "current": "qwen2.5-coder-0.5b",
        }


async def test_a_plan_is_told(tmp_path: Path, program: list[str]):
    """A plan is words for a person, also where the machine is too small."""
    async with serving() as stage:
        await start(stage, tmp_path, program)
        result = await stage.client.request(MODEL, {"action": "plan", "recipe": "small"})
        assert result["models"][0]["plan"] == "1 GB to download"
        assert await stage.client.request(MODEL, {"action": "plan", "recipe": "huge"})
        error = await stage.client.fails(MODEL, {"action": "plan", "recipe": "none"})
        assert (error.code, error.message, error.data["hint"]) == (1001, "There is no recipe.", "Look.")


async def test_a_build_shows_its_progress(tmp_path: Path, program: list[str]):
    """Each line of the build is progress; afterwards the new model is taken up."""
    async with serving() as stage:
        client = stage.client
        await start(stage, tmp_path, program)
        await client.request("inglenook/ask", {"question": "q"})
        result = await client.request(MODEL, {"action": "build", "recipe": "small", "workDoneToken": "b"})
        assert result["models"]
        assert client.progress("b") == [
            {"kind": "begin", "title": "Build small", "cancellable": True},
            {"kind": "report", "message": "Downloading", "percentage": 25, "cancellable": True},
            {"kind": "report", "message": "Nearly there.", "cancellable": True},
            {"kind": "end", "message": "Done"},
        ]
        await client.request("inglenook/ask", {"question": "q"})
        assert len(stage.engines) == 2


@pytest.mark.parametrize(("recipe", "kind"), [("broken", "modelBuild"), ("crashing", "internal")])
async def test_a_failed_build_is_told(tmp_path: Path, program: list[str], recipe: str, kind: str):
    """A build that says why it failed is quoted, one that crashes is named."""
    async with serving() as stage:
        await start(stage, tmp_path, program)
        error = await stage.client.fails(MODEL, {"action": "build", "recipe": recipe, "workDoneToken": "b"})
        assert error.data["kind"] == kind
        assert stage.client.progress("b")[-1] == {"kind": "end", "message": error.message}


@pytest.mark.parametrize("way", ["$/cancelRequest", "window/workDoneProgress/cancel"])
async def test_a_build_can_be_cancelled(tmp_path: Path, program: list[str], way: str):
    """Either cancel ends the build's process and answers the request."""
    async with serving() as stage:
        client = stage.client
        await start(stage, tmp_path, program)
        msg_id, building = client.begin(MODEL, {"action": "build", "recipe": "endless", "workDoneToken": "b"})
        await client.until(lambda: len(client.progress("b")) > 1)
        client.notify(way, {"id": msg_id} if way.startswith("$") else {"token": "b"})
        with pytest.raises(RpcError) as caught:
            await client.answered(building)
        assert caught.value.code == -32800
        assert client.progress("b")[-1] == {"kind": "end", "message": "Cancelled"}


async def test_unloading_lets_go_of_the_model(tmp_path: Path, program: list[str]):
    """The model stays out of memory whatever is looked up, until the next question; the conversation goes on."""
    async with serving() as stage:
        client = stage.client
        await start(stage, tmp_path, program)
        await client.request("inglenook/ask", {"question": "q"})
        await client.request(MODEL, {"action": "unload"})
        await client.until(lambda: state(client) == "unloaded")
        await client.request("workspace/symbol", {"query": "anything"})
        assert (len(stage.engines), state(client)) == (1, "unloaded")
        assert await client.request("inglenook/ask", {"question": "q"})
        assert len(stage.askers) == 1


async def test_what_is_in_use_is_told_after_unloading(tmp_path: Path, program: list[str]):
    """The settings in force stay so while no model is in memory, or another is chosen."""
    async with serving() as stage:
        there = "http://127.0.0.1:9/v1"
        await start(stage, tmp_path, program, **{"model.endpoint": there})
        await stage.client.request("inglenook/ask", {"question": "q"})
        assert (await stage.client.request(MODEL, {"action": "unload"}))["current"] == there
        stage.server.session.renew()
        assert (await stage.client.request(MODEL, {"action": "list"}))["current"] == there


def state(client: WireClient) -> str:
    """Return what the engine was last said to do."""
    return client.heard("inglenook/status")[-1]["engine"]["state"]


@pytest.mark.parametrize("action", ["use", "remove"])
async def test_what_is_not_built_cannot_be_used_or_removed(tmp_path: Path, program: list[str], action: str):
    """Choosing or removing a model that is not there is told."""
    async with serving() as stage:
        await start(stage, tmp_path, program)
        error = await stage.client.fails(MODEL, {"action": action, "recipe": "small"})
        assert error.data["kind"] in {"modelMissing", "badRequest"}


@pytest.mark.parametrize("recipe", ["../up", "/abs", "a/b", ".hidden"])
async def test_a_recipe_is_no_path(tmp_path: Path, program: list[str], recipe: str):
    """A name that leads elsewhere removes nothing."""
    async with serving() as stage:
        await start(stage, tmp_path, program)
        error = await stage.client.fails(MODEL, {"action": "remove", "recipe": recipe})
        assert error.data["kind"] == "badRequest"

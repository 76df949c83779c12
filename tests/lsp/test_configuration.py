"""Settings come from wherever the client keeps them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import anyio
import anyio.lowlevel
import pytest

from lsp_server.lsp.configuration import Configuration
from support.in_process import Stage, serving

ASK = "inglenook/ask"
PULLS = {"workspace": {"configuration": True}}


async def settings_of(stage: Stage) -> Any:
    """Ask, and return the settings that the newest agent was made with."""
    await stage.client.request(ASK, {"question": "q"})
    return stage.askers[-1].settings


async def test_initialization_options_are_taken(tmp_path: Path):
    """A client without configuration may send settings when it starts, nested or dotted."""
    async with serving() as stage:
        given = {"ask": {"maxToolCalls": 2}, "model.topP": 0.5}
        await stage.client.initialize(tmp_path, initializationOptions={"settings": given})
        settings = await settings_of(stage)
        assert (settings.max_tool_calls, settings.top_p) == (2, 0.5)


async def test_configuration_is_pulled(tmp_path: Path):
    """A client that can be asked is asked, and its word wins over the initial options; null means unset."""
    async with serving() as stage:
        stage.client.configuration = {"ask": {"maxToolCalls": 3}, "model": {"path": None}}
        await stage.client.initialize(
            tmp_path, capabilities=PULLS, initializationOptions={"settings": {"ask.maxToolCalls": 2, "model.seed": 5}}
        )
        settings = await settings_of(stage)
        assert (settings.max_tool_calls, settings.seed) == (3, 5)
        assert stage.client.heard("workspace/configuration") == [
            {"items": [{"section": "inglenook"}, {"section": "files.exclude"}]}
        ]
        assert stage.client.heard("window/showMessage") == []


async def test_what_the_editor_hides_is_left_out(tmp_path: Path):
    """The editor's own `files.exclude` joins ours: what is switched on, and is no condition."""
    async with serving() as stage:
        stage.client.configuration = {"files": {"exclude": ["gen"]}}
        stage.client.excluded = {"**/out": True, "lib": False, "*.js": {"when": "$(basename).ts"}, "": True}
        await stage.client.initialize(tmp_path, capabilities=PULLS)
        assert (await settings_of(stage)).exclude == ("gen", "**/out")


async def test_what_only_the_editor_shows_makes_no_new_agent(tmp_path: Path):
    """Settings of hovers, lenses and diagnostics act at once, and forget no conversation."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        await settings_of(stage)
        values = {"hover": {"explain": "off", "wait": 5, "prefetch": True}, "codeLens": {"references": True}}
        stage.client.notify("workspace/didChangeConfiguration", {"settings": {"inglenook": values}})
        await settings_of(stage)
        assert len(stage.askers) == 1
        assert stage.server.session.settings.hover_wait == 5


@pytest.mark.parametrize("nested", [True, False])
async def test_changes_are_followed(tmp_path: Path, nested: bool):
    """A pushed change makes a new agent; the old one is let go."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        await settings_of(stage)
        values: Any = {"ask": {"maxToolCalls": 4}}
        stage.client.notify(
            "workspace/didChangeConfiguration", {"settings": {"inglenook": values} if nested else values}
        )
        assert (await settings_of(stage)).max_tool_calls == 4
        assert (len(stage.askers), stage.askers[0].closed, len(stage.engines)) == (2, True, 2)
        assert stage.engines[0].closed.is_set()


async def test_changes_are_pulled_where_they_can_be(tmp_path: Path):
    """A client that only says that something changed is asked what."""
    async with serving() as stage:
        capabilities = {"workspace": {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}}}
        await stage.client.initialize(tmp_path, capabilities=capabilities)
        await settings_of(stage)
        registered = stage.client.heard("client/registerCapability")[0]["registrations"]
        assert [entry["method"] for entry in registered] == ["workspace/didChangeConfiguration"]
        stage.client.configuration = {"ask": {"maxToolCalls": 5}}
        stage.client.notify("workspace/didChangeConfiguration", {"settings": None})
        assert (await settings_of(stage)).max_tool_calls == 5


async def test_the_same_settings_change_nothing(tmp_path: Path):
    """A change that changes nothing keeps agent and conversations."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        await settings_of(stage)
        stage.client.notify("workspace/didChangeConfiguration", {"settings": {"inglenook": {"ask": {}}}})
        await settings_of(stage)
        assert len(stage.askers) == 1


async def test_refused_values_are_shown_once(tmp_path: Path):
    """A value that is refused is told to the person, and not again with every change."""
    async with serving() as stage:
        client = stage.client
        await client.initialize(
            tmp_path, initializationOptions={"settings": {"ask": {"maxToolCalls": "many"}, "model": {"topP": 9}}}
        )
        assert (await settings_of(stage)).max_tool_calls == 6
        client.notify("workspace/didChangeConfiguration", {"settings": {"model": {"seed": 1}}})
        await settings_of(stage)
        assert client.heard("window/showMessage") == [
            {"type": 2, "message": "inglenook.model.topP: expected at most 1; using 1.0."},
            {"type": 2, "message": "inglenook.ask.maxToolCalls: expected a number; using 6."},
        ]


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
async def test_a_number_without_end_is_refused(tmp_path: Path, number: float):
    """JSON can say 1e999: such a value keeps its default, and the other settings count."""
    async with serving() as stage:
        given = {"model.maxTokens": number, "model.idleMinutes": number, "ask": {"maxToolCalls": 2}}
        await stage.client.initialize(tmp_path, initializationOptions={"settings": given})
        settings = await settings_of(stage)
        assert (settings.max_tokens, settings.idle_minutes, settings.max_tool_calls) == (400, 10.0, 2)
        assert len(stage.client.heard("window/showMessage")) == 2


@pytest.mark.parametrize("options", [None, 5, [], {"settings": 3}, {"commands": "no", "settings": [1]}])
async def test_odd_options_are_passed_over(tmp_path: Path, options: Any):
    """Options of the wrong type are as good as none."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path, initializationOptions=options)
        assert (await settings_of(stage)).max_tool_calls == 6


async def test_a_failing_client_does_not_stop_asking(tmp_path: Path):
    """A client that answers the pull with rubbish is taken to have no configuration."""
    async with serving() as stage:
        stage.client.configuration = "rubbish"
        await stage.client.initialize(tmp_path, capabilities=PULLS)
        assert (await settings_of(stage)).max_tool_calls == 6


async def test_an_answer_from_before_a_change_does_not_count():
    """A client that was asked before its settings changed is asked again, and its last word is in force."""
    asked, answers = list[object](), [anyio.Event(), anyio.Event()]

    async def pull(_params: object) -> list[object]:
        number = len(asked)
        asked.append(number)
        await answers[number].wait()
        return [{"ask.maxToolCalls": 2 + number}, None]

    client = SimpleNamespace(workspace=SimpleNamespace(configuration=True))
    configuration = Configuration(
        cast("Any", SimpleNamespace(client_capabilities=client, workspace_configuration_async=pull))
    )
    async with asyncio.TaskGroup() as group:
        read = group.create_task(configuration.read())
        while not asked:
            await anyio.lowlevel.checkpoint()
        configuration.changed({"ask.maxToolCalls": 9})
        answers[0].set()
        answers[1].set()
    assert (read.result().max_tool_calls, len(asked)) == (3, 2)

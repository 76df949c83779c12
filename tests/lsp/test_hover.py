"""A hover shows the facts at once, and the model's words when there are any."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from lsp_server.lsp.bench import Agent
from support.in_process import FakeAsker, FakeExplainer, Stage, serving, speak
from support.shop import CORE, make_shop, write

HOVER = "textDocument/hover"
MARKDOWN = {"textDocument": {"hover": {"contentFormat": ["markdown", "plaintext"]}}}
LINKS = {"trustedCommands": True}
WHAT = "What does `Registry` do, and who uses it?"


async def hover(stage: Stage, path: Path, word: str) -> Any:
    """Hover over the first occurrence of a word of the shop's core."""
    at = CORE.index(word)
    return await stage.client.request(
        HOVER, at_position(path, CORE.count("\n", 0, at), at - CORE.rfind("\n", 0, at) - 1)
    )


def at_position(path: Path, line: int, character: int) -> dict[str, Any]:
    return {"textDocument": {"uri": path.as_uri()}, "position": {"line": line, "character": character}}


def links_of(found: Any) -> dict[str, tuple[str, Any]]:
    """Return each command link's title with its command and arguments."""
    links = re.findall(r"\[([^\]]+)\]\(command:([\w.]+)\?([^)]+)\)", found["contents"]["value"])
    return {title: (command, json.loads(unquote(arguments))) for title, command, arguments in links}


async def words(stage: Stage, path: Path, word: str) -> str:
    return (await hover(stage, path, word))["contents"]["value"]


@pytest.fixture
def core(tmp_path: Path) -> Path:
    return make_shop(tmp_path) / "src/shop/core.py"


async def test_a_card_has_the_facts(core: Path, tmp_path: Path):
    """Signature, documentation, place, uses, bases and members, in Markdown, and the range of the name."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path, capabilities=MARKDOWN)
        found = await hover(stage, core, "Registry(Closable)")
        assert found["contents"]["kind"] == "markdown"
        text = found["contents"]["value"]
        assert "```python\nclass Registry(Closable" in text
        assert "Where services are registered" in text
        assert f"[src/shop/core\\.py\\:33]({core.as_uri()}#L33)" in text
        assert "Bases: `Closable`" in text
        assert "`register_factory`" in text
        assert found["range"]["end"]["character"] - found["range"]["start"]["character"] == len("Registry")
        assert "command:" not in text


async def test_a_client_without_markdown_gets_plain_text(core: Path, tmp_path: Path):
    """A client that did not say it shows Markdown is not sent any."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path, initializationOptions=LINKS)
        found = await hover(stage, core, "Registry(Closable)")
        assert found["contents"]["kind"] == "plaintext"
        assert "Class defined in src/shop/core.py:33" in found["contents"]["value"]
        assert "\\" not in found["contents"]["value"]


async def test_a_link_asks_for_words_where_links_are_followed(core: Path, tmp_path: Path):
    """Only a client that follows our commands gets the link, and it leads to this very place."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path, capabilities=MARKDOWN, initializationOptions=LINKS)
        found = await hover(stage, core, "Registry(Closable)")
        start = found["range"]["start"]
        assert links_of(found) == {
            "Explain": ("inglenook.explain", [at_position(core, start["line"], start["character"])]),
            "Ask": ("inglenook.ask", [{"question": WHAT, "context": {"textDocument": {"uri": core.as_uri()}}}]),
        }


async def test_words_that_are_known_can_be_made_again(core: Path, tmp_path: Path):
    """Below the model's words stands a link that asks for new ones."""
    explainer = FakeExplainer("It keeps `services`.", known=True)
    async with serving(explainer=explainer) as stage:
        await stage.client.initialize(tmp_path, capabilities=MARKDOWN, initializationOptions=LINKS)
        command, (place,) = links_of(await hover(stage, core, "Registry(Closable)"))["Explain again"]
        assert (command, place["refresh"]) == ("inglenook.explain", True)


@pytest.mark.parametrize(
    ("mode", "fast", "known", "expected"),
    [
        ("off", True, True, (False, False, "")),
        ("onRequest", True, False, (False, True, "")),
        ("onRequest", True, True, (True, False, "")),
        ("automatic", True, False, (False, True, "Registry")),
        ("automatic", None, False, (False, True, "Registry")),
        ("automatic", False, False, (False, True, "")),
        ("automatic", False, True, (True, False, "")),
    ],
)
async def test_when_the_model_speaks(core: Path, mode: str, fast: bool | None, known: bool, expected: Any):
    """The setting and the device's speed decide whether words are shown, asked for by a link, or begun unasked."""
    explainer = FakeExplainer("It keeps `services`.", known=known, fast=fast)
    options = {**LINKS, "settings": {"hover": {"explain": mode}}}
    async with serving(explainer=explainer) as stage:
        await stage.client.initialize(core.parents[2], capabilities=MARKDOWN, initializationOptions=options)
        await stage.client.request("inglenook/ask", {"question": "wait for the agent"})
        text = await words(stage, core, "Registry(Closable)")
        assert ("It keeps `services`" in text, "[Explain](command:" in text, " ".join(explainer.begun)) == expected


async def test_the_next_hover_has_the_words(core: Path, tmp_path: Path):
    """The first hover begins an explanation, the next one shows it."""
    explainer = FakeExplainer("Here you are.", fast=True)
    async with serving(explainer=explainer) as stage:
        await stage.client.initialize(tmp_path, capabilities=MARKDOWN)
        await stage.client.request("inglenook/ask", {"question": "wait for the agent"})
        assert "Here you are" not in await words(stage, core, "Registry(Closable)")
        assert "Here you are" in await words(stage, core, "Registry(Closable)")
        assert explainer.waited == []


async def test_a_hover_may_wait_for_the_words(core: Path, tmp_path: Path):
    """With `hover.wait` a hover on a fast device waits so long for the words, and shows them."""
    explainer = FakeExplainer("Here you are.", fast=True)
    options = {"settings": {"hover.wait": 1500}}
    async with serving(explainer=explainer) as stage:
        await stage.client.initialize(tmp_path, capabilities=MARKDOWN, initializationOptions=options)
        await stage.client.request("inglenook/ask", {"question": "wait for the agent"})
        assert "Here you are" in await words(stage, core, "Registry(Closable)")
        assert explainer.waited == [1.5]


async def test_a_hover_does_not_wait_for_the_agent(core: Path, tmp_path: Path):
    """The facts are there while the model's framework is still being imported."""
    gate = threading.Event()

    def slow(settings: Any, workspace: Any, engine: Any) -> Agent:
        assert gate.wait(30)
        return Agent(FakeAsker(settings, workspace, engine, speak), FakeExplainer())

    async with serving(agent_factory=slow) as stage:
        await stage.client.initialize(tmp_path)
        assert "Class defined in" in await words(stage, core, "Registry(Closable)")
        gate.set()


async def test_nothing_is_said_of_what_is_no_name(core: Path, tmp_path: Path):
    """Comments, strings, keywords and operators have no card."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        for word in ("may be async", "Where services", "def register_factory", "-> None", "from __future__"):
            assert await hover(stage, core, word) is None


async def test_an_unsaved_buffer_counts(core: Path, tmp_path: Path):
    """A hover sees what the editor shows."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        document = {"uri": core.as_uri(), "languageId": "python", "version": 1, "text": "\nclass Fresh:\n    pass\n"}
        stage.client.notify("textDocument/didOpen", {"textDocument": document})
        found = await stage.client.request(HOVER, at_position(core, 1, 7))
        assert "Fresh" in found["contents"]["value"]


@pytest.mark.parametrize(
    ("path", "line", "character"),
    [
        ("src/shop/core.py", 10_000, 0),
        ("src/shop/core.py", 0, 10_000),
        ("src/shop/core.py", 2**31 - 1, 2**31 - 1),
        ("nowhere.py", 0, 0),
        (".env", 0, 0),
        ("build/out.py", 0, 7),
        ("logo.bin", 0, 0),
        ("../elsewhere.py", 0, 7),
        ("src", 0, 0),
    ],
)
async def test_every_position_is_answered(core: Path, tmp_path: Path, path: str, line: int, character: int):
    """Past the end, in no file, in a secret, ignored or binary one, outside the folder: there is no card."""
    write(tmp_path.parent, "elsewhere.py", "class Elsewhere: pass\n")
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        uri = (tmp_path / path).as_uri() if not path.startswith("..") else (tmp_path.parent / path[3:]).as_uri()
        params = {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
        assert await stage.client.request(HOVER, params) is None


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "http://e.org/a.py", "", "file:///", "git:/a.py?x"])
async def test_every_document_is_answered(core: Path, tmp_path: Path, uri: str):
    """A document that is no file of the workspace has no card and no symbols."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        params = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}
        assert await stage.client.request(HOVER, params) is None
        assert await stage.client.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}}) == []


@pytest.mark.parametrize("params", [None, {}, {"textDocument": 5}, {"textDocument": {"uri": "a"}, "position": {}}])
async def test_bad_parameters_are_a_sentence(core: Path, tmp_path: Path, params: Any):
    """What is no hover is refused in words."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        assert (await stage.client.fails(HOVER, params)).code == 1001


async def test_without_a_folder_there_is_no_card(core: Path):
    """With no folder open nothing is known, and nothing fails."""
    async with serving() as stage:
        await stage.client.initialize()
        assert await stage.client.request(HOVER, at_position(core, 32, 7)) is None


async def test_visible_symbols_are_explained_ahead(core: Path, tmp_path: Path):
    """With the setting on, on a fast device, the open file's symbols are asked for in advance."""
    explainer = FakeExplainer(fast=True)
    options = {"settings": {"hover.prefetch": True}}
    async with serving(explainer=explainer) as stage:
        await stage.client.initialize(tmp_path, initializationOptions=options)
        await hover(stage, core, "Registry(Closable)")
        await asyncio.wait_for(explainer.prefetched.wait(), 30)
        assert explainer.ahead[:2] == ["Closable", "Closable.close"]

"""Explanations and questions in one real resident process, whose device follows a script."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from lsp_server.agent.ask import create_agent
from lsp_server.agent.prompts import PROBE_TOOL, PROMPT_VERSION
from lsp_server.engine.base import WIRE_VERSION
from lsp_server.engine.client import ResidentEngine
from lsp_server.engine.frames import Hello
from lsp_server.settings import Settings
from lsp_server.wire import TextPart
from lsp_server.workspace.workspace import Workspace
from support import scripted_host
from support.explaining import explaining, target
from support.homes import private_home
from support.listening import Heard
from support.scripted_model import scripted_folder

PATIENCE = 60.0
WORDS = "It closes the basket, slowly and with care. It tells the audit."
RULES = [{"when": "Hurry", "say": "Yes."}, {"when": "Basket.close", "say": WORDS}]


class Signal(Heard):
    """Says when the first words are there."""

    def __init__(self) -> None:
        super().__init__()
        self.speaking = asyncio.Event()

    def part(self, part: object) -> None:
        super().part(part)  # pyright: ignore[reportArgumentType]
        if isinstance(part, TextPart):
            self.speaking.set()


async def test_a_question_goes_first(root: Path, monkeypatch: pytest.MonkeyPatch):
    """A question that is asked while an explanation is made is answered first; the explanation then goes on."""
    with private_home(monkeypatch) as home:
        script = home / "script.json"
        script.write_text(json.dumps({"rules": RULES, "seconds_per_token": 0.01}))
        folder = scripted_folder(home)
        engine = ResidentEngine(
            Settings(),
            hello=Hello(WIRE_VERSION, PROMPT_VERSION, PROBE_TOOL),
            command=(sys.executable, scripted_host.__file__, str(script)),
            folder=lambda: folder,
        )
        agent = create_agent(Settings(), Workspace([root], Settings()), engine)
        heard = Signal()
        async with explaining(root, engine) as it:
            it.begin(target())
            explained = asyncio.create_task(it.explain(target(), listener=heard))
            await asyncio.wait_for(heard.speaking.wait(), PATIENCE)
            answer = await agent.ask("Hurry?", listener=Heard())
            assert answer.answer == "Yes."
            assert not explained.done()
            assert heard.text != WORDS
            result = await asyncio.wait_for(explained, PATIENCE)
        assert result.markdown == heard.text == WORDS
        assert result.trace.timing.output_tokens == len(WORDS) + 1
        await agent.aclose()
        await engine.unload()
        await engine.aclose()

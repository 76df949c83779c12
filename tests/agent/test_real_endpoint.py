from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Generator
from pathlib import Path

import attrs
import pytest

from lsp_server import modelstore
from lsp_server.agent.ask import create_agent
from lsp_server.dialects import dialect_named
from lsp_server.engine.base import ToolCall
from lsp_server.settings import Settings
from lsp_server.wire import CitationPart, TextPart
from lsp_server.workspace.workspace import Workspace
from support import endpoint_server
from support.listening import Heard

pytestmark = [pytest.mark.real_model, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """mlx_lm's own server with the real 0.5b model; its base URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    folder = modelstore.models_root() / "qwen2.5-coder-0.5b"
    environment = {**os.environ, "HF_HUB_CACHE": str(tmp_path_factory.mktemp("hub")), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, endpoint_server.__file__, "--model", str(folder), "--port", str(port)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    assert process.stderr is not None
    said: list[str] = []
    for line in process.stderr:
        said.append(line)
        if "Starting httpd" in line:
            break
    else:
        pytest.fail("".join(said[-20:]))
    drain = threading.Thread(target=process.stderr.read)  # a full pipe would stop the server
    drain.start()
    yield f"http://127.0.0.1:{port}/v1"
    process.terminate()
    process.wait(30)
    drain.join()
    process.stderr.close()


CALL = dialect_named("json-fence").render_call(ToolCall("symbols", {"name": "Till"}))


async def test_a_call_its_result_and_a_verified_citation(server: str, root: Path):
    """One question through a real server: a tool is called, its result goes back, a verified place comes, streamed.

    The untuned 0.5b calls only when it is told how, and answers every result with the same call again: the last
    turn, whose call is dropped, leaves the row that was found.
    """
    settings = Settings(endpoint=server, endpoint_model="default_model", max_tokens=48, max_tool_calls=1)
    agent = create_agent(settings, Workspace([root], settings), None)
    heard = Heard()
    answer = await agent.ask(
        f"Where is Till? Reply with\n{CALL}\nand, once you have the result, with one sentence that names the place of "
        "`Till` as path:line.",
        listener=heard,
    )
    spans = [span.name for span in answer.trace.spans]
    assert spans.count("symbols") == 1
    assert spans.count("prefill") == 2, "the result went back to the model"
    [place] = answer.evidence
    assert (place.path, place.start, place.verified) == ("src/shop/till.py", 4, True)
    assert heard.text == answer.answer
    assert "src/shop/till.py:4" in heard.text
    assert answer.trace.timing.prompt_tokens > 0
    await agent.aclose()


async def test_words_are_streamed_and_their_places_checked(server: str, root: Path):
    """The model's own words arrive in pieces, and the place that they name is verified."""
    settings = Settings(endpoint=server, endpoint_model="default_model", max_tokens=48)
    agent = create_agent(settings, Workspace([root], settings), None)
    heard = Heard()
    spoken = await agent.ask("The class Till is in src/shop/till.py:4. Where is the class Till?", listener=heard)
    assert heard.text == spoken.answer
    assert len([part for part in heard.parts if isinstance(part, TextPart)]) > 1
    [place] = spoken.citations
    assert (place.path, place.start, place.verified) == ("src/shop/till.py", 4, True)
    assert [part.citation for part in heard.parts if isinstance(part, CitationPart)] == [place]
    await agent.aclose()


async def test_stop_sequences_stop_a_real_server(server: str, root: Path):
    """A setting that is named once ends the words at a real server too."""
    settings = Settings(endpoint=server, endpoint_model="default_model", max_tokens=24, max_tool_calls=0)
    question = "Count from 1 to 9, separated by commas."
    agent = create_agent(settings, Workspace([root], settings), None)
    whole = (await agent.ask(question, listener=Heard())).answer
    await agent.aclose()
    assert "4" in whole
    stopped = attrs.evolve(settings, stop_sequences=("4",))
    agent = create_agent(stopped, Workspace([root], stopped), None)
    assert "4" not in (await agent.ask(question, listener=Heard())).answer
    await agent.aclose()

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Generator
from pathlib import Path

import pytest
from support import endpoint_server
from support.listening import Heard

from lsp_server import modelstore
from lsp_server.agent.ask import create_agent
from lsp_server.settings import Settings
from lsp_server.wire import CitationPart, TextPart
from lsp_server.workspace.workspace import Workspace

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


async def test_call_result_and_citation(server: str, root: Path):
    """Through a real server: words with a verified citation, and a call whose result goes back, all streamed.

    Two questions, because the untuned 0.5b, left free, answers every result with the same call again.
    """
    settings = Settings(endpoint=server, endpoint_model="default_model", max_tokens=48, max_tool_calls=1)
    agent = create_agent(settings, Workspace([root], settings), None)
    heard = Heard()
    spoken = await agent.ask("The class Till is in src/shop/till.py:4. Where is the class Till?", listener=heard)
    assert heard.text == spoken.answer
    assert len([part for part in heard.parts if isinstance(part, TextPart)]) > 1
    [place] = spoken.citations
    assert (place.path, place.start, place.verified) == ("src/shop/till.py", 4, True)
    assert [part.citation for part in heard.parts if isinstance(part, CitationPart)] == [place]

    heard = Heard()
    called = await agent.ask(
        "Call the symbols tool with inherits Base: which classes inherit from Base?", listener=heard
    )
    assert heard.text == called.answer
    assert [span.name for span in called.trace.spans].count("symbols") == 1
    assert [span.name for span in called.trace.spans].count("prefill") == 2, "the result went back to the model"
    assert [(row.path, row.start) for row in called.evidence] == [("src/shop/core.py", 16), ("src/shop/till.py", 4)]
    assert called.trace.timing.prompt_tokens > 0
    await agent.aclose()

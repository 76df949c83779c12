"""The real model explains functions of a real package."""

from __future__ import annotations

import re
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from lsp_server.agent.prompts import PROBE_TOOL, PROMPT_VERSION
from lsp_server.engine.base import WIRE_VERSION
from lsp_server.engine.client import ResidentEngine
from lsp_server.engine.frames import Hello
from lsp_server.settings import Settings
from lsp_server.workspace.explaining import ExplainTarget, explain_target
from lsp_server.workspace.workspace import Workspace
from support.explaining import explain, explaining
from support.listening import Heard
from support.real_model import real_model_folder

pytestmark = [pytest.mark.real_model, pytest.mark.timeout(900)]

SYMBOLS = {"_robust_signature": "signature", "ServicePing": "service"}
"""Names in svcs/_core.py, and a word that nobody can explain them without."""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Return a workspace that holds the sources of svcs."""
    spec = find_spec("svcs")
    assert spec is not None
    assert spec.origin is not None
    shutil.copytree(Path(spec.origin).parent, tmp_path / "svcs", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def target_of(package: Path, name: str) -> ExplainTarget:
    """Return what there is to explain of a name, as a hover over its definition finds it."""
    workspace = Workspace([package], Settings())
    located = workspace.scope.locate("svcs/_core.py")
    data = workspace.files.data(located)
    match = re.search(rb"(?:def|class) (%s)\b" % name.encode(), data)
    assert match is not None
    found = explain_target(workspace.view(), located, match.start(1))
    assert found is not None
    assert found.name == name
    return found


async def test_two_or_three_sentences(package: Path, tmp_path_factory: pytest.TempPathFactory):
    """Each explanation is a line of at most three sentences, about the symbol, and known from then on."""
    folder = real_model_folder()
    engine = ResidentEngine(Settings(), hello=Hello(WIRE_VERSION, PROMPT_VERSION, PROBE_TOOL), folder=lambda: folder)
    async with explaining(package, engine, folder=tmp_path_factory.mktemp("cache")) as it:
        for name, word in SYMBOLS.items():
            target, heard = target_of(package, name), Heard()
            result = await explain(it, target, heard)
            assert result.markdown == heard.text == it.known(target)
            assert 1 <= len(re.findall(r"[.!?](?:\s|$)", result.markdown)) <= 3
            assert 40 < len(result.markdown) < 800
            assert word in result.markdown.lower()
            assert "```" not in result.markdown
            assert "\n" not in result.markdown
            assert (await explain(it, target)).cached
        assert it.fast is not None
    await engine.aclose()

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lsp_server.agent.ask import AskAgent
from lsp_server.settings import Settings
from lsp_server.workspace.workspace import Workspace
from support.asking import Asking
from support.sample import write_sample
from support.scripted_engine import ScriptedEngine, Turn


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of Inglenook's without any model."""
    folder = tmp_path / "home"
    monkeypatch.setenv("INGLENOOK_HOME", str(folder))
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The sample workspace's folder."""
    return write_sample(tmp_path / "work")


@pytest.fixture
def asking(root: Path, home: Path) -> Callable[..., Asking]:
    """Make an agent whose engine plays the given turns."""
    assert not home.exists()

    def make(*script: Turn, settings: Settings | None = None, piece: int = 3) -> Asking:
        chosen = settings or Settings()
        workspace = Workspace([root], chosen)
        engine = ScriptedEngine(*script, piece=piece)
        return Asking(AskAgent(chosen, workspace, engine), engine, workspace)

    return make

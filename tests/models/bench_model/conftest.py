from __future__ import annotations

import json
from pathlib import Path
from typing import Protocol

import attrs
import pytest

from lsp_server.modelstore import MANIFEST
from support.scripted_model import scripted_folder
from support.scripted_server import Scripted, make_scripted


class MakeFolder(Protocol):
    """Writes a model folder that looks whole."""

    def __call__(self, path: Path, **changes: str) -> Path: ...


@pytest.fixture
def model_folder() -> MakeFolder:
    """Return what writes a folder with nothing in it that a model would need, but a manifest with these changes."""

    def make(path: Path, **changes: str) -> Path:
        path.mkdir(parents=True)
        config = json.dumps({"model_type": "qwen2"})
        (path / "config.json").write_text(config, "utf-8")
        manifest = attrs.evolve(
            scripted_folder(path).manifest,
            hashes={"config.json": path.as_posix()},
            sizes={"config.json": len(config)},
            **changes,  # pyright: ignore[reportArgumentType]
        )
        (path / MANIFEST).write_text(manifest.to_json(), "utf-8")
        return path

    return make


@pytest.fixture
def scripted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """Return a language server whose model has no rules yet, and keep what this process keeps beside it."""
    made = make_scripted(tmp_path)
    monkeypatch.setenv("INGLENOOK_HOME", made.environment["INGLENOOK_HOME"])
    return made

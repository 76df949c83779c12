"""Spawned servers whose model follows a script inside the real resident process."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import psutil
from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features

from support.wire_client import Spawned, WireClient, spawn

SERVE = Path(__file__).parent / "serve_scripted.py"
SETTINGS = {"model": {"idleMinutes": 0.02}}
"""A second or so: a test leaves no model behind."""

LISTING = {"when": "List", "call": {"name": "symbols", "arguments": {"kind": "class", "inherits": "Protocol"}}}
FOUND = {"when": "1 symbol", "say": "There is one: `Speaker` at core.py:4."}


@attrs.define
class Scripted:
    """A script, a workspace, and the command that serves them."""

    script: Path
    model: Path
    workspace: Path
    environment: dict[str, str]

    @property
    def command(self) -> list[str]:
        return [sys.executable, str(SERVE), str(self.script), str(self.model)]

    def write(self, *rules: dict[str, Any], seconds_per_token: float = 0.0) -> None:
        """Say what the model says."""
        data = {"rules": rules, "seconds_per_token": seconds_per_token}
        self.script.write_text(json.dumps(data), encoding="utf-8")

    def file(self, name: str, text: str) -> Path:
        path = self.workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def spawn(self) -> AbstractAsyncContextManager[Spawned]:
        return spawn(self.command, env=self.environment)

    async def initialize(self, client: WireClient, *roots: Path, **changes: Any) -> dict[str, Any]:
        """Shake hands over the workspace, with settings that leave no model behind."""
        options = {"settings": SETTINGS} | changes.pop("initializationOptions", {})
        return await client.initialize(*(roots or (self.workspace,)), initializationOptions=options, **changes)


def make_scripted(tmp_path: Path) -> Scripted:
    """Return a workspace with one protocol in it, and a script that can list it."""
    workspace = tmp_path / "work space"
    workspace.mkdir()
    model = tmp_path / "model"
    model.mkdir()
    environment = os.environ | {"INGLENOOK_HOME": str(tmp_path / "home")}
    made = Scripted(tmp_path / "script.json", model, workspace, environment)
    made.file("core.py", "from typing import Protocol\n\n\nclass Speaker(Protocol):\n    def speak(self) -> str: ...\n")
    made.write(FOUND, LISTING)
    return made


class Editor(LanguageClient):
    """A language client as editors have them, which keeps every progress value as it came."""

    def __init__(self) -> None:
        super().__init__(converter_factory=default_converter)  # pyright: ignore[reportUnknownMemberType]
        self.values: dict[Any, list[Any]] = {}
        register_lsp_features(self, {**DEFAULT_CLIENT_FEATURES, **FEATURES})


def keep_progress(client: Editor, params: types.ProgressParams) -> None:
    """Keep a progress value, of whatever kind."""
    client.values.setdefault(params.token, []).append(params.value)


def register_capability(client: Editor, params: types.RegistrationParams) -> None:
    """Accept a registration."""


FEATURES: dict[str, Callable[..., Any]] = {
    types.PROGRESS: keep_progress,
    types.CLIENT_REGISTER_CAPABILITY: register_capability,
}


@asynccontextmanager
async def editing(scripted: Scripted) -> AsyncGenerator[Editor]:
    """Start an editor that has the workspace open."""
    client = Editor()
    await client.start_io(*scripted.command, env=scripted.environment)  # pyright: ignore[reportUnknownMemberType]
    client.set_configuration({"inglenook": SETTINGS})
    workspace = types.WorkspaceClientCapabilities(
        configuration=True,
        did_change_configuration=types.DidChangeConfigurationClientCapabilities(dynamic_registration=True),
    )
    window = types.WindowClientCapabilities(work_done_progress=True)
    await client.initialize_session(
        types.InitializeParams(
            capabilities=types.ClientCapabilities(workspace=workspace, window=window),
            workspace_folders=[types.WorkspaceFolder(scripted.workspace.as_uri(), "w")],
        )
    )
    yield client
    await client.shutdown_session()
    await client.stop()


async def gone(pid: int) -> None:
    """Wait until a process has ended."""
    process = psutil.Process(pid)
    await asyncio.to_thread(process.wait, 30)

"""The codebases that the training data is about: what is pinned of each, and each as an open workspace."""

from __future__ import annotations

import datetime as dt
import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import attrs

from lsp_server.errors import ModelBuildFailed
from lsp_server.settings import Settings
from lsp_server.workspace import lookup
from lsp_server.workspace.rows import LookupHit
from lsp_server.workspace.workspace import Workspace
from models.data.releases import Pinned, Release, bring
from models.progress import Watch

Split = Literal["train", "valid"]
Language = Literal["python", "javascript", "typescript", "rust"]


_LOOKUP_SECONDS = 60.0


class Unhurried(Workspace):
    """A workspace whose lookup has time enough on any machine: the same question always gives the same line."""

    def lookup(self, text: str) -> tuple[LookupHit, ...]:
        """Return the names and paths of a question that exist."""
        return lookup.lookup(self.view(verified=True), text, _LOOKUP_SECONDS)


@attrs.frozen
class Source:
    """One codebase, as it is pinned."""

    pinned: Pinned
    language: Language
    split: Split
    """Which set its rows go to: no codebase is in both."""
    licence: str


@attrs.frozen
class Codebase:
    """One codebase that lies on the disk, with the product's tools over it."""

    name: str
    path: Path
    """A git repository with one commit for each pinned release, the newest checked out."""
    language: Language
    split: Split
    workspace: Workspace
    """Trusted, so that git runs."""


@cache
def sources() -> tuple[Source, ...]:
    """Return everything that is pinned, in the file's order."""
    text = resources.files("models.data").joinpath("codebases.toml").read_text("utf-8")
    return tuple(_source(entry) for entry in tomllib.loads(text)["codebase"])


def source(name: str) -> Source:
    """Return the codebase of that name.

    Raises:
        ModelBuildFailed: there is none.
    """
    for each in sources():
        if each.pinned.name == name:
            return each
    names = ", ".join(each.pinned.name for each in sources())
    raise ModelBuildFailed(f"There is no codebase `{name}`.", f"There are {names}.")


def workspace(name: str, watch: Watch | None = None) -> Path:
    """Return the folder of a codebase, brought and made if it is not there.

    Raises:
        ModelBuildFailed: there is no such codebase, or it cannot be had.
    """
    return bring(source(name).pinned, watch or Watch())


def open_codebase(name: str, watch: Watch | None = None) -> Codebase:
    """Return a codebase with its workspace, brought and made if it is not there.

    Raises:
        ModelBuildFailed: there is no such codebase, or it cannot be had.
        WorkspaceUnusable: its folder cannot be read.
    """
    pinned = source(name)
    path = workspace(name, watch)
    return Codebase(name, path, pinned.language, pinned.split, Unhurried([path], Settings()))


def _source(entry: dict[str, Any]) -> Source:
    releases = tuple(_release(release) for release in entry["release"])
    pinned = Pinned(entry["name"], entry["registry"], releases, tuple(entry.get("omit", ())))
    return Source(pinned, entry["language"], entry["split"], entry["licence"])


def _release(entry: dict[str, Any]) -> Release:
    date: dt.date = entry["date"]
    return Release(entry["version"], date, entry["file"], entry["bytes"], entry["sha256"])

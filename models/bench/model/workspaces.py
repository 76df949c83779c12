"""The codebases that questions are asked of: pinned sdists, each a git repository with one commit a release."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from lsp_server.errors import ModelBuildFailed
from models.bench.code.sources import pins as code_pins
from models.data.releases import Pinned, Release, bring
from models.progress import Watch


@cache
def pinned() -> Mapping[str, Pinned]:
    """Return what is pinned, by package."""
    data = tomllib.loads(resources.files("models.bench.model").joinpath("pins.toml").read_text("utf-8"))
    here = {(entry["package"], entry["version"]): entry for entry in data["sdist"]}
    return {
        entry["package"]: Pinned(
            entry["package"], "python", tuple(_release(entry["package"], release, here) for release in entry["release"])
        )
        for entry in data["workspace"]
    }


def workspace(package: str, watch: Watch | None = None) -> Path:
    """Return the repository of a package, brought and made if it is not there.

    Raises:
        ModelBuildFailed: nothing is pinned under that name, or it cannot be had.
    """
    if package not in pinned():
        raise ModelBuildFailed(f"No workspace `{package}` is pinned.", f"There are {', '.join(pinned())}.")
    return bring(pinned()[package], watch or Watch())


def _release(package: str, release: Mapping[str, Any], here: Mapping[tuple[str, str], Mapping[str, Any]]) -> Release:
    version, date = release["version"], release["date"]
    entry = here.get((package, version))
    if entry is not None:
        return Release(version, date, entry["file"], entry["bytes"], entry["sha256"])
    part = code_pins().sdists[package]
    if part.version != version:
        raise ModelBuildFailed(f"{package} {version} is pinned nowhere.", "Correct models/bench/model/pins.toml.")
    return Release(version, date, part.wheel, part.bytes, part.sha256)

"""What is measured: the forms in which one recipe's model can be served, or a server's model."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from lsp_server.agent.endpoint import Endpoint
from lsp_server.agent.prompts import PROMPT_VERSION
from lsp_server.modelstore import MANIFEST, ModelFolder, models_root, open_folder
from lsp_server.settings import Settings
from lsp_server.user_folders import cache_root
from models.bench.machine import machine_name
from models.bench.model.kept import Subject
from models.build import stands
from models.forms import BASE, BESIDE, EIGHT, FOUR, FUSED, Making, make_forms, standing

NAMES = (BASE, BESIDE, FOUR, FUSED, EIGHT)
"""The seed's: the base as floats, the base with the adapter beside it, and both made one at three precisions."""
ENDPOINT = "endpoint"


@attrs.frozen
class Configuration:
    """One row of the tables."""

    name: str
    subject: Subject
    settings: Mapping[str, Any]
    """What the language server is told."""
    folder: ModelFolder | None = None
    """The model on this machine; None for a server's."""


def made(names: Sequence[str], making: Making) -> Mapping[str, Path]:
    """Return the folders of these configurations, made now where they do not stand yet.

    Raises:
        ModelBuildFailed: there is no adapter, or something else that `make_forms` raises.
    """
    there = {name: folder for name in names if (folder := folder_of(name, making)) is not None}
    lacking = [name for name in names if name not in there]
    return there | {folder.name: folder for folder in make_forms(making, lacking)}


def folder_of(name: str, making: Making) -> Path | None:
    """Return the folder of a configuration that was made before, of the same adapter; None where there is none.

    The recipe's own model, where it is tuned, is the fused 8-bit one too.
    """
    found = standing(making, name)
    if found is not None:
        return found.path
    recipe, pinned = making.recipe, making.recipe.adapter
    built = name == EIGHT and pinned and making.tuning and making.tuning.digest == pinned.sha256 and stands(recipe)
    return models_root() / recipe.name if built else None


def resident(name: str, folder: Path) -> Configuration:
    """Return the configuration of a model folder, its turns free to call or to speak.

    Raises:
        ModelMissing: there is no finished model in the folder.
        ModelRefused: it is damaged.
    """
    served = open_folder(unforced(open_folder(folder.expanduser().absolute())))
    subject = Subject(served.manifest.model_hash, PROMPT_VERSION, machine_name())
    return Configuration(name, subject, {"model.path": str(served.path), "model.idleMinutes": 1.0}, served)


def endpoint(url: str, model: str) -> Configuration:
    """Return the configuration of a server's model; an empty name takes the first that it lists.

    The name is settled here: another model that the server lists one day must not be given this one's answers.

    Raises:
        EndpointFailed: the name is empty, and the server cannot be reached or lists none.
    """
    name = model or asyncio.run(_first_listed(url))
    settings = {"model.endpoint": url, "model.endpointModel": name}
    return Configuration(ENDPOINT, Subject(f"{url}\n{name}", PROMPT_VERSION, machine_name()), settings)


def unforced(folder: ModelFolder) -> Path:
    """Return a folder that serves the same files with every turn free, as all configurations are measured.

    It is the folder itself where its manifest says so already, else one of links beside the kept answers.
    """
    manifest = folder.manifest
    free = attrs.evolve(manifest, first_call="free", after_rows="free")
    if free == manifest:
        return folder.path
    name = hashlib.sha256(f"{folder.path}\n{manifest.to_json()}".encode()).hexdigest()[:16]
    target = cache_root() / "bench" / "model" / "unforced" / name
    if not (target / MANIFEST).is_file():
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for file in manifest.sizes:
            (target / file).symlink_to(folder.path / file)
        (target / MANIFEST).write_text(free.to_json(), "utf-8")
    return target


async def _first_listed(url: str) -> str:
    there = Endpoint(Settings(endpoint=url))
    try:
        return await there.name()
    finally:
        await there.aclose()

"""What is measured: the forms in which one recipe's model can be served, or a server's model."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from lsp_server.agent.endpoint import Endpoint
from lsp_server.agent.prompts import PROMPT_VERSION
from lsp_server.errors import ModelMissing, ModelRefused
from lsp_server.modelstore import MANIFEST, ModelFolder, models_root, open_folder
from lsp_server.settings import Settings
from lsp_server.user_folders import cache_root
from models.bench.model.kept import Subject
from models.forms import BASE, BESIDE, EIGHT, FOUR, FUSED, forms_root

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


def made(name: str, recipe: str) -> Path:
    """Return the folder of a configuration that was made before; the recipe's own tuned model is the fused 8-bit one.

    Raises:
        ModelMissing: it was not made.
    """
    folder, shipped = forms_root(recipe) / name, models_root() / recipe
    if (folder / MANIFEST).is_file():
        return folder
    if name == EIGHT and _is_tuned(shipped):
        return shipped
    raise ModelMissing(
        f"The configuration {name} of {recipe} has not been made.",
        f"Run `python -m models all --recipe {recipe}`, or name others with --configs.",
    )


def resident(name: str, folder: Path) -> Configuration:
    """Return the configuration of a model folder, its turns free to call or to speak.

    Raises:
        ModelMissing: there is no finished model in the folder.
        ModelRefused: it is damaged.
    """
    served = open_folder(unforced(open_folder(folder.expanduser().absolute())))
    subject = Subject(served.manifest.model_hash, PROMPT_VERSION)
    return Configuration(name, subject, {"model.path": str(served.path), "model.idleMinutes": 1.0}, served)


def endpoint(url: str, model: str) -> Configuration:
    """Return the configuration of a server's model; an empty name takes the first that it lists.

    The name is settled here: another model that the server lists one day must not be given this one's answers.

    Raises:
        EndpointFailed: the name is empty, and the server cannot be reached or lists none.
    """
    name = model or asyncio.run(_first_listed(url))
    settings = {"model.endpoint": url, "model.endpointModel": name}
    return Configuration(ENDPOINT, Subject(f"{url}\n{name}", PROMPT_VERSION), settings)


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


def _is_tuned(folder: Path) -> bool:
    """Say whether there is a model that an adapter was fused into: a recipe without one serves its base."""
    try:
        return bool(open_folder(folder).manifest.prompt_version)
    except (ModelMissing, ModelRefused):
        return False


async def _first_listed(url: str) -> str:
    there = Endpoint(Settings(endpoint=url))
    try:
        return await there.name()
    finally:
        await there.aclose()

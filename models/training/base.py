"""The base weights that a training starts from, kept where the next leg finds them."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import attrs

from lsp_server.user_folders import data_root
from models.fetch import fetch_base, forget, local_base
from models.gguf import import_gguf
from models.plan import FLOAT_BITS, stored_bytes
from models.progress import Note, Watch
from models.recipe import Recipe

_WHOLE = "whole.json"
"""Written last: the key of the base that the folder holds."""


def training_folder(recipe: Recipe) -> Path:
    """Return the folder of what a training of `recipe` keeps on this machine."""
    return data_root() / "training" / recipe.name


def base_key(recipe: Recipe) -> str:
    """Return a hash of what decides the base weights."""
    decisive = {"base": recipe.base.sha256 or attrs.asdict(recipe.base.hub), "shape": attrs.asdict(recipe.shape)}
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def kept_base(recipe: Recipe) -> Path | None:
    """Return the base that an earlier training left here, if it is whole and the recipe's."""
    folder = training_folder(recipe) / "base"
    try:
        said = json.loads((folder / _WHOLE).read_text("utf-8"))
        path = folder.joinpath(said["path"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return path if said.get("key") == base_key(recipe) and (path / "config.json").is_file() else None


def base_room(recipe: Recipe, local: Path | None) -> int:
    """Return how many bytes of the disk it takes until the base is here as a folder of weights.

    Args:
        recipe: whose base.
        local: a copy of it on this machine.
    """
    if kept_base(recipe) is not None:
        return 0
    base = recipe.base
    floats = stored_bytes(recipe, FLOAT_BITS) if base.format == "gguf" else 0
    return floats + (base.bytes if local is None else 0)


def training_base(recipe: Recipe, watch: Watch, local: Path | None = None) -> Path:
    """Return a folder with the base's weights: a GGUF's as float16, a folder's as they are.

    Raises:
        ModelBuildFailed: it cannot be had, or is not what the recipe pins.
        BuildCancelled: the caller withdrew.
        OSError: the disk refused.
    """
    kept = kept_base(recipe)
    if kept is not None and (local is None or recipe.base.sha256):  # of a pinned base there is but one
        return kept
    folder = training_folder(recipe) / "base"
    downloads = folder.with_name("downloads")
    watch.tell(Note(f"Fetching the base of {recipe.name}; it is kept in {folder} for the next leg."))
    fetched = fetch_base(recipe, downloads, watch, local or local_base())
    shutil.rmtree(folder, ignore_errors=True)
    if fetched.path.is_file():
        import_gguf(fetched.path, folder, recipe.shape, watch)
        path = folder
        forget(downloads)
    else:
        folder.mkdir(parents=True)
        path = fetched.path.absolute()  # as it was fetched, or where the caller has it
    (folder / _WHOLE).write_text(json.dumps({"key": base_key(recipe), "path": str(path)}) + "\n", "utf-8")
    return path

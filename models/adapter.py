"""A trained adapter on the disk: mlx_lm's own files, and where it came from."""

from __future__ import annotations

import hashlib
import json
import re
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from lsp_server.errors import ModelBuildFailed
from models.download import file_digest
from models.recipe import Adapter, Recipe, Shape

WEIGHTS, CONFIG, PROVENANCE = "adapters.safetensors", "adapter_config.json", "provenance.json"
_DECISIVE = (WEIGHTS, CONFIG)
_NAME = re.compile(r"model\.layers\.(?P<layer>\d+)\.[\w.]+\.lora_(?P<side>[ab])")
_AGAIN = "Take the adapter from the repository again, or train it: `python -m models train --recipe {}`."


@attrs.frozen
class Provenance:
    """Where an adapter comes from, and what it cost."""

    recipe: str
    data: str
    """Hash of the rows."""
    numbers: str
    """Hash of everything in the recipe that decides what is learnt."""
    base: str
    """Hash of the base."""
    prompt_version: str
    versions: Mapping[str, str]
    device: str
    rows: int
    steps: int
    tokens: int
    """Tokens that were computed, prefix and padding included."""
    seconds: float
    peak_memory_bytes: int
    training_loss: float
    """Mean of the last steps."""
    validation_loss: float
    validation_perplexity: float
    created_at: str
    """ISO 8601, UTC."""


def adapter_path(adapter: Adapter) -> Path:
    """Return the folder of a recipe's adapter."""
    return Path(__file__).parent / adapter.path


def adapter_digest(folder: Path) -> str:
    """Return one hash over all that decides what an adapter does.

    Raises:
        OSError: a file is missing.
    """
    lines = "".join(f"{name}:{file_digest(folder / name)}\n" for name in _DECISIVE)
    return hashlib.sha256(lines.encode()).hexdigest()


def checked_adapter(recipe: Recipe) -> Path | None:
    """Return the folder of the recipe's adapter after holding it to hash and shape; None where it has none.

    Raises:
        ModelBuildFailed: it is missing, damaged, or of another base.
    """
    if recipe.adapter is None:
        return None
    folder, hint = adapter_path(recipe.adapter), _AGAIN.format(recipe.name)
    try:
        found = adapter_digest(folder)
    except OSError as error:
        raise ModelBuildFailed(f"The adapter of {recipe.name} is not in {folder}.", hint) from error
    if found != recipe.adapter.sha256:
        raise ModelBuildFailed(
            f"The adapter in {folder} is not the one that the recipe pins: its hash is {found}, "
            f"pinned is {recipe.adapter.sha256}.",
            hint,
        )
    check_fits(folder, recipe.shape, hint)
    return folder


def check_fits(folder: Path, shape: Shape, hint: str | None = None) -> None:
    """Hold an adapter to the shape of the base that it is for.

    Raises:
        ModelBuildFailed: it cannot be read, or is of another base.
    """
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
        layers, rank = int(config["num_layers"]), int(config["lora_parameters"]["rank"])
        sizes = dict(_sizes(folder / WEIGHTS))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise ModelBuildFailed(f"The adapter in {folder} cannot be read: {error!r}.", hint) from error
    for name, size in sizes.items():
        match = _NAME.fullmatch(name)
        adapted = range(shape.layers - layers, shape.layers)
        if match is None or int(match["layer"]) not in adapted:
            found = f"{name} is no part of {shape.layers} layers whose last {layers} are adapted"
            raise _of_another(folder, found, hint)
        if rank not in size or (name.endswith("q_proj.lora_a") and size[0] != shape.hidden):
            raise _of_another(folder, f"{name} has the shape {size}, with rank {rank} and width {shape.hidden}", hint)
    if not sizes:
        raise ModelBuildFailed(f"The adapter in {folder} holds nothing.", hint)


def _of_another(folder: Path, why: str, hint: str | None) -> ModelBuildFailed:
    return ModelBuildFailed(f"The adapter in {folder} belongs to another base: {why}.", hint)


def _sizes(file: Path) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield name and shape of every tensor of a safetensors file."""
    with file.open("rb") as opened:
        length = struct.unpack("<Q", opened.read(8))[0]
        if length > file.stat().st_size:
            raise ValueError("it is no safetensors file")
        header: dict[str, Any] = json.loads(opened.read(length))
    for name, entry in header.items():
        if name != "__metadata__":
            yield name, tuple(int(size) for size in entry["shape"])

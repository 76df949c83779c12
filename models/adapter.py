"""A trained adapter on the disk: mlx_lm's own files, where it came from, and whether it may be applied."""

from __future__ import annotations

import hashlib
import json
import re
import struct
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import attrs
import cattrs

from lsp_server.agent.prompts import PROMPT_VERSION
from lsp_server.errors import ModelBuildFailed
from lsp_server.modelstore import ADAPTER_CONFIG
from models.download import file_digest
from models.recipe import Adapter, Recipe, Shape
from models.shards import is_whole, read_header
from models.training.numbers import Training

WEIGHTS, CONFIG, PROVENANCE = "adapters.safetensors", ADAPTER_CONFIG, "provenance.json"
_DECISIVE = (WEIGHTS, CONFIG)
_NAME = re.compile(r"model\.layers\.(?P<layer>\d+)\.(?P<module>[\w.]+)\.lora_(?P<side>[ab])")
_FROM_HIDDEN = frozenset({"q_proj", "k_proj", "v_proj", "gate_proj", "up_proj"})
_TO_HIDDEN = frozenset({"o_proj", "down_proj"})
_TO_KEYS = frozenset({"k_proj", "v_proj"})
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
    parents: tuple[str, ...] = ()
    """Digests of the adapters that this one is the mean of, or of the one that its training went on from. Steps, tokens
    and seconds are those of all trainings together; rows, numbers and their hashes those of the last."""


@attrs.frozen
class Tuning:
    """A trained adapter that can be read, and what decides whether it may be applied."""

    folder: Path
    digest: str
    """What a recipe pins."""
    prompt_version: str
    """The prompts that it was tuned for."""
    base: str
    """Key of the base that it was trained on."""
    rows: str
    """Hash of the rows that it was trained on."""
    steps: int
    """How many it learnt for."""
    hint: str
    """What to do where it may not be applied."""


def adapter_path(adapter: Adapter) -> Path:
    """Return the folder of a recipe's adapter."""
    return Path(__file__).parent / adapter.path


def adapter_folder(recipe: Recipe) -> Path:
    """Return the folder that a training of `recipe` writes its adapter to."""
    return Path(__file__).parent / "adapters" / recipe.name


def adapter_digest(folder: Path) -> str:
    """Return one hash over all that decides what an adapter does.

    Raises:
        OSError: a file is missing.
    """
    lines = "".join(f"{name}:{file_digest(folder / name)}\n" for name in _DECISIVE)
    return hashlib.sha256(lines.encode()).hexdigest()


def pinned_tuning(recipe: Recipe) -> Tuning | None:
    """Return the recipe's adapter, held to the recipe's hash; None where it has none.

    Raises:
        ModelBuildFailed: it is missing, unreadable, or another one.
    """
    if recipe.adapter is None:
        return None
    tuning = read_tuning(adapter_path(recipe.adapter), recipe)
    if tuning.digest != recipe.adapter.sha256:
        raise ModelBuildFailed(
            f"The adapter in {tuning.folder} is not the one that the recipe pins: its hash is {tuning.digest}, "
            f"pinned is {recipe.adapter.sha256}.",
            tuning.hint,
        )
    return tuning


def chosen_tuning(recipe: Recipe, folder: Path | None = None) -> Tuning | None:
    """Return the adapter in `folder`, else the one that the recipe pins, else one that was trained here, else None.

    Raises:
        ModelBuildFailed: it cannot be read, or is not the one that is pinned.
    """
    if folder is not None:
        return read_tuning(folder.expanduser(), recipe)
    if recipe.adapter is not None:
        return pinned_tuning(recipe)
    trained = adapter_folder(recipe)
    return read_tuning(trained, recipe) if (trained / WEIGHTS).is_file() else None


def read_provenance(folder: Path) -> Provenance:
    """Return all that the adapter in `folder` says of where it comes from.

    Raises:
        ModelBuildFailed: it says less, or nothing.
    """
    try:
        return cattrs.structure(json.loads((folder / PROVENANCE).read_text("utf-8")), Provenance)
    except (OSError, ValueError, cattrs.BaseValidationError) as error:
        raise ModelBuildFailed(
            f"The adapter in {folder} does not say all of where it comes from: {PROVENANCE} is missing or damaged.",
            "Take the adapter from the repository again, or train it.",
        ) from error


def no_adapter(recipe: Recipe) -> ModelBuildFailed:
    """Return what there is to say where an adapter is needed and none was trained."""
    return ModelBuildFailed(
        f"There is no adapter of {recipe.name} yet.",
        f"Train it, `python -m models train --recipe {recipe.name}`, or name one: `--adapter FOLDER`.",
    )


def read_tuning(folder: Path, recipe: Recipe) -> Tuning:
    """Return the adapter in `folder`, which is meant for `recipe`.

    Raises:
        ModelBuildFailed: it is missing, or says nothing of where it comes from.
    """
    hint = _AGAIN.format(recipe.name)
    try:
        digest = adapter_digest(folder)
    except OSError as error:
        raise ModelBuildFailed(f"The adapter of {recipe.name} is not in {folder}.", hint) from error
    try:
        said = json.loads((folder / PROVENANCE).read_text("utf-8"))
        prompts, base, rows = (str(said[name]) for name in ("prompt_version", "base", "data"))
        steps = int(said["steps"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelBuildFailed(
            f"The adapter in {folder} does not say what it was trained on: {PROVENANCE} is missing or damaged.", hint
        ) from error
    return Tuning(folder, digest, prompts, base, rows, steps, hint)


def check_suits(tuning: Tuning, recipe: Recipe) -> None:
    """Hold an adapter to the prompts in force.

    Raises:
        ModelBuildFailed: it was tuned for others.
    """
    if tuning.prompt_version != PROMPT_VERSION:
        raise ModelBuildFailed(
            f"The adapter in {tuning.folder} was tuned for other prompts ({tuning.prompt_version}) than this "
            f"version's ({PROMPT_VERSION}).",
            f"Train it anew: `python -m models train --recipe {recipe.name}`.",
        )


def check_applies(tuning: Tuning, recipe: Recipe) -> None:
    """Hold an adapter to the prompts in force and to the base of `recipe`, which need not be here.

    Raises:
        ModelBuildFailed: it is damaged, or belongs to another base or to other prompts.
    """
    from models.training.base import base_key  # noqa: PLC0415 - brings numpy; a model that stands needs none

    check_suits(tuning, recipe)
    check_fits(tuning.folder, recipe.shape, tuning.hint)
    if tuning.base != base_key(recipe):
        raise _of_another(tuning.folder, "it says so itself", tuning.hint)


def check_form(tuning: Tuning, numbers: Training) -> None:
    """Hold a whole adapter to the form that `numbers` give one.

    Raises:
        ModelBuildFailed: it has another.
    """
    form = json.loads((tuning.folder / CONFIG).read_text("utf-8"))
    said = form["lora_parameters"]
    if (form["num_layers"], said.get("scale"), said["rank"]) != (numbers.layers, numbers.scale, numbers.rank):
        raise ModelBuildFailed(
            f"The adapter in {tuning.folder} has other layers, or another scale or rank, than the recipe states.",
            "Take one that was trained with this recipe.",
        )


def check_fits(folder: Path, shape: Shape, hint: str | None = None) -> None:
    """Hold an adapter to the shape of the base that it is for.

    Raises:
        ModelBuildFailed: it cannot be read, is not whole, or is of another base.
    """
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
        layers, rank = int(config["num_layers"]), int(config["lora_parameters"]["rank"])
        _, tensors = read_header(folder / WEIGHTS)
        sizes = {name: tuple(int(size) for size in entry["shape"]) for name, entry in tensors.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise ModelBuildFailed(f"The adapter in {folder} cannot be read: {error!r}.", hint) from error
    adapted = range(shape.layers - layers, shape.layers)
    sides: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for name, size in sizes.items():
        match = _NAME.fullmatch(name)
        if match is None or int(match["layer"]) not in adapted:
            found = f"{name} is no part of {shape.layers} layers whose last {layers} are adapted"
            raise _of_another(folder, found, hint)
        expected = _expected(match["module"].rpartition(".")[2], match["side"], rank, shape)
        if len(size) != len(expected) or any(want not in {0, has} for has, want in zip(size, expected, strict=True)):
            raise _of_another(folder, f"{name} has the shape {size}, with rank {rank} and width {shape.hidden}", hint)
        sides[int(match["layer"])].add((match["module"], match["side"]))
    every = {(module, side) for found in sides.values() for module, _ in found for side in "ab"}
    if not every or any(sides[layer] != every for layer in adapted):
        raise ModelBuildFailed(f"The adapter in {folder} is not whole: not every layer has its share.", hint)
    if not is_whole(folder / WEIGHTS):
        raise ModelBuildFailed(f"The adapter in {folder} is not whole: {WEIGHTS} was cut short.", hint)


def _expected(module: str, side: str, rank: int, shape: Shape) -> tuple[int, int]:
    """Return the shape of one side of an adapted module, 0 where the recipe does not say."""
    if side == "a":
        return (shape.hidden if module in _FROM_HIDDEN else 0, rank)
    if module in _TO_KEYS:
        return (rank, shape.kv_heads * shape.head_size)
    return (rank, shape.hidden if module in _TO_HIDDEN else 0)


def _of_another(folder: Path, why: str, hint: str | None) -> ModelBuildFailed:
    return ModelBuildFailed(f"The adapter in {folder} belongs to another base: {why}.", hint)

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import attrs
import numpy as np
import pytest

from lsp_server.agent.prompts import PROMPT_VERSION
from lsp_server.errors import ModelBuildFailed
from models.adapter import CONFIG, PROVENANCE, WEIGHTS, check_applies, chosen_tuning, pinned_tuning, read_tuning
from models.recipe import Recipe
from support.tiny_adapter import pinning, say, sides, write_adapter
from support.tiny_model import recipe_for, write_gguf


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    return recipe_for(write_gguf(tmp_path / "tiny.gguf"))


@pytest.fixture
def adapter(recipe: Recipe, tmp_path: Path) -> Path:
    return write_adapter(tmp_path / "adapter", recipe)


def applied(recipe: Recipe, adapter: Path) -> None:
    """Check an adapter as far as can be without the base."""
    check_applies(read_tuning(adapter, recipe), recipe)


def test_adapter_that_fits(recipe: Recipe, adapter: Path):
    """A whole adapter of this base passes, and says what it was tuned for and where it lies."""
    applied(recipe, adapter)
    tuning = pinned_tuning(pinning(recipe, adapter))
    assert tuning is not None
    assert (tuning.folder, tuning.steps, tuning.prompt_version) == (adapter, 12, PROMPT_VERSION)
    assert pinned_tuning(recipe) is None


def test_which_adapter(recipe: Recipe, adapter: Path, tmp_path: Path):
    """A folder that is named wins over the recipe's own; with neither, and none trained here, there is none."""
    other = write_adapter(tmp_path / "other", recipe, sides(seed=12))
    pinned = pinning(recipe, adapter)
    named = chosen_tuning(pinned, other)
    own = chosen_tuning(pinned)
    assert named is not None
    assert own is not None
    assert (named.folder, own.folder) == (other, adapter)
    assert named.digest != own.digest
    assert chosen_tuning(recipe) is None


def test_another_than_is_pinned(recipe: Recipe, adapter: Path):
    """An adapter whose weights or numbers were changed after it was pinned is refused by its hash."""
    pinned = pinning(recipe, adapter)
    config = json.loads((adapter / CONFIG).read_text())
    config["lora_parameters"]["scale"] = 1.0
    (adapter / CONFIG).write_text(json.dumps(config))
    with pytest.raises(ModelBuildFailed, match="is not the one that the recipe pins") as caught:
        pinned_tuning(pinned)
    assert "python -m models train --recipe tiny-1" in caught.value.hint


def test_provenance_is_not_pinned(recipe: Recipe, adapter: Path):
    """What is said of an adapter may be corrected without another hash: it changes no answer."""
    pinned = pinning(recipe, adapter)
    say(adapter, steps=13)
    tuning = pinned_tuning(pinned)
    assert tuning is not None
    assert tuning.steps == 13


@pytest.mark.parametrize(
    ("file", "reason"),
    [(WEIGHTS, "is not in"), (CONFIG, "is not in"), (PROVENANCE, "does not say what it was trained on")],
)
def test_missing_file(recipe: Recipe, adapter: Path, file: str, reason: str):
    """An adapter that lacks a file is refused by what is missing."""
    (adapter / file).unlink()
    with pytest.raises(ModelBuildFailed, match=reason):
        read_tuning(adapter, recipe)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"prompt_version": "x"}', '{"steps": "many"}'])
def test_damaged_provenance(recipe: Recipe, adapter: Path, text: str):
    """A provenance that cannot be read is told as one."""
    (adapter / PROVENANCE).write_text(text)
    with pytest.raises(ModelBuildFailed, match="does not say what it was trained on"):
        read_tuning(adapter, recipe)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.999])
def test_cut_short(recipe: Recipe, adapter: Path, share: float):
    """A weights file that was cut anywhere is told from a whole one."""
    weights = adapter / WEIGHTS
    os.truncate(weights, int(weights.stat().st_size * share))
    with pytest.raises(ModelBuildFailed, match=r"cannot be read|was cut short"):
        applied(recipe, adapter)


@pytest.mark.parametrize("config", ["", "[]", "{}", '{"num_layers": 1, "lora_parameters": {}}'])
def test_damaged_config(recipe: Recipe, adapter: Path, config: str):
    """An adapter whose configuration says nothing is refused."""
    (adapter / CONFIG).write_text(config)
    with pytest.raises(ModelBuildFailed, match="cannot be read"):
        applied(recipe, adapter)


def widened(found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: np.tile(value, (2, 1)) if name.endswith("_a") else value for name, value in found.items()}


def of_keys_of_another_size(found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: value[:, :16] if name.endswith("k_proj.lora_b") else value for name, value in found.items()}


def of_another_rank(found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: value[:, :2] if name.endswith("_a") else value[:2] for name, value in found.items()}


def of_a_deeper_model(found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name.replace("layers.1", "layers.27"): value for name, value in found.items()}


def of_unknown_names(found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name.replace("lora", "dora"): value for name, value in found.items()}


@pytest.mark.parametrize(
    "change", [widened, of_keys_of_another_size, of_another_rank, of_a_deeper_model, of_unknown_names]
)
def test_another_base(recipe: Recipe, adapter: Path, change: Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]):
    """An adapter whose names or sizes are not those of this base is refused as another's, without the base."""
    write_adapter(adapter, recipe, change(sides()))
    with pytest.raises(ModelBuildFailed, match="belongs to another base"):
        applied(recipe, adapter)


def test_another_base_of_the_same_size(recipe: Recipe, adapter: Path):
    """An adapter that was trained on other weights of the very same shape is refused by what it says."""
    other = attrs.evolve(recipe, base=attrs.evolve(recipe.base, sha256="0" * 64))
    with pytest.raises(ModelBuildFailed, match="belongs to another base"):
        applied(other, adapter)


@pytest.mark.parametrize("lacking", ["lora_b", "self_attn.v_proj.lora_a", ""])
def test_half_an_adapter(recipe: Recipe, adapter: Path, lacking: str):
    """An adapter that lacks a side of a matrix, or everything, would tune by half and is refused."""
    write_adapter(adapter, recipe, {name: side for name, side in sides().items() if not name.endswith(lacking)})
    with pytest.raises(ModelBuildFailed, match="is not whole"):
        applied(recipe, adapter)


def test_layer_without_its_share(recipe: Recipe, adapter: Path):
    """An adapter that says it adapts more layers than it holds is refused."""
    config = json.loads((adapter / CONFIG).read_text())
    (adapter / CONFIG).write_text(json.dumps(config | {"num_layers": 2}))
    with pytest.raises(ModelBuildFailed, match="not every layer has its share"):
        applied(recipe, adapter)


def test_other_prompts(recipe: Recipe, adapter: Path):
    """An adapter that was tuned for other prompts is refused, and what to do is said."""
    say(adapter, prompt_version="of-last-year")
    with pytest.raises(ModelBuildFailed, match=r"tuned for other prompts \(of-last-year\)") as caught:
        applied(recipe, adapter)
    assert "python -m models train" in caught.value.hint

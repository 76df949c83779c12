"""Several adapters become one."""

# mlx carries no complete types:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest

from lsp_server.errors import ModelBuildFailed
from lsp_server.resident.blas import load_blas
from models import commands
from models.adapter import CONFIG, PROVENANCE, WEIGHTS, check_fits, read_provenance, read_tuning
from models.recipe import Recipe
from models.training import inputs
from models.training.average import average, mean
from models.training.curve import read_curves
from models.training.train import Options, train
from support.tiny_training import NUMBERS, RECIPE, recipe_with, short_prompt, write_data

load_blas()

import mlx.core as mx  # noqa: E402 - a BLAS must be loaded before mlx

RANK = NUMBERS.rank


@pytest.fixture(autouse=True)
def _prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "system_prompt", short_prompt)


@pytest.fixture
def trained(base: Path, tmp_path: Path) -> list[Path]:
    """Two adapters of one base, of trainings that differ by chance alone."""
    write_data(tmp_path / "data", train=7, system="Answer.")
    return [adapter(tmp_path / f"adapter-{seed}", base, recipe_with(seed=seed)) for seed in (1, 2)]


def adapter(folder: Path, base: Path, recipe: Recipe) -> Path:
    options = Options(folder, data=folder.parent / "data", base=base, fresh=True)
    assert train(recipe, options).finished
    return folder


def weights(folder: Path) -> dict[str, Any]:
    loaded: Any = mx.load(str(folder / WEIGHTS))
    return {name: np.array(value, dtype=np.float32) for name, value in loaded.items()}


def shares(sides: Any) -> dict[str, Any]:
    """Return what an adapter adds to each layer, but for the scale."""
    names = [name.removesuffix(".lora_a") for name in sides if name.endswith("a")]
    return {name: sides[f"{name}.lora_a"] @ sides[f"{name}.lora_b"] for name in names}


def side(random: Any, rank: int) -> dict[str, Any]:
    return {"x.lora_a": random.standard_normal((12, rank)), "x.lora_b": random.standard_normal((rank, 8))}


@pytest.mark.parametrize("count", [2, 3])
def test_a_mean_within_the_rank_is_exact(count: int):
    """Adapters of small rank lose nothing; one averaged with itself is itself."""
    random = np.random.default_rng(count)
    parts = [side(random, 2) for _ in range(count)]
    expected = sum(shares(part)["x"] for part in parts) / count
    assert np.allclose(shares(mean(parts, 2 * count))["x"], expected, atol=1e-5)
    assert np.allclose(shares(mean(parts[:1] * count, 2))["x"], shares(parts[0])["x"], atol=1e-5)


def test_a_mean_beyond_the_rank_is_the_nearest():
    """What is lost are the smallest singular values, and both sides are of one size."""
    random = np.random.default_rng(3)
    parts = [side(random, 3), side(random, 3)]
    found = mean(parts, 4)
    whole = (shares(parts[0])["x"] + shares(parts[1])["x"]) / 2
    lost = np.linalg.norm(whole - shares(found)["x"])
    assert np.isclose(lost, np.linalg.norm(np.linalg.svd(whole)[1][4:]), rtol=1e-4)
    assert np.isclose(np.linalg.norm(found["x.lora_a"]), np.linalg.norm(found["x.lora_b"]))


def test_the_mean_is_an_adapter_of_the_recipe(trained: Sequence[Path], base: Path, tmp_path: Path):
    """It is measured on the validation rows, and says whose mean it is and what they cost together."""
    out = tmp_path / "mean"
    said = average(RECIPE, trained, Options(out, data=tmp_path / "data", base=base))
    check_fits(out, RECIPE.shape)
    first, second = (shares(weights(folder)) for folder in trained)
    for name, share in shares(weights(out)).items():
        expected = (first[name] + second[name]) / 2
        assert np.linalg.norm(share - expected) <= 0.75 * np.linalg.norm(expected)
    origins = [read_provenance(folder) for folder in trained]
    assert said == read_provenance(out)
    assert said.parents == tuple(read_tuning(folder, RECIPE).digest for folder in trained)
    assert (said.rows, said.steps) == (origins[1].rows, origins[0].steps + origins[1].steps)
    assert said.tokens == origins[0].tokens + origins[1].tokens
    assert (
        min(it.validation_loss for it in origins) / 2 < said.validation_loss < read_curves(trained[0])[0].checks[0].loss
    )
    assert [len(curve.points) for curve in read_curves(out)] == [it.steps for it in origins]
    assert json.loads((out / CONFIG).read_text())["lora_parameters"]["rank"] == RANK


def test_one_averaged_with_itself_is_itself(trained: Sequence[Path], base: Path, tmp_path: Path):
    """It is measured with what it has learnt, and its training counts once."""
    origin = read_provenance(trained[0])
    said = average(RECIPE, [trained[0], trained[0]], Options(tmp_path / "mean", data=tmp_path / "data", base=base))
    assert said.validation_loss == pytest.approx(origin.validation_loss, abs=1e-3)
    assert (said.steps, said.tokens, len(read_curves(tmp_path / "mean"))) == (origin.steps, origin.tokens, 1)


def test_what_is_no_adapter_of_the_recipe_is_refused(trained: Sequence[Path], base: Path, tmp_path: Path):
    """One alone, one that is not there, one of other prompts, or one of another scale than the recipe's."""
    options = Options(tmp_path / "mean", data=tmp_path / "data", base=base)
    with pytest.raises(ModelBuildFailed, match="two adapters or more"):
        average(RECIPE, trained[:1], options)
    with pytest.raises(ModelBuildFailed, match="is not in"):
        average(RECIPE, [trained[0], tmp_path / "nowhere"], options)
    with pytest.raises(ModelBuildFailed, match="other layers, or another scale or rank"):
        average(recipe_with(scale=2 * NUMBERS.scale), trained, options)
    write_data(tmp_path / "others", train=8, system="Answer.")
    with pytest.raises(ModelBuildFailed, match="has learnt from other rows"):
        average(RECIPE, trained, attrs.evolve(options, data=tmp_path / "others"))
    said = json.loads((trained[1] / PROVENANCE).read_text())
    (trained[1] / PROVENANCE).write_text(json.dumps({name: said[name] for name in said if name != "tokens"}))
    with pytest.raises(ModelBuildFailed, match="does not say all"):
        average(RECIPE, trained, options)
    (trained[1] / PROVENANCE).write_text(json.dumps(said | {"prompt_version": "old"}))
    with pytest.raises(ModelBuildFailed, match="tuned for other prompts"):
        average(RECIPE, trained, options)
    assert not options.adapter.exists()


def test_the_command_says_what_a_recipe_pins(
    trained: Sequence[Path], base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
):
    """`average` writes the mean and prints its pin; `--dry-run` says what it would take."""

    def load(_name: str) -> Recipe:
        return RECIPE

    monkeypatch.setattr(commands, "load_recipe", load)
    words = ["average", *map(str, trained), "--adapter", str(tmp_path / "mean"), "--base", str(base)]
    assert commands.main([*words, "--dry-run"]) == 0
    assert "would be written to" in capsys.readouterr().out
    assert not (tmp_path / "mean").exists()
    assert commands.main([*words, "--data", str(tmp_path / "data")]) == 0
    digest = read_tuning(tmp_path / "mean", RECIPE).digest
    assert f'sha256 = "{digest}"' in capsys.readouterr().out

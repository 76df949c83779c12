"""What a training leaves: the adapter in mlx_lm's form, its provenance, and the course of its loss."""

# mlx carries no complete types:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownLambdaType=false

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs

from lsp_server.agent.prompts import PROMPT_VERSION
from lsp_server.resident.blas import load_blas
from models.adapter import CONFIG, PROVENANCE, WEIGHTS, Provenance
from models.made_with import made_with
from models.plot import Labels, Series, line_plot
from models.recipe import Recipe
from models.training.base import base_key
from models.training.curve import ALL_LOSSES, LOSSES, Curve, smoothed
from models.training.disk import save_arrays
from models.training.inputs import Inputs, numbers_key, training_of

load_blas()

import mlx.core as mx  # noqa: E402 - a BLAS must be loaded before mlx

PLOT = "loss.svg"
_MEAN_OF = 10
"""Steps that the smoothed loss is a mean of."""


def write_adapter(folder: Path, recipe: Recipe, weights: Mapping[str, Any], provenance: Provenance) -> None:
    """Write an adapter into `folder`, each file whole or not at all.

    Raises:
        OSError: the disk refused.
    """
    folder.mkdir(parents=True, exist_ok=True)
    halves = {name: value.astype(mx.float16) for name, value in weights.items()}
    _write(folder / WEIGHTS, lambda path: save_arrays(path, halves, {"format": "mlx"}))
    _write_text(folder / CONFIG, _json(_config(recipe)))
    _write_text(folder / PROVENANCE, _json(attrs.asdict(provenance)))


def read_weights(folder: Path) -> dict[str, Any]:
    """Return the weights of the adapter in `folder` by their names in the model, float32."""
    arrays: Any = mx.load(str(folder / WEIGHTS))
    return {name: value.astype(mx.float32) for name, value in arrays.items()}


def write_curves(folder: Path, recipe: Recipe, curves: Sequence[Curve]) -> None:
    """Write the course of the loss: of one training, or of each that an adapter is made from.

    Raises:
        OSError: the disk refused.
    """
    names = [LOSSES] if len(curves) == 1 else [f"loss-{number}.json" for number in range(1, len(curves) + 1)]
    for stale in {path.name for path in folder.glob(ALL_LOSSES)} - set(names):
        (folder / stale).unlink()
    for name, curve in zip(names, curves, strict=True):
        _write_text(folder / name, curve.to_json())
    _write_text(folder / PLOT, _plot(recipe, curves))


def provenance_of(recipe: Recipe, inputs: Inputs, curve: Curve, device: str) -> Provenance:
    """Return where the adapter of a training comes from that has come as far as `curve`."""
    last = curve.checks[-1]
    return Provenance(
        recipe=recipe.name,
        data=inputs.digest,
        numbers=numbers_key(recipe),
        base=base_key(recipe),
        prompt_version=PROMPT_VERSION,
        versions=made_with(),
        device=device,
        rows=len(inputs.train),
        steps=len(curve.points),
        tokens=curve.computed,
        seconds=round(curve.seconds, 1),
        peak_memory_bytes=curve.peak_bytes,
        training_loss=smoothed(curve.points, _MEAN_OF)[-1] if curve.points else 0.0,
        validation_loss=last.loss,
        validation_perplexity=last.perplexity,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _config(recipe: Recipe) -> dict[str, Any]:
    """Return what mlx_lm wants to know of an adapter."""
    numbers = training_of(recipe)
    form = {"rank": numbers.rank, "scale": numbers.scale, "dropout": numbers.dropout}
    return {"fine_tune_type": "lora", "num_layers": numbers.layers, "lora_parameters": form}


def _plot(recipe: Recipe, curves: Sequence[Curve]) -> str:
    lines: list[Series] = []
    for number, curve in enumerate(curves, start=1):
        which = f" {number}" if len(curves) > 1 else ""
        steps = [float(point.step) for point in curve.points]
        lines.append(Series(f"training{which}", tuple(zip(steps, smoothed(curve.points, _MEAN_OF), strict=True))))
        checks = tuple((float(check.step), check.loss) for check in curve.checks)
        lines.append(Series(f"validation{which}", checks))
    return line_plot(Labels(f"Training {recipe.name}", "steps", "loss"), lines)


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, sort_keys=True) + "\n"


def _write_text(path: Path, text: str) -> None:
    _write(path, lambda fresh: fresh.write_text(text, "utf-8"))


def _write(path: Path, write: Callable[[Path], object]) -> None:
    fresh = path.with_name(f".{path.stem}{path.suffix}")  # mlx wants the ending
    write(fresh)
    fresh.replace(path)

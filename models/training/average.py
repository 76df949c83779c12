"""Several adapters of one base become one, their mean: what all have learnt stays, what one learnt by chance fades.

Weights that were tuned from one base can be averaged, and the mean does as well as its parts or better (Wortsman et
al., "Model soups", 2022). An adapter's share of a layer is a product of a small rank; the mean of several has the sum
of their ranks, and is brought back to the recipe's by its largest singular values.
"""

# mlx carries no complete types:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

import attrs
import numpy as np

from lsp_server.errors import ModelBuildFailed
from models.adapter import Provenance, Tuning
from models.made_with import made_with
from models.memory import shortage_told
from models.progress import Note
from models.recipe import Recipe
from models.training.base import training_base
from models.training.curve import Curve
from models.training.disk import refusals_told
from models.training.inputs import read_inputs, training_of
from models.training.learner import Learner
from models.training.numbers import Training
from models.training.parents import Parent, check_rows, read_parent
from models.training.result import read_weights, write_adapter, write_curves
from models.training.train import Options

import mlx.core as mx  # isort: skip - after the BLAS, which the room's modules load

_LAST = "Name the adapter that was trained last as the last one, and with --data the rows that it learnt from."
_A, _B = ".lora_a", ".lora_b"

Side = Mapping[str, np.ndarray[Any, Any]]
"""Weights of an adapter by their names in the model."""


def average(recipe: Recipe, folders: Sequence[Path], options: Options) -> Provenance:
    """Write the mean of the adapters in `folders`, measured on the validation rows; return where it comes from.

    Raises:
        ModelBuildFailed: there are fewer than two, one is not this recipe's as it is now, the rows are not those of the
            last, or memory or disk ran out.
    """
    numbers = training_of(recipe)
    with refusals_told(), shortage_told("averaging"):
        those = parents(recipe, folders)
        check_rows(those[-1].tuning, options.data, _LAST)
        base = training_base(recipe, options.watch, options.base)
        inputs = read_inputs(recipe, base, options.data)
        weights = mean([_weights(parent.tuning) for parent in those], numbers.rank)
        loss, perplexity = _measured(base, numbers, weights, inputs.valid)
        options.watch.tell(Note(f"validation of the mean: loss {loss:.3f}, perplexity {perplexity:.2f}"))
        curves = tuple(dict.fromkeys(curve for parent in those for curve in parent.curves))
        provenance = _provenance(those, curves, loss, perplexity)
        write_adapter(options.adapter, recipe, {name: mx.array(value) for name, value in weights.items()}, provenance)
        write_curves(options.adapter, recipe, curves)
    return provenance


def parents(recipe: Recipe, folders: Sequence[Path]) -> Sequence[Parent]:
    """Return the adapters that are to be averaged.

    Raises:
        ModelBuildFailed: there are fewer than two, or one of them is not this recipe's as it is now.
    """
    if len(folders) < 2:  # noqa: PLR2004 - a mean is of several
        raise ModelBuildFailed("A mean is of two adapters or more.", "Name their folders.")
    return [read_parent(recipe, folder) for folder in folders]


def mean(parts: Sequence[Side], rank: int) -> Side:
    """Return the adapter whose share of each layer is the mean of the parts' shares, as near as `rank` allows.

    Args:
        parts: adapters of the same layers; sides A have the shape (inputs, any rank), sides B (any rank, outputs).
        rank: of the result.
    """
    found: dict[str, np.ndarray[Any, Any]] = {}
    for name in (name.removesuffix(_A) for name in parts[0] if name.endswith(_A)):
        inputs = np.concatenate([part[name + _A].astype(np.float64) for part in parts], axis=1)
        outputs = np.concatenate([part[name + _B].astype(np.float64) / len(parts) for part in parts], axis=0)
        found[name + _A], found[name + _B] = _of_rank(inputs, outputs, rank)
    return found


def _of_rank(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any], rank: int) -> Sequence[np.ndarray[Any, Any]]:
    """Return the two sides of the product of this rank that is nearest to `a @ b`, each with half of its size."""
    first, upper = np.linalg.qr(a)
    last, lower = np.linalg.qr(b.T)
    left, sizes, right = np.linalg.svd(upper @ lower.T)
    half = np.sqrt(sizes[:rank])
    return ((first @ left[:, :rank]) * half).astype(np.float32), (half[:, None] * (right[:rank] @ last.T)).astype(
        np.float32
    )


def _weights(tuning: Tuning) -> Side:
    return {name: np.array(value) for name, value in read_weights(tuning.folder).items()}


def _measured(base: Path, numbers: Training, weights: Side, rows: Sequence[Any]) -> tuple[float, float]:
    with contextlib.closing(Learner(base, numbers)) as learner:
        learner.take({name: mx.array(value) for name, value in weights.items()})
        done = learner.measure(rows)
    return done.loss, done.perplexity


def _provenance(those: Sequence[Parent], curves: Sequence[Curve], loss: float, perplexity: float) -> Provenance:
    """Return that of the last one, with what all trainings cost; one that several descend from counts once."""
    origins = [parent.origin for parent in those]
    return attrs.evolve(
        origins[-1],
        versions=made_with(),
        steps=sum(len(curve.points) for curve in curves),
        tokens=sum(curve.computed for curve in curves),
        seconds=round(sum(curve.seconds for curve in curves), 1),
        peak_memory_bytes=max(it.peak_memory_bytes for it in origins),
        training_loss=fmean(it.training_loss for it in origins),
        validation_loss=loss,
        validation_perplexity=perplexity,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        parents=tuple(parent.tuning.digest for parent in those),
    )

"""The saved states of a training: written whole or not at all, checked when read, the last two kept.

A state is one safetensors file whose name ends in the hash of what it holds, so that a damaged file is known from its
name alone.
"""

# mlx carries no complete types:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import attrs

from lsp_server.errors import ModelBuildFailed
from lsp_server.resident.blas import load_blas
from models.download import file_digest
from models.guard import sync
from models.training.curve import Curve
from models.training.disk import save_arrays

load_blas()

import mlx.core as mx  # noqa: E402 - a BLAS must be loaded before mlx

_NAME = re.compile(r"step-(?P<step>\d{6})-(?P<digest>[0-9a-f]{16})\.safetensors")


@attrs.frozen(eq=False)
class Leg:
    """A training as far as it has come."""

    step: int
    """Steps learnt."""
    data: str
    """Hash of the rows."""
    numbers: str
    """Hash of what the recipe says."""
    curve: Curve
    arrays: Mapping[str, Any]
    """What the learner goes on from."""


def save_leg(folder: Path, leg: Leg) -> Path:
    """Write a state, then drop all but it and the one before it.

    What bears a later step was passed over as damaged, and what bears the same is replaced.

    Raises:
        OSError: the disk refused; the states that were there are as they were.
    """
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / ".writing.safetensors"
    said = {"step": str(leg.step), "data": leg.data, "numbers": leg.numbers, "curve": leg.curve.to_json()}
    save_arrays(fresh, leg.arrays, said)
    sync(fresh)
    path = folder / f"step-{leg.step:06d}-{file_digest(fresh)[:16]}.safetensors"
    fresh.replace(path)
    sync(folder)
    before = [other for other in _found(folder) if _step(other) < leg.step]
    for other in set(_found(folder)) - {path, *before[:1]}:
        other.unlink()
    return path


def load_leg(folder: Path) -> tuple[Leg | None, tuple[str, ...]]:
    """Return the latest state that is whole, or None, and the names of damaged ones that were passed over."""
    damaged: list[str] = []
    for path in _found(folder):
        leg = _read(path)
        if leg is not None:
            return leg, tuple(damaged)
        damaged.append(path.name)
    return None, tuple(damaged)


def check_same(leg: Leg, *, data: str, numbers: str) -> None:
    """Refuse to go on with other rows or other numbers than those the state was made from.

    Raises:
        ModelBuildFailed: they are others.
    """
    compared = (("the data", leg.data, data), ("the recipe, or what it goes on from,", leg.numbers, numbers))
    changed = [what for what, before, now in compared if before != now]
    if changed:
        raise ModelBuildFailed(
            f"The training that stopped after step {leg.step} was made from others: "
            f"{' and '.join(changed)} changed since.",
            "Restore what it was made from to go on, or begin anew with `--fresh`.",
        )


def forget_legs(folder: Path) -> None:
    """Drop all states."""
    for path in _found(folder):
        path.unlink()


def _found(folder: Path) -> list[Path]:
    """Return the states, the latest first."""
    if not folder.is_dir():
        return []
    paths = [path for path in folder.iterdir() if _NAME.fullmatch(path.name)]
    return sorted(paths, key=lambda path: (_step(path), path.stat().st_mtime_ns), reverse=True)


def _step(path: Path) -> int:
    return int(path.name.split("-")[1])


def _read(path: Path) -> Leg | None:
    match = _NAME.fullmatch(path.name)
    if match is None or not file_digest(path).startswith(match["digest"]):
        return None
    try:
        loaded = cast("Any", mx.load(str(path), return_metadata=True))
        arrays, said = cast("tuple[dict[str, Any], dict[str, str]]", loaded)
        return Leg(int(said["step"]), said["data"], said["numbers"], Curve.from_json(said["curve"]), arrays)
    except (RuntimeError, ValueError, KeyError, json.JSONDecodeError):
        return None  # whole, but of another version

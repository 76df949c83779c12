"""Writes a model that mlx has not computed yet: shard by shard, so that memory never holds all of it."""

from __future__ import annotations

import contextlib
import errno
import importlib
import io
import json
import shutil
import struct
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from lsp_server.errors import ModelBuildFailed
from lsp_server.resident.blas import load_blas
from models.memory import shortage_told
from models.progress import Stage, Step, Watch

TOKENIZER = ("tokenizer.json", "tokenizer_config.json")
_SHARD_BYTES = 2 << 30
_FULL_BYTES = 1 << 20
"""A disk with less than this left is why a write failed."""


def mlx(module: str) -> Any:
    """Import a module of mlx: late, for it is heavy, and after the BLAS that it is to compute with."""
    load_blas()
    return importlib.import_module(module)


@contextlib.contextmanager
def converting(folder: Path, doing: str) -> Generator[None]:
    """Tell what mlx refuses while `folder` is being written as a sentence, and keep stdout for the caller.

    Raises:
        ModelBuildFailed: it refused, or memory ran out.
        OSError: the disk is full.
    """
    with contextlib.redirect_stdout(io.StringIO()):  # mlx_lm prints
        try:
            with shortage_told(doing):
                yield
        except (ValueError, RuntimeError, KeyError, TypeError) as error:
            if folder.exists() and shutil.disk_usage(folder).free < _FULL_BYTES:  # mlx has no word for it
                raise OSError(errno.ENOSPC, "No space left on device", str(folder)) from error
            raise ModelBuildFailed(f"mlx_lm failed while {doing}: {error}.") from error


def write_model(model: Any, config: dict[str, Any], source: Path, folder: Path, told: tuple[Stage, Watch]) -> None:
    """Compute and write the weights of `model`, its configuration, and the tokenizer that stands in `source`.

    Takes the model apart: what is written is let go of.

    Args:
        model: mlx_lm's, lazily loaded.
        config: its config.json.
        source: the folder that it was loaded from.
        folder: a new one.
        told: the stage that is told, and to whom.

    Raises:
        ModelBuildFailed: a file was not written whole.
        BuildCancelled: the caller withdrew.
        OSError: the disk refused.
    """
    folder.mkdir(parents=True)
    weights: dict[str, Any] = dict(mlx("mlx.utils").tree_flatten(model.parameters()))
    model.clear()  # it would hold every layer that is written
    _save(weights, folder, *told)
    mlx("mlx_lm.utils").save_config(config, folder / "config.json")
    for name in (*TOKENIZER, "generation_config.json"):
        if (source / name).is_file():
            shutil.copyfile(source / name, folder / name)
    for file in folder.glob("*.safetensors"):
        check_whole(file)


def check_whole(file: Path) -> None:
    """Refuse a safetensors file that is shorter or longer than its header says.

    Raises:
        ModelBuildFailed: it is.
    """
    if not is_whole(file):
        raise ModelBuildFailed(f"{file.name} was not written whole.", "Free some disk space and build again.")


def is_whole(file: Path) -> bool:
    """Whether a safetensors file is as long as its header says."""
    try:
        start, tensors = read_header(file)
    except (struct.error, ValueError):
        return False  # it ends within its header
    return file.stat().st_size == start + max((entry["data_offsets"][1] for entry in tensors.values()), default=0)


def read_header(file: Path) -> tuple[int, dict[str, Any]]:
    """Return where the data of a safetensors file begins, and what is said of each tensor: `shape`, `data_offsets`.

    Raises:
        struct.error, ValueError: it is none, or ends within its header.
        OSError: it cannot be read.
    """
    with file.open("rb") as opened:
        length = struct.unpack("<Q", opened.read(8))[0]
        if length > file.stat().st_size:
            raise ValueError("it is no safetensors file")
        header: dict[str, Any] = json.loads(opened.read(length))
    return 8 + length, {name: entry for name, entry in header.items() if name != "__metadata__"}


def _save(weights: dict[str, Any], folder: Path, stage: Stage, watch: Watch) -> None:
    """Write the weights, letting go of each shard once it is on the disk."""
    mx = mlx("mlx.core")
    shards = list(_shards({name: int(value.nbytes) for name, value in weights.items()}))
    places: dict[str, str] = {}
    done, total = 0, len(weights)
    for number, names in enumerate(shards, 1):
        for name in names:
            watch.check()
            watch.tell(Step(stage, name, done, total, "tensors"))
            mx.eval(weights[name])
            done += 1
        file = "model.safetensors" if len(shards) == 1 else f"model-{number:05d}-of-{len(shards):05d}.safetensors"
        mx.save_safetensors(str(folder / file), {name: weights.pop(name) for name in names}, metadata={"format": "mlx"})
        places |= dict.fromkeys(names, file)
    watch.tell(Step(stage, "all tensors", total, total, "tensors"))
    if len(shards) > 1:
        (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}, indent=2), "utf-8")


def _shards(sizes: dict[str, int]) -> Iterator[list[str]]:
    """Yield names in groups of at most `_SHARD_BYTES`, at least one each."""
    group: list[str] = []
    held = 0
    for name, size in sizes.items():
        if group and held + size > _SHARD_BYTES:
            yield group
            group, held = [], 0
        group.append(name)
        held += size
    if group:
        yield group

"""A folder of float weights -> a folder of 8-bit ones, through mlx_lm."""

from __future__ import annotations

import contextlib
import errno
import importlib
import io
import json
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lsp_server.errors import ModelBuildFailed
from lsp_server.resident.blas import load_blas
from models.progress import Step, Watch
from models.recipe import Quantisation, Shape

_SHARD_BYTES = 2 << 30
_TOKENIZER = ("tokenizer.json", "tokenizer_config.json")
_FULL_BYTES = 1 << 20
"""A disk with less than this left is why a write failed."""


def quantize(source: Path, folder: Path, quantisation: Quantisation, shape: Shape, watch: Watch) -> None:
    """Write the model in `source` to `folder` with quantised weights; the tokenizer's files are copied.

    A base that is quantised already (the hub's 4-bit folders) is expanded first. Weights are read, quantised and
    written layer by layer, so that memory holds one shard of the result and not the model.

    Raises:
        ModelBuildFailed: the source is not a model of this `shape`, or mlx refuses it.
        BuildCancelled: the caller withdrew.
        OSError: the disk refused.
    """
    _check(source, shape)
    folder.mkdir(parents=True)
    with contextlib.redirect_stdout(io.StringIO()):  # mlx_lm prints; stdout is the caller's
        try:
            _convert(source, folder, quantisation, watch)
        except (ValueError, RuntimeError, KeyError, TypeError) as error:
            _check_space(folder, error)
            raise ModelBuildFailed(f"mlx_lm could not convert the base weights: {error}.") from error
    for name in (*_TOKENIZER, "generation_config.json"):
        if (source / name).is_file():
            shutil.copyfile(source / name, folder / name)
    for file in folder.glob("*.safetensors"):
        check_whole(file)


def check_whole(file: Path) -> None:
    """Refuse a safetensors file that is shorter or longer than its header says.

    Raises:
        ModelBuildFailed: it is.
    """
    try:
        with file.open("rb") as opened:
            length = struct.unpack("<Q", opened.read(8))[0]
            header: dict[str, Any] = json.loads(opened.read(length))
        end = max((entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"), default=0)
        whole = file.stat().st_size == 8 + length + end
    except (struct.error, ValueError):
        whole = False  # it ends within its header
    if not whole:
        raise ModelBuildFailed(f"{file.name} was not written whole.", "Free some disk space and build again.")


def _check(source: Path, shape: Shape) -> None:
    try:
        config = json.loads((source / "config.json").read_text("utf-8"))
        found = (config["model_type"], config["num_hidden_layers"], config["hidden_size"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelBuildFailed(f"The base at {source} has no readable config.json.", "Name a whole folder.") from error
    for needed in ("*.safetensors", *_TOKENIZER):
        if not any(source.glob(needed)):
            raise ModelBuildFailed(f"The base at {source} has no {needed}.", "Name a whole folder.")
    if found != (shape.architecture, shape.layers, shape.hidden):
        raise ModelBuildFailed(
            f"The base is {found[0]} with {found[1]} layers of width {found[2]}; the recipe is for "
            f"{shape.architecture} with {shape.layers} of {shape.hidden}.",
            "Choose the recipe that belongs to these weights.",
        )


def _convert(source: Path, folder: Path, quantisation: Quantisation, watch: Watch) -> None:
    """Load lazily, quantise lazily, and compute while writing."""
    mx, trees, tools = _mlx("mlx.core"), _mlx("mlx.utils"), _mlx("mlx_lm.utils")
    model, config = tools.load_model(source, lazy=True)
    if config.pop("quantization", None) is not None:
        config.pop("quantization_config", None)
        model = tools.dequantize_model(model)
    model.update(trees.tree_map(lambda value: value.astype(mx.float16), model.parameters()))  # pyright: ignore[reportUnknownLambdaType, reportUnknownMemberType]
    model, config = tools.quantize_model(model, config, quantisation.group_size, quantisation.bits)
    weights: dict[str, Any] = dict(trees.tree_flatten(model.parameters()))
    del model  # it would hold every layer that is written
    _save(weights, folder, watch)
    config["torch_dtype"] = "float16"
    tools.save_config(config, folder / "config.json")


def _mlx(module: str) -> Any:
    """Import a module of mlx: late, for it is heavy, and after the BLAS that it is to compute with."""
    load_blas()
    return importlib.import_module(module)


def _save(weights: dict[str, Any], folder: Path, watch: Watch) -> None:
    """Compute and write the weights shard by shard, letting go of each shard once it is written."""
    mx = _mlx("mlx.core")
    shards = list(_shards({name: int(value.nbytes) for name, value in weights.items()}))
    places: dict[str, str] = {}
    done, total = 0, len(weights)
    for number, names in enumerate(shards, 1):
        for name in names:
            watch.check()
            watch.tell(Step("quantise", name, done, total, "tensors"))
            mx.eval(weights[name])
            done += 1
        file = "model.safetensors" if len(shards) == 1 else f"model-{number:05d}-of-{len(shards):05d}.safetensors"
        mx.save_safetensors(str(folder / file), {name: weights.pop(name) for name in names}, metadata={"format": "mlx"})
        places |= dict.fromkeys(names, file)
    watch.tell(Step("quantise", "all tensors", total, total, "tensors"))
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


def _check_space(folder: Path, error: Exception) -> None:
    """Raise what mlx says of a full disk as the operating system would have."""
    if shutil.disk_usage(folder).free < _FULL_BYTES:
        raise OSError(errno.ENOSPC, "No space left on device", str(folder)) from error

"""A base and its adapter become one model of float16 weights, through mlx_lm.

The seed of this workshop lost its tuning where the fused weights were quantised to 4 bits again; so the base is always
expanded first, the small change is added in float32, and the sum is rounded once.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs

from lsp_server.errors import ModelBuildFailed
from models.progress import Step, Watch, silent
from models.recipe import Shape
from models.shards import TOKENIZER, converting, mlx, write_model


def fuse(source: Path, adapter: Path | None, folder: Path, shape: Shape, watch: Watch) -> None:
    """Write the model in `source` to `folder` as float16, with `adapter` made part of it where there is one.

    Raises:
        ModelBuildFailed: the source is no model of this `shape`, the adapter does not fit, or memory ran out.
        BuildCancelled: the caller withdrew.
        OSError: the disk refused.
    """
    check_source(source, shape)
    with converting(folder, "fusing the adapter" if adapter else "expanding the base weights"):
        model, config = load_floats(source, adapter, attrs.evolve(watch, tell=silent))  # the writing takes the time
        write_model(model, config, source, folder, ("fuse", watch))


def check_source(source: Path, shape: Shape) -> None:
    """Hold a folder of base weights to the shape that a recipe states.

    Raises:
        ModelBuildFailed: it is another model, or lacks a file.
    """
    try:
        config = json.loads((source / "config.json").read_text("utf-8"))
        found = (config["model_type"], config["num_hidden_layers"], config["hidden_size"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelBuildFailed(f"The base at {source} has no readable config.json.", "Name a whole folder.") from error
    for needed in ("*.safetensors", *TOKENIZER):
        if not any(source.glob(needed)):
            raise ModelBuildFailed(f"The base at {source} has no {needed}.", "Name a whole folder.")
    if found != (shape.architecture, shape.layers, shape.hidden):
        raise ModelBuildFailed(
            f"The base is {found[0]} with {found[1]} layers of width {found[2]}; the recipe is for "
            f"{shape.architecture} with {shape.layers} of {shape.hidden}.",
            "Choose the recipe that belongs to these weights.",
        )


def load_floats(source: Path, adapter: Path | None, watch: Watch) -> tuple[Any, dict[str, Any]]:
    """Return the model in `source` and its configuration, in float16 and not computed yet.

    What is quantised is expanded, and `adapter` is added; whoever evaluates a weight computes it, one at a time.
    """
    mx, trees, tools = mlx("mlx.core"), mlx("mlx.utils"), mlx("mlx_lm.utils")
    model, config = tools.load_model(source, lazy=True)
    if adapter is not None:
        _fuse_layers(model, adapter, watch)
    if config.pop("quantization", None) is not None:
        config.pop("quantization_config", None)
        model = tools.dequantize_model(model)
    model.update(trees.tree_map(lambda value: value.astype(mx.float16), model.parameters()))  # pyright: ignore[reportUnknownLambdaType, reportUnknownMemberType]
    config["torch_dtype"] = "float16"
    return model, config


def _fuse_layers(model: Any, adapter: Path, watch: Watch) -> None:
    """Replace every adapted layer by a plain one of float32 with the adapter's share added."""
    mx, trees = mlx("mlx.core"), mlx("mlx.utils")
    mlx("mlx_lm.tuner.utils").load_adapters(model, str(adapter))
    adapted = [(name, module) for name, module in model.named_modules() if hasattr(module, "fuse")]
    fused: list[tuple[str, Any]] = []
    for number, (name, module) in enumerate(adapted):
        watch.check()
        watch.tell(Step("fuse", name, number, len(adapted), "tensors"))
        module.update(trees.tree_map(_as_float32, module.parameters()))
        if not all(mx.isfinite(module[side]).all().item() for side in ("lora_a", "lora_b")):
            raise ModelBuildFailed(
                f"The adapter in {adapter} holds numbers that are none, in {name}: its training went astray.",
                "Train it again with a lower learning rate.",
            )
        fused.append((name, module.fuse(dequantize=True)))
    model.update_modules(trees.tree_unflatten(fused))
    watch.tell(Step("fuse", "all layers", len(adapted), len(adapted), "tensors"))


def _as_float32(value: Any) -> Any:
    mx = mlx("mlx.core")
    return value.astype(mx.float32) if mx.issubdtype(value.dtype, mx.floating) else value

"""A folder of weights -> a folder of 8-bit ones, through mlx_lm."""

from __future__ import annotations

from pathlib import Path

from models.fuse import check_source, load_floats
from models.progress import Watch
from models.recipe import Quantisation, Shape
from models.shards import converting, mlx, write_model


def quantize(  # noqa: PLR0913, PLR0917 - where from, where to, how, and who listens
    source: Path,
    folder: Path,
    quantisation: Quantisation,
    shape: Shape,
    watch: Watch,
    adapter: Path | None = None,
) -> None:
    """Write the model in `source` to `folder` with quantised weights; the tokenizer's files are copied.

    A base that is quantised already (the hub's 4-bit folders) is expanded first, and `adapter` is made part of it as
    `fuse` does: to the last bit what fusing to a folder and quantising that would give, without the folder between.
    Weights are read, fused, quantised and written one after the other, so that memory holds one shard of the result
    and not the model.

    Raises:
        ModelBuildFailed: the source is not a model of this `shape`, the adapter does not fit, mlx refuses, or memory
            ran out.
        BuildCancelled: the caller withdrew.
        OSError: the disk refused.
    """
    check_source(source, shape)
    with converting(folder, "quantising the weights" if adapter is None else "fusing and quantising the weights"):
        model, config = load_floats(source, adapter, watch)
        model, config = mlx("mlx_lm.utils").quantize_model(model, config, quantisation.group_size, quantisation.bits)
        write_model(model, config, source, folder, ("quantise", watch))

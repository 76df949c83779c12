"""What stands between a training and its disk: one training at a time, arrays written whole, refusals as sentences."""

# mlx carries no complete types:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import contextlib
import errno
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

from lsp_server.errors import ModelBuildFailed
from lsp_server.resident.blas import load_blas
from models.guard import locked

load_blas()

import mlx.core as mx  # noqa: E402 - a BLAS must be loaded before mlx


@contextlib.contextmanager
def alone(folder: Path) -> Generator[None]:
    """Hold `folder` for one training: two would overwrite each other's states.

    Raises:
        ModelBuildFailed: another one holds it.
    """

    def busy() -> None:
        raise ModelBuildFailed(
            f"Another training of {folder.name} is running on this machine.",
            "Wait for it, or interrupt it (what it has learnt is saved) and run the command again.",
        )

    with locked(folder / ".lock", busy):
        yield


@contextlib.contextmanager
def refusals_told() -> Generator[None]:
    """Tell what the operating system refused as a sentence."""
    try:
        yield
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise ModelBuildFailed(
            f"The training could not go on: {error.strerror or error}{where}.",
            "Free some space or correct the permissions; the same command goes on from the last saved state.",
        ) from error


def save_arrays(path: Path, arrays: Mapping[str, Any], said: Mapping[str, str]) -> None:
    """Write arrays as safetensors, with `said` in the header.

    Raises:
        OSError: the disk refused; nothing is left of the file.
    """
    try:
        mx.save_safetensors(str(path), dict(arrays), metadata=dict(said))
    except RuntimeError as error:  # mlx's word for it
        path.unlink(missing_ok=True)
        raise OSError(errno.EIO, f"the file could not be written whole, {error}", str(path)) from error

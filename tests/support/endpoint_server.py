"""Starts mlx_lm's own server, its weights expanded to float32 where the CPU's 8-bit kernels are too slow for a test.

Run as a program: `python endpoint_server.py --model FOLDER --port PORT`, as `mlx_lm.server`.
"""

from __future__ import annotations

import sys
from typing import Any

from lsp_server.resident.blas import load_blas


def main() -> None:
    """Serve until terminated."""
    load_blas()
    import mlx.core as mx  # noqa: PLC0415 - after the BLAS
    from mlx_lm import server  # noqa: PLC0415
    from mlx_lm.utils import dequantize_model  # noqa: PLC0415

    load: Any = server.load  # pyright: ignore[reportPrivateImportUsage]

    def expanded(*args: Any, **kwargs: Any) -> Any:
        model, *rest = load(*args, **kwargs)
        if mx.default_device() == mx.Device(mx.cpu):
            model = dequantize_model(model)
            model.set_dtype(mx.float32)
        return (model, *rest)

    server.load = expanded  # pyright: ignore[reportPrivateImportUsage]
    server.main()


if __name__ == "__main__":
    sys.exit(main())

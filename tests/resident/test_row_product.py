"""Single rows through BLAS, beside what mlx makes of them."""

# mlx carries no complete types:
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lsp_server.resident.blas import load_blas
from support.linux_cpu import on_linux_cpu

pytestmark = on_linux_cpu


@pytest.fixture
def library() -> Generator[Path]:
    found = load_blas()
    assert found is not None
    import mlx.core as mx  # noqa: PLC0415 - after BLAS

    with mx.stream(mx.new_stream(mx.cpu)):  # a model that was closed took this thread's with it
        yield found


def linear() -> Any:
    from mlx import nn  # noqa: PLC0415 - after BLAS

    return nn.Linear(8, 3)


@pytest.mark.parametrize("shape", [(8,), (1, 8), (1, 1, 8), (2, 8), (1, 3, 8), (0, 8)])
def test_every_shape_is_multiplied_as_by_mlx(library: Path, shape: tuple[int, ...]) -> None:
    """One row, several or none: shape and values are those of the plain layer."""
    import mlx.core as mx  # noqa: PLC0415 - after BLAS

    from lsp_server.resident.row_product import RowLinear, multiply_rows  # noqa: PLC0415 - loads mlx

    layer = linear()
    x = mx.random.normal(shape)
    plain = np.array(layer(x))
    multiply_rows(layer, library)
    assert isinstance(layer, RowLinear)
    np.testing.assert_allclose(np.array(layer(x)), plain, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("shape", [(), (7,), (1, 9), (1, 1)])
def test_a_row_of_another_length_is_refused(library: Path, shape: tuple[int, ...]) -> None:
    """What does not fit, as in a damaged model, is mlx's error and no reading beside the memory."""
    import mlx.core as mx  # noqa: PLC0415 - after BLAS

    from lsp_server.resident.row_product import multiply_rows  # noqa: PLC0415 - loads mlx

    layer = linear()
    multiply_rows(layer, library)
    with pytest.raises(ValueError, match=r"addmm|matmul"):
        mx.eval(layer(mx.ones(shape)))


def test_a_library_without_the_product_leaves_the_layers(monkeypatch: pytest.MonkeyPatch, library: Path) -> None:
    """Slow is better than not at all."""
    from lsp_server.resident import row_product  # noqa: PLC0415 - loads mlx

    def bare(_: str) -> object:
        return object()

    layer = linear()
    monkeypatch.setattr(row_product.ctypes, "CDLL", bare)
    row_product.multiply_rows(layer, library)
    assert not isinstance(layer, row_product.RowLinear)

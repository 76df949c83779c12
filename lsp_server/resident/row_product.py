"""One row times a matrix, on a CPU: BLAS' own matrix-vector product, which mlx never calls.

mlx multiplies a single row by `sgemm`, which first copies the whole matrix into an order of its own; `sgemv` reads it
once, in half the time. A decode step over one token is nothing but such products.
"""

# mlx carries no complete types:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
from mlx import nn

_ROW_MAJOR, _AS_IT_IS = 101, 111
"""CBLAS' enumerations of how a matrix lies, and of whether it is transposed."""


class RowProduct:
    """Multiplies a row by the transpose of a float32 matrix of shape (rows out, columns in), which is not copied."""

    def __init__(self, sgemv: Any, weight: np.ndarray[Any, np.dtype[np.float32]]) -> None:
        self._sgemv = sgemv
        self._weight = weight

    def takes(self, x: mx.array) -> bool:
        """Tell whether `x` is one row in all, float32, of shape (..., columns)."""
        return x.ndim > 0 and x.size == x.shape[-1] == self._weight.shape[1] and x.dtype == mx.float32

    def __call__(self, row: mx.array) -> mx.array:
        """Return the product of `row`, which it `takes`, as shape (..., rows)."""
        rows, columns = self._weight.shape
        given = np.ascontiguousarray(np.asarray(row), np.float32)
        product = np.empty(rows, np.float32)
        weight, left, right = (array.ctypes.data for array in (self._weight, given, product))
        self._sgemv(_ROW_MAJOR, _AS_IT_IS, rows, columns, 1.0, weight, columns, left, 1, 0.0, right, 1)
        return mx.array(product).reshape(*row.shape[:-1], rows)


class RowLinear(nn.Linear):
    """A linear layer that multiplies a single row by itself."""

    row_product: RowProduct

    def __call__(self, x: mx.array) -> mx.array:
        """Return `x` times the weights, with the bias if there is one."""
        if not self.row_product.takes(x):
            return super().__call__(x)
        product = self.row_product(x)
        return product + self.bias if "bias" in self else product


class RowEmbedding(nn.Embedding):
    """An embedding that, as a head, multiplies a single row by itself."""

    row_product: RowProduct

    def as_linear(self, x: mx.array) -> mx.array:
        """Return the scores of every token."""
        return self.row_product(x) if self.row_product.takes(x) else super().as_linear(x)


def multiply_rows(model: nn.Module, library: Path) -> None:
    """Have each float32 matrix of a model that is evaluated, on the CPU, multiply single rows through `library`.

    The weights must stay as they are from here on: they are seen where they lie.
    """
    sgemv = _sgemv(library)
    if sgemv is None:
        return
    for _, module in model.named_modules():
        kind = {nn.Linear: RowLinear, nn.Embedding: RowEmbedding}.get(type(module))
        if kind is None or module.weight.dtype != mx.float32:
            continue
        seen = np.asarray(module.weight)  # mlx's own memory
        if seen.flags.c_contiguous:
            module.__class__ = kind
            module.row_product = RowProduct(sgemv, seen)


def _sgemv(library: Path) -> Any | None:
    """Return the function; None where a library was built without it."""
    whole, real, place = ctypes.c_int, ctypes.c_float, ctypes.c_void_p
    found = getattr(ctypes.CDLL(str(library)), "cblas_sgemv", None)
    if found is None:
        return None
    found.argtypes = [whole, whole, whole, whole, real, place, whole, place, whole, real, place, whole]
    found.restype = None
    return found

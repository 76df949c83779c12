"""The functions of a transformer that a CPU is slow at in mlx, and their gradients, by numpy.

mlx's exponential on a CPU is scalar, 12 ns each, which together are half of a training step; numpy's is vectorised.
It is exacter, too: mlx adds the 151,936 exponentials of a row of logits one by one in float32, which alone puts a loss
off by some 3e-4; numpy adds them in pairs.
Arrays cross by value on the way back and without a copy on the way here.
"""

# mlx carries no complete types:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import attrs
import numpy as np
from numpy.typing import NDArray

from lsp_server.resident.blas import load_blas

load_blas()

import mlx.core as mx  # noqa: E402 - a BLAS must be loaded before mlx

Floats = NDArray[np.float32]
_Work = TypeVar("_Work")

_AT_ONCE = 1 << 16
"""Values that one piece of work holds: they stay in the nearest caches."""


@attrs.frozen
class CpuFunctions:
    """Activation, softmax and loss, on the threads of a pool."""

    pool: ThreadPoolExecutor

    def swiglu(self, gate: mx.array, up: mx.array) -> mx.array:
        """Return silu(gate) * up."""
        gates, ups = _values(gate), _values(up)
        out = np.empty_like(gates)

        def work(piece: slice) -> None:
            silu = _sigmoid(gates[piece])
            silu *= gates[piece]
            np.multiply(silu, ups[piece], out=out[piece])

        self._each(work, _pieces(gates))
        return _array(out, gate)

    def swiglu_back(self, gate: mx.array, up: mx.array, slope: mx.array) -> tuple[mx.array, mx.array]:
        """Return the gradients for gate and up, given the one for the result."""
        gates, ups, come = _values(gate), _values(up), _values(slope)
        to_gate, to_up = np.empty_like(gates), np.empty_like(gates)

        def work(piece: slice) -> None:
            sigmoid = _sigmoid(gates[piece])
            silu = gates[piece] * sigmoid
            np.multiply(come[piece], silu, out=to_up[piece])
            # the derivative of silu is silu + sigmoid (1 - silu)
            sigmoid -= sigmoid * silu
            sigmoid += silu
            sigmoid *= ups[piece]
            np.multiply(sigmoid, come[piece], out=to_gate[piece])

        self._each(work, _pieces(gates))
        return _array(to_gate, gate), _array(to_up, gate)

    def causal_softmax(self, scores: mx.array) -> mx.array:
        """Return the softmax of scores (..., tokens, seen); a token sees what precedes it, and itself."""
        given = _matrices(scores)
        tokens, seen = given.shape[-2:]
        hidden = np.triu(np.full((tokens, seen), -np.inf, dtype=np.float32), seen - tokens + 1)
        out = np.empty_like(given)

        def work(number: int) -> None:
            part = np.add(given[number], hidden, out=out[number])
            part -= part.max(axis=-1, keepdims=True)
            np.exp(part, out=part)
            part /= part.sum(axis=-1, keepdims=True)

        self._each(work, range(len(given)))
        return _array(out, scores)

    def softmax_back(self, weights: mx.array, slope: mx.array) -> mx.array:
        """Return the gradient for the scores, given the softmax's result and the gradient for it."""
        given, come = _matrices(weights), _matrices(slope)
        out = np.empty_like(given)

        def work(number: int) -> None:
            mean = np.einsum("ts,ts->t", given[number], come[number])
            part = np.subtract(come[number], mean[:, None], out=out[number])
            part *= given[number]

        self._each(work, range(len(given)))
        return _array(out, weights)

    def cross_entropy(self, logits: mx.array, targets: mx.array, share: float) -> tuple[float, mx.array]:
        """Return the sum of the losses of rows of logits, and the gradient of `share` times it for them."""
        given, wanted = np.array(logits, copy=False), np.array(targets, copy=False)
        losses, slopes = np.empty(len(given), dtype=np.float64), np.empty_like(given)

        def work(row: int) -> None:
            target = wanted[row]
            part = np.subtract(given[row], given[row].max(), out=slopes[row])
            reached = float(part[target])
            np.exp(part, out=part)
            total = part.sum()
            losses[row] = np.log(total) - reached
            part *= share / total
            part[target] -= share

        self._each(work, range(len(given)))
        return float(losses.sum()), mx.array(slopes)

    def _each(self, work: Callable[[_Work], None], pieces: Sequence[_Work]) -> None:
        """Do `work` on all pieces, several at a time."""
        for _ in self.pool.map(work, pieces):
            pass


def _values(array: mx.array) -> Floats:
    """Return an array's values in one row."""
    return np.array(array, copy=False).reshape(-1)


def _matrices(array: mx.array) -> Floats:
    """Return an array as a row of matrices."""
    return np.array(array, copy=False).reshape(-1, *array.shape[-2:])


def _array(values: Floats, like: mx.array) -> mx.array:
    return mx.array(values.reshape(like.shape))


def _pieces(values: Floats) -> list[slice]:
    return [slice(start, start + _AT_ONCE) for start in range(0, values.size, _AT_ONCE)]


def _sigmoid(values: Floats) -> Floats:
    part = np.negative(values)
    with np.errstate(over="ignore"):  # beyond -88 the sigmoid is nothing, as it should be
        np.exp(part, out=part)
    part += 1
    return np.reciprocal(part, out=part)

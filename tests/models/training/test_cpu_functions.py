"""Numpy's activation, softmax and loss against double precision, values and gradients."""

# mlx carries no complete types:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lsp_server.resident.blas import load_blas
from models.training.cpu_functions import CpuFunctions

load_blas()

import mlx.core as mx  # noqa: E402 - a BLAS must be loaded before mlx

NEAR: Any = {"rtol": 2e-6, "atol": 2e-6}
CHANCE = np.random.default_rng(11)


def by_chance(*shape: int, spread: float = 3.0) -> Any:
    return CHANCE.normal(0, spread, shape).astype(np.float32)


def test_swiglu_and_its_gradient(functions: CpuFunctions):
    """silu(gate) * up, over more values than one piece of work holds."""
    gate, up, slope = (by_chance(3, 50, 700) for _ in range(3))
    wide = gate.astype(np.float64)
    sigmoid = 1 / (1 + np.exp(-wide))
    np.testing.assert_allclose(functions.swiglu(mx.array(gate), mx.array(up)), wide * sigmoid * up, **NEAR)
    to_gate, to_up = functions.swiglu_back(mx.array(gate), mx.array(up), mx.array(slope))
    np.testing.assert_allclose(to_up, slope * wide * sigmoid, **NEAR)
    derivative = sigmoid * (1 + wide * (1 - sigmoid))
    np.testing.assert_allclose(to_gate, slope * up * derivative, rtol=1e-5, atol=1e-5)


def test_extreme_gates_are_no_trouble(functions: CpuFunctions):
    """Beyond what an exponential can hold the sigmoid is nothing or one: no warning, no NaN."""
    gate = mx.array([-1e4, -100.0, 0.0, 100.0, 1e4])
    ones = mx.ones(5)
    np.testing.assert_array_equal(functions.swiglu(gate, ones), [0, 0, 0, 100, 1e4])
    to_gate, _ = functions.swiglu_back(gate, ones, ones)
    np.testing.assert_allclose(to_gate, [0, 0, 0.5, 1, 1], atol=1e-6)


@pytest.mark.parametrize(("tokens", "seen"), [(6, 6), (6, 10), (1, 4)])
def test_softmax_sees_what_precedes_a_token_and_itself(functions: CpuFunctions, tokens: int, seen: int):
    """Rows sum to one, what comes later weighs nothing, and the gradient is the derivative's."""
    scores, slope = by_chance(2, 3, tokens, seen), by_chance(2, 3, tokens, seen)
    hidden = np.arange(seen)[None, :] > np.arange(tokens)[:, None] + seen - tokens
    wide = np.where(hidden, -np.inf, scores.astype(np.float64))
    expected = np.exp(wide - wide.max(-1, keepdims=True))
    expected /= expected.sum(-1, keepdims=True)
    weights = functions.causal_softmax(mx.array(scores))
    np.testing.assert_allclose(weights, expected, **NEAR)
    assert not np.array(weights)[..., hidden].any()
    back = functions.softmax_back(weights, mx.array(slope))
    mean = (expected * slope).sum(-1, keepdims=True)
    np.testing.assert_allclose(back, expected * (slope - mean), **NEAR)


def test_the_loss_over_a_real_vocabulary_is_exact(functions: CpuFunctions):
    """Sums over 151,936 exponentials keep seven digits, in the loss and in its gradient."""
    logits = by_chance(6, 151_936)
    targets = np.array([0, 1, 151_935, 70_000, 5, 5])
    wide = logits.astype(np.float64)
    totals = np.exp(wide).sum(-1)
    expected = np.log(totals) - wide[np.arange(6), targets]
    loss, slope = functions.cross_entropy(mx.array(logits), mx.array(targets), 0.25)
    assert loss == pytest.approx(expected.sum(), rel=1e-7)
    wanted = np.exp(wide) / totals[:, None]
    wanted[np.arange(6), targets] -= 1
    np.testing.assert_allclose(slope, 0.25 * wanted, rtol=3e-6, atol=1e-9)


def test_huge_logits_are_no_trouble(functions: CpuFunctions):
    """A loss is finite where exponentials are not."""
    loss, slope = functions.cross_entropy(mx.array([[1e4, -1e4], [0.0, 0.0]]), mx.array([1, 0]), 1.0)
    assert loss == pytest.approx(2e4 + np.log(2))
    np.testing.assert_allclose(slope, [[1, -1], [-0.5, 0.5]], atol=1e-6)

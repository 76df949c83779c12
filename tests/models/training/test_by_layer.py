"""Loss and gradient layer by layer: those of one graph, and of arithmetic in twice the precision."""

# mlx carries no complete types:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateImportUsage=false

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.resident.blas import load_blas
from models.data.rows import Encoded
from models.training import by_layer
from models.training.by_layer import can_go_by_layer, gradients_by_layer, summed_loss_by_layer
from models.training.cpu_functions import CpuFunctions
from models.training.order import passes
from models.training.shared_prefix import Arrays, arrays_of, summed_loss
from support.double import double_loss
from support.tiny_training import adapted, distance, rows_by_chance, write_base

load_blas()

from mlx import nn  # noqa: E402 - a BLAS must be loaded before mlx
from mlx.utils import tree_flatten  # noqa: E402

WITHIN = 1e-5
"""Relative; what float32 leaves when sums are taken in another order."""


@pytest.fixture(scope="module")
def model(base: Path) -> Any:
    return adapted(base)


def in_one_graph(model: Any, rows: list[Encoded], share: float) -> tuple[float, dict[str, Any]]:
    (one,) = passes(rows, 4_000)

    def loss_of(model: Any, arrays: Arrays) -> Any:
        return share * summed_loss(model, arrays, recompute=False)

    loss, gradients = nn.value_and_grad(model, loss_of)(model, arrays_of(one))
    return float(loss) / share, dict(tree_flatten(gradients))


def check_same(model: Any, functions: CpuFunctions, rows: list[Encoded], tokens_at_once: int) -> None:
    share = 1 / sum(sum(row.trained) for row in rows)
    expected_loss, expected = in_one_graph(model, rows, share)
    total, summed = 0.0, dict[str, Any]()
    for one in passes(rows, tokens_at_once):
        loss, gradients = gradients_by_layer(model, arrays_of(one), functions, share)
        assert summed_loss_by_layer(model, arrays_of(one), functions) == pytest.approx(loss, rel=WITHIN)
        total += loss
        for name, value in gradients.items():
            summed[name] = summed.get(name, 0) + value
    assert total == pytest.approx(expected_loss, rel=WITHIN)
    assert distance(summed, expected) < WITHIN


@settings(max_examples=25)
@given(lengths=st.lists(st.integers(2, 60), min_size=1, max_size=6), tokens_at_once=st.integers(100, 300))
def test_loss_and_gradient_are_those_of_one_graph(
    model: Any, functions: CpuFunctions, lengths: list[int], tokens_at_once: int
):
    """Whatever the rows, the blocks and the passes that they fall into."""
    check_same(model, functions, rows_by_chance(*lengths), tokens_at_once)


@pytest.mark.parametrize(("layers", "tied"), [(1, True), (3, True), (2, False)])
def test_any_number_of_layers_and_a_head_of_its_own(tmp_path: Path, functions: CpuFunctions, layers: int, tied: bool):
    """The last layer alone or all of them learn; the head may be the embedding or not."""
    model = adapted(write_base(tmp_path, tied=tied), layers=layers)
    check_same(model, functions, rows_by_chance(5, 9, 40, 41, 70), 200)


def test_logits_in_pieces_are_logits(model: Any, functions: CpuFunctions, monkeypatch: pytest.MonkeyPatch):
    """More trained tokens than logits are kept in memory change nothing."""
    monkeypatch.setattr(by_layer, "_LOGITS_AT_ONCE", 3)
    check_same(model, functions, rows_by_chance(5, 9, 40, 41), 200)


def test_the_model_is_left_as_it_was(model: Any, functions: CpuFunctions):
    """Taking gradients changes no weight."""
    before = dict(tree_flatten(model.trainable_parameters()))
    gradients_by_layer(model, arrays_of(passes(rows_by_chance(9, 30), 400)[0]), functions, 1.0)
    assert distance(dict(tree_flatten(model.trainable_parameters())), before) == 0


def test_the_loss_is_that_of_double_precision(model: Any, functions: CpuFunctions):
    """A forward pass written apart, in float64 and over whole rows, gives the loss to within 2e-7."""
    rows = rows_by_chance(5, 9, 40, 41, 150)
    (one,) = passes(rows, 4_000)
    exact = sum(double_loss(model, row) for row in rows)
    assert summed_loss_by_layer(model, arrays_of(one), functions) == pytest.approx(exact, rel=2e-7)


def test_what_is_not_cut_so_goes_in_one_graph(model: Any, base: Path):
    """Another architecture, or dropout, is left to mlx."""
    assert can_go_by_layer(model, 0.0)
    assert not can_go_by_layer(model, 0.1)
    assert not can_go_by_layer(nn.Linear(2, 2), 0.0)

"""The loss of rows that share their beginning, in one graph."""

# mlx carries no complete types:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateImportUsage=false

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.resident.blas import load_blas
from models.data.rows import Encoded, encode, generated_ids
from models.training.order import passes
from models.training.shared_prefix import Arrays, arrays_of, summed_loss
from support.scripted_backend import byte_chat
from support.tiny_training import (
    adapted,
    conversation,
    distance,
    plain_loss,
    row_by_chance,
    rows_by_chance,
    write_base,
)

load_blas()

import mlx.core as mx  # noqa: E402 - a BLAS must be loaded before mlx
from mlx import nn  # noqa: E402
from mlx.utils import tree_flatten  # noqa: E402

WITHIN = 1e-5
"""Relative; what float32 leaves when sums are taken in another order."""


def learnt(model: Any, rows: list[Encoded], tokens_at_once: int, *, recompute: bool) -> tuple[float, dict[str, Any]]:
    """Return loss and gradient over all passes."""

    def loss_of(model: Any, arrays: Arrays) -> Any:
        return summed_loss(model, arrays, recompute=recompute)

    total, summed = 0.0, dict[str, Any]()
    for one in passes(rows, tokens_at_once):
        loss, gradients = nn.value_and_grad(model, loss_of)(model, arrays_of(one))
        total += float(loss)
        for name, value in tree_flatten(gradients):
            summed[name] = summed.get(name, 0) + value
    return total, summed


@pytest.mark.parametrize("tied", [True, False])
def test_loss_and_gradient_are_those_of_whole_rows(tmp_path: Path, tied: bool):
    """Sharing the prefix, blocks and padding change nothing: plain forward passes, row by row, give the same."""
    model = adapted(write_base(tmp_path, tied=tied))
    rows = rows_by_chance(5, 9, 40, 41, 3, 70)
    expected_loss, expected = nn.value_and_grad(model, plain_loss)(model, rows)
    loss, gradients = learnt(model, rows, 4_000, recompute=False)
    assert loss == pytest.approx(float(expected_loss), rel=WITHIN)
    assert distance(gradients, dict(tree_flatten(expected))) < WITHIN


def test_several_passes_give_what_one_gives(base: Path):
    """Gradients add up over passes and prefixes."""
    model = adapted(base)
    rows = [*rows_by_chance(5, 9, 40, 41, 3, 70), row_by_chance(9, 12, prefix=(1, 2, 3))]
    assert len(passes(rows, 100)) > len(passes(rows, 4_000)) == 2
    loss, gradients = learnt(model, rows, 4_000, recompute=False)
    again, summed = learnt(model, rows, 100, recompute=False)
    assert again == pytest.approx(loss, rel=WITHIN)
    assert distance(summed, gradients) < WITHIN


def test_computing_activations_again_changes_nothing(base: Path):
    """Loss and gradients are those of kept activations."""
    model = adapted(base)
    rows = rows_by_chance(5, 9, 40)
    loss, gradients = learnt(model, rows, 4_000, recompute=False)
    again, recomputed = learnt(model, rows, 4_000, recompute=True)
    assert again == pytest.approx(loss, rel=WITHIN)
    assert distance(recomputed, gradients) < WITHIN


def test_only_the_adapter_learns(base: Path):
    """No gradient is taken for anything but the adapters of the last layers."""
    _, gradients = learnt(adapted(base), rows_by_chance(5), 4_000, recompute=False)
    assert all(name.endswith(("lora_a", "lora_b")) for name in gradients)
    assert {name.split(".")[2] for name in gradients} == {"1", "2"}


@given(st.lists(st.integers(2, 60), min_size=1, max_size=8))
def test_each_trained_token_is_predicted_where_it_follows(lengths: list[int]):
    """Exactly the trained tokens are targets, each read at the token before it in its own row."""
    rows = rows_by_chance(*lengths)
    for one in passes(rows, 200):
        arrays = arrays_of(one)
        targets = np.array(arrays.targets).tolist()
        for block, padded, positions in zip(one.blocks, arrays.blocks, arrays.positions, strict=True):
            flat = np.array(padded).reshape(-1)
            for row in block.rows:
                assert flat.size == block.computed
                expected = [token for token, flag in zip(row.ids, row.trained, strict=True) if flag]
                assert targets[: len(expected)] == expected
                del targets[: len(expected)]
            following = [int(flat[at + 1]) for at in np.array(positions)]
            assert following == [
                token for row in block.rows for token, flag in zip(row.ids, row.trained, strict=True) if flag
            ]
        assert targets == []


def test_only_assistant_turns_are_learnt():
    """What is asked, or told by a tool, is read and not learnt; nor is a row's first token, where the question is."""
    chat, row = byte_chat(), conversation(1, "Answer.")
    encoded = encode(row, chat)
    (one,) = passes([encoded], 4_000)
    expected = [token for turn in (row.messages[2], row.messages[4]) for token in generated_ids(turn, chat)]
    assert np.array(arrays_of(one).targets).tolist() == expected
    assert not encoded.trained[0]


def test_padding_reaches_nothing(base: Path):
    """A row's loss is the same beside a longer row as alone."""
    model = adapted(base)
    short, long = row_by_chance(1, 30), row_by_chance(2, 31)
    (together,) = passes([short, long], 4_000)
    assert [len(block.rows) for block in together.blocks] == [2]
    apart = sum(float(summed_loss(model, arrays_of(passes([row], 4_000)[0]), recompute=False)) for row in (short, long))
    both = float(mx.sum(summed_loss(model, arrays_of(together), recompute=False)))
    assert both == pytest.approx(apart, rel=WITHIN)

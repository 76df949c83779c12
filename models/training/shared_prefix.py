"""The loss of conversations that begin alike, with the beginning computed once.

All rows of a pass open with the same system message. Its keys and values are computed once, within the same graph,
and every row attends to them: loss and gradients are those of whole rows, for a fraction of the tokens.
"""

# mlx and mlx-lm carry no complete types:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateImportUsage=false

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs
import numpy as np

from lsp_server.resident.blas import load_blas
from models.training.order import Block, Pass

load_blas()

import mlx.core as mx  # noqa: E402 - a BLAS must be loaded before mlx
from mlx import nn  # noqa: E402

_CAUSAL = "causal"


@attrs.frozen(eq=False)
class Arrays:
    """A pass as arrays."""

    prefix: mx.array
    """Shape (1, tokens)."""
    blocks: tuple[mx.array, ...]
    """Shape (rows, tokens) each, padded at the end."""
    positions: tuple[mx.array, ...]
    """For each block where, in its flattened rows, the next token is trained."""
    targets: mx.array
    """The tokens that should follow, over all blocks."""


class _Recorded:
    """One layer's cache while the prefix is computed: it keeps what the rows will need."""

    offset = 0

    def __init__(self) -> None:
        self.keys: Any = None
        self.values: Any = None

    def update_and_fetch(self, keys: mx.array, values: mx.array) -> tuple[mx.array, mx.array]:
        self.keys, self.values = keys, values
        return keys, values


class _Branch:
    """One layer's cache while rows are computed: they see the prefix before their own tokens."""

    def __init__(self, recorded: _Recorded) -> None:
        self._recorded = recorded
        self.offset = int(recorded.keys.shape[2])

    def update_and_fetch(self, keys: mx.array, values: mx.array) -> tuple[mx.array, mx.array]:
        return self._joined(self._recorded.keys, keys), self._joined(self._recorded.values, values)

    def _joined(self, before: mx.array, own: mx.array) -> mx.array:
        return mx.concatenate([mx.broadcast_to(before, (own.shape[0], *before.shape[1:])), own], axis=2)


def arrays_of(one: Pass) -> Arrays:
    """Return a pass as arrays.

    A trained token is predicted at the token before it; the first token of a row is never trained, for the question
    stands there.
    """
    positions = tuple(mx.array(_positions(block)) for block in one.blocks)
    targets = [row.ids[at] for block in one.blocks for row in block.rows for at in _trained(row.trained)]
    return Arrays(
        prefix=mx.array([one.prefix_ids], dtype=mx.int32),
        blocks=tuple(mx.array(_padded(block)) for block in one.blocks),
        positions=positions,
        targets=mx.array(targets, dtype=mx.int32),
    )


def summed_loss(model: Any, arrays: Arrays, *, recompute: bool) -> mx.array:
    """Return the sum of the losses of all trained tokens, float32."""
    body = model.model
    stem = body.embed_tokens(arrays.prefix)
    branches = [body.embed_tokens(block) for block in arrays.blocks]
    for layer in body.layers:
        stem, *branches = _layer(layer, recompute=recompute)(stem, *branches)
    hidden = body.norm(trained_states(branches, arrays.positions))
    logits = model.lm_head(hidden) if hasattr(model, "lm_head") else body.embed_tokens.as_linear(hidden)
    return nn.losses.cross_entropy(logits.astype(mx.float32), arrays.targets, reduction="sum")


def trained_states(branches: Sequence[mx.array], positions: Sequence[mx.array]) -> mx.array:
    """Return the states, of all blocks, at which a token is trained; shape (trained tokens, width)."""
    chosen = [state.reshape(-1, state.shape[-1])[at] for state, at in zip(branches, positions, strict=True)]
    return mx.concatenate(chosen, axis=0)


def _layer(layer: Any, *, recompute: bool) -> Callable[..., list[mx.array]]:
    """Return what takes the states of prefix and blocks through one layer."""

    def through(stem: mx.array, *branches: mx.array) -> list[mx.array]:
        recorded = _Recorded()
        after = layer(stem, _CAUSAL, recorded)  # after the last layer nobody asks for it, so it is not computed
        return [after, *(layer(branch, _CAUSAL, _Branch(recorded)) for branch in branches)]

    if not recompute:
        return through

    def with_parameters(parameters: Any, *states: mx.array) -> list[mx.array]:
        layer.update(parameters)
        return through(*states)

    checkpointed = mx.checkpoint(with_parameters)
    return lambda *states: checkpointed(layer.trainable_parameters(), *states)


def _trained(flags: Sequence[bool]) -> list[int]:
    return [at for at, flag in enumerate(flags) if flag]


def _positions(block: Block) -> Any:
    found = [number * block.length + at - 1 for number, row in enumerate(block.rows) for at in _trained(row.trained)]
    return np.array(found, dtype=np.int32)


def _padded(block: Block) -> Any:
    padded = np.zeros((len(block.rows), block.length), dtype=np.int32)
    for number, row in enumerate(block.rows):
        padded[number, : len(row.ids)] = row.ids
    return padded

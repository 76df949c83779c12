"""Loss and gradient on a CPU, one layer after the other: half the time and a quarter of the memory of one graph.

mlx differentiates a whole graph; on a CPU that graph's exponentials are slow and its intermediates fill the memory.
Here each layer is cut at what is not linear. The linear segments stay mlx's, the model's own modules with their
adapters, and mlx differentiates them: since it is lazy, the products on the way there are not computed again on the
way back. What lies between the segments is numpy's (cpu_functions.py). Only the segments' inputs are kept.
"""

# mlx and mlx-lm carry no complete types:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import attrs

from lsp_server.resident.blas import load_blas
from models.training.cpu_functions import CpuFunctions
from models.training.shared_prefix import Arrays, trained_states

load_blas()

import mlx.core as mx  # noqa: E402 - a BLAS must be loaded before mlx
from mlx.utils import tree_flatten, tree_unflatten  # noqa: E402
from mlx_lm.tuner.lora import LoRALinear  # noqa: E402

_SUPPORTED = "mlx_lm.models.qwen2"

Gradients = dict[str, mx.array]
"""By the parameters' names in the model."""
_LOGITS_AT_ONCE = 128
"""Rows of logits that are in memory together: a row of a large vocabulary is 600 kB."""
_Segment = Callable[..., Any]
"""From arrays to an array or several, linear but for norms."""


def can_go_by_layer(model: Any, dropout: float) -> bool:
    """Whether the layers are of the kind that is cut here; what is left to chance cannot be computed twice."""
    return type(model).__module__ == _SUPPORTED and dropout == 0


@attrs.define(eq=False)
class _Kept:
    """What one stream (the prefix, or a block of rows) leaves in one layer for the way back."""

    entered: mx.array
    queries: mx.array
    keys: mx.array
    values: mx.array
    weights: mx.array
    """Of the attention."""
    attended: mx.array
    between: mx.array
    """Between attention and feed-forward."""
    gate: mx.array
    up: mx.array
    active: mx.array


def summed_loss_by_layer(model: Any, arrays: Arrays, functions: CpuFunctions) -> float:
    """Return the sum of the losses of all trained tokens."""
    streams = _entered(model, arrays)
    for layer in model.layers:
        streams, _ = _forward(layer, streams, functions)
    return _losses(model, _states(model, arrays.positions, *streams[1:]), arrays.targets, functions)[0]


def gradients_by_layer(model: Any, arrays: Arrays, functions: CpuFunctions, share: float) -> tuple[float, Gradients]:
    """Return the summed loss, and the gradient of `share` times it for every trained parameter."""
    streams, kept = _entered(model, arrays), []
    for layer in model.layers:
        streams, one = _forward(layer, streams, functions)
        kept.append(one if layer.trainable_parameters() else None)
        mx.eval(streams)
    states = partial(_states, model, arrays.positions)
    loss, slope = _losses(model, states(*streams[1:]), arrays.targets, functions, share)
    slopes: list[mx.array | None] = [None, *mx.vjp(states, streams[1:], [slope])[1]]
    mx.eval(slopes[1:])
    found: Gradients = {}
    for number in reversed(range(len(model.layers))):
        one = kept.pop()
        if one is None:
            break  # nothing below it learns
        back = _Back(model.layers[number], functions)
        slopes = back.through(one, slopes)
        found |= {f"model.layers.{number}.{name}": value for name, value in back.found.items()}
        mx.eval(list(back.found.values()))
    return loss, found


def _entered(model: Any, arrays: Arrays) -> list[mx.array]:
    return [model.model.embed_tokens(tokens) for tokens in (arrays.prefix, *arrays.blocks)]


def _states(model: Any, positions: Sequence[mx.array], *branches: mx.array) -> mx.array:
    """Return what the head reads at the trained positions, shape (trained tokens, width)."""
    return model.model.norm(trained_states(branches, positions))


def _losses(
    model: Any, states: mx.array, targets: mx.array, functions: CpuFunctions, share: float = 0.0
) -> tuple[float, mx.array]:
    """Return the summed loss, and the gradient of `share` times it for the states; logits are never all in memory."""
    head = model.lm_head if hasattr(model, "lm_head") else model.model.embed_tokens.as_linear
    loss, slopes = 0.0, []
    for start in range(0, states.shape[0], _LOGITS_AT_ONCE):
        piece = slice(start, start + _LOGITS_AT_ONCE)
        more, slope = functions.cross_entropy(head(states[piece]), targets[piece], share)
        if share:
            slopes += mx.vjp(head, [states[piece]], [slope])[1]
            mx.eval(slopes[-1])
        loss += more
    return loss, mx.concatenate(slopes) if slopes else mx.zeros_like(states)


def _forward(layer: Any, streams: Sequence[mx.array], functions: CpuFunctions) -> tuple[list[mx.array], list[_Kept]]:
    """Take all streams through a layer; the first is the prefix, which the others attend to."""
    left: list[mx.array] = []
    kept: list[_Kept] = []
    for entered in streams:
        before = kept[:1]
        queries, keys, values = _project(layer, _offset(before), entered)
        scores = _scores(layer, queries, keys, *(one.keys for one in before))
        weights = functions.causal_softmax(scores)
        attended = _weigh(weights, values, *(one.values for one in before))
        between = _attention_out(layer, entered, attended)
        gate, up = _gate_and_up(layer, between)
        active = functions.swiglu(gate, up)
        left.append(_feed_forward_out(layer, between, active))
        kept.append(_Kept(entered, queries, keys, values, weights, attended, between, gate, up, active))
    return left, kept


class _Back:
    """The way back through one layer."""

    def __init__(self, layer: Any, functions: CpuFunctions) -> None:
        self._layer, self._functions = layer, functions
        self._parameters: dict[str, mx.array] = dict(tree_flatten(layer.trainable_parameters()))
        self.found: Gradients = {}
        """Gradients of the layer's parameters, over all streams."""

    def through(self, kept: Sequence[_Kept], slopes: Sequence[mx.array | None]) -> list[mx.array | None]:
        """Return the gradients for what entered, given those for what left; None where nothing depends on it."""
        stem = kept[0]
        to_prefix: list[mx.array] = []
        entered: list[mx.array | None] = []
        for one, slope in zip(kept[1:], slopes[1:], strict=True):
            assert slope is not None  # noqa: S101 - every row has trained tokens
            to_entered, to_queries, (to_scores_k, to_values_v) = self._upper(one, slope, stem)
            to_keys, *stem_keys = to_scores_k
            to_values, *stem_values = to_values_v
            entered.append(to_entered + self._projected(one, stem, to_queries, to_keys, to_values))
            mx.eval(entered[-1], stem_keys, stem_values)
            to_prefix = _summed(to_prefix, [*stem_keys, *stem_values])
        return [self._prefix(stem, slopes[0], to_prefix), *entered]

    def _prefix(self, stem: _Kept, slope: mx.array | None, to_prefix: list[mx.array]) -> mx.array:
        """Return the gradient for the prefix: through its own way up, and through its keys and values."""
        to_keys, to_values = to_prefix
        if slope is None:
            return self._projected(stem, None, mx.zeros_like(stem.queries), to_keys, to_values)
        to_entered, to_queries, ((own_keys,), (own_values,)) = self._upper(stem, slope, None)
        return to_entered + self._projected(stem, None, to_queries, to_keys + own_keys, to_values + own_values)

    def _upper(self, one: _Kept, slope: mx.array, stem: _Kept | None) -> Any:
        """Return the gradients for what entered (past the attention), queries, keys and values."""
        layer, functions = self._layer, self._functions
        to_between, to_active = self._learn(partial(_feed_forward_out, layer), (one.between, one.active), [slope])
        to_gate, to_up = functions.swiglu_back(one.gate, one.up, to_active)
        (more,) = self._learn(partial(_gate_and_up, layer), (one.between,), [to_gate, to_up])
        to_entered, to_attended = self._learn(
            partial(_attention_out, layer), (one.entered, one.attended), [to_between + more]
        )
        stem_values, stem_keys = ([stem.values], [stem.keys]) if stem else ([], [])
        to_weights, *to_values = mx.vjp(_weigh, [one.weights, one.values, *stem_values], [to_attended])[1]
        to_scores = functions.softmax_back(one.weights, to_weights)
        score = partial(_scores, layer)
        to_queries, *to_keys = mx.vjp(score, [one.queries, one.keys, *stem_keys], [to_scores])[1]
        return to_entered, to_queries, (to_keys, to_values)

    def _projected(
        self, one: _Kept, stem: _Kept | None, to_queries: mx.array, to_keys: mx.array, to_values: mx.array
    ) -> mx.array:
        project = partial(_project, self._layer, _offset([stem] if stem else []))
        (to_entered,) = self._learn(project, (one.entered,), [to_queries, to_keys, to_values])
        return to_entered

    def _learn(self, segment: _Segment, inputs: Sequence[mx.array], slopes: Sequence[mx.array]) -> Sequence[mx.array]:
        """Return the gradients for a segment's inputs, and note those of the layer's parameters."""
        names, values = list(self._parameters), list(self._parameters.values())

        def of_parameters(*flat: mx.array) -> Any:
            self._layer.update(tree_unflatten(list(zip(names, flat[: len(names)], strict=True))))
            return segment(*flat[len(names) :])

        _, slopes_back = mx.vjp(of_parameters, [*values, *inputs], list(slopes))
        self._layer.update(tree_unflatten(list(self._parameters.items())))
        for name, slope in zip(names, slopes_back, strict=False):
            self.found[name] = self.found[name] + slope if name in self.found else slope
        return slopes_back[len(names) :]


def _summed(one: list[mx.array], other: list[mx.array]) -> list[mx.array]:
    return [a + b for a, b in zip(one, other, strict=True)] if one else other


def _offset(before: Sequence[_Kept]) -> int:
    """Return how many tokens stand before a stream's own."""
    return before[0].keys.shape[2] if before else 0


def _project(layer: Any, offset: int, entered: mx.array) -> tuple[mx.array, mx.array, mx.array]:
    """Return queries, keys and values, each (rows, heads, tokens, size), the first two turned by their place."""
    attention, normed = layer.self_attn, layer.input_layernorm(entered)

    def heads(projection: Any, count: int) -> mx.array:
        return _adapted(projection, normed).reshape(*entered.shape[:2], count, -1).transpose(0, 2, 1, 3)

    queries = heads(attention.q_proj, attention.n_heads)
    keys, values = heads(attention.k_proj, attention.n_kv_heads), heads(attention.v_proj, attention.n_kv_heads)
    return attention.rope(queries, offset=offset), attention.rope(keys, offset=offset), values


def _scores(layer: Any, queries: mx.array, keys: mx.array, *before: mx.array) -> mx.array:
    """Return (rows, heads, tokens, seen); several heads of queries share one of keys."""
    rows, heads, tokens, size = queries.shape
    grouped = (queries * layer.self_attn.scale).reshape(rows, keys.shape[1], -1, size)
    return (grouped @ _after(before, keys).swapaxes(-1, -2)).reshape(rows, heads, tokens, -1)


def _weigh(weights: mx.array, values: mx.array, *before: mx.array) -> mx.array:
    """Return what each token attends to, (rows, tokens, heads * size)."""
    rows, heads, tokens, seen = weights.shape
    grouped = weights.reshape(rows, values.shape[1], -1, seen) @ _after(before, values)
    return grouped.reshape(rows, heads, tokens, -1).transpose(0, 2, 1, 3).reshape(rows, tokens, -1)


def _after(before: Sequence[mx.array], own: mx.array) -> mx.array:
    """Return a block's own keys or values behind those of the prefix, which is the same for all its rows."""
    if not before:
        return own
    return mx.concatenate([mx.broadcast_to(before[0], (own.shape[0], *before[0].shape[1:])), own], axis=2)


def _attention_out(layer: Any, entered: mx.array, attended: mx.array) -> mx.array:
    return entered + _adapted(layer.self_attn.o_proj, attended)


def _gate_and_up(layer: Any, between: mx.array) -> tuple[mx.array, mx.array]:
    normed = layer.post_attention_layernorm(between)
    return _adapted(layer.mlp.gate_proj, normed), _adapted(layer.mlp.up_proj, normed)


def _feed_forward_out(layer: Any, between: mx.array, active: mx.array) -> mx.array:
    return between + _adapted(layer.mlp.down_proj, active)


def _adapted(projection: Any, values: mx.array) -> mx.array:
    """Return what the projection gives, its adapter's part added while it is multiplied."""
    if not isinstance(projection, LoRALinear):
        return projection(values)
    low = values @ projection.lora_a
    return mx.addmm(projection.linear(values), low, projection.lora_b, alpha=projection.scale)

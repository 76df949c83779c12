"""A qwen2 in numpy's float64, one row at a time and nothing shared: what exact arithmetic gives."""

# mlx and mlx-lm carry no complete types:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.rows import Encoded

Doubles = NDArray[np.float64]


def double_loss(model: Any, row: Encoded) -> float:
    """Return the summed loss of a row's trained tokens under an mlx-lm qwen2 with adapters."""
    ids = [*row.prefix_ids, *row.ids]
    states = _states(model, ids)
    head = model.lm_head if hasattr(model, "lm_head") else model.model.embed_tokens
    logits = states @ _doubles(head.weight).T
    first = len(row.prefix_ids)
    return sum(_loss(logits[first + at - 1], ids[first + at]) for at, flag in enumerate(row.trained) if flag)


def _loss(logits: Doubles, target: int) -> float:
    highest = logits.max()
    return float(np.log(np.exp(logits - highest).sum()) + highest - logits[target])


def _states(model: Any, ids: list[int]) -> Doubles:
    args = model.args
    states = _doubles(model.model.embed_tokens.weight)[ids]
    for layer in model.layers:
        normed = _norm(states, layer.input_layernorm, args.rms_norm_eps)
        states = states + _attention(layer.self_attn, args, normed)
        normed = _norm(states, layer.post_attention_layernorm, args.rms_norm_eps)
        gate, up = _linear(layer.mlp.gate_proj, normed), _linear(layer.mlp.up_proj, normed)
        states = states + _linear(layer.mlp.down_proj, gate / (1 + np.exp(-gate)) * up)
    return _norm(states, model.model.norm, args.rms_norm_eps)


def _attention(attention: Any, args: Any, normed: Doubles) -> Doubles:
    tokens = len(normed)

    def heads(projection: Any, count: int) -> Doubles:
        split = _linear(projection, normed).reshape(tokens, count, -1).transpose(1, 0, 2)
        return np.repeat(split, args.num_attention_heads // count, axis=0)

    queries = _turned(heads(attention.q_proj, args.num_attention_heads), args.rope_theta)
    keys = _turned(heads(attention.k_proj, args.num_key_value_heads), args.rope_theta)
    values = heads(attention.v_proj, args.num_key_value_heads)
    scores = queries @ keys.transpose(0, 2, 1) / np.sqrt(queries.shape[-1])
    scores += np.triu(np.full((tokens, tokens), -np.inf), 1)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    return _linear(attention.o_proj, (weights @ values).transpose(1, 0, 2).reshape(tokens, -1))


def _turned(heads: Doubles, theta: float) -> Doubles:
    half = heads.shape[-1] // 2
    angles = np.arange(heads.shape[1])[:, None] * theta ** (-np.arange(half) / half)
    cosine, sine = np.cos(angles), np.sin(angles)
    left, right = heads[..., :half], heads[..., half:]
    return np.concatenate([left * cosine - right * sine, left * sine + right * cosine], axis=-1)


def _norm(states: Doubles, norm: Any, epsilon: float) -> Doubles:
    return states / np.sqrt((states**2).mean(-1, keepdims=True) + epsilon) * _doubles(norm.weight)


def _linear(layer: Any, states: Doubles) -> Doubles:
    plain = getattr(layer, "linear", layer)
    out = states @ _doubles(plain.weight).T
    if "bias" in plain:
        out += _doubles(plain.bias)
    if plain is not layer:
        out += layer.scale * (states @ _doubles(layer.lora_a) @ _doubles(layer.lora_b))
    return out


def _doubles(array: Any) -> Doubles:
    return np.array(array, copy=False).astype(np.float64)

"""A model of a few thousand weights: its GGUF file, and the recipe that makes it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import gguf
import numpy as np

from models.recipe import Base, Hub, Quantisation, Recipe, Shape

SPECIALS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
USER_DEFINED = ("<tool_call>", "</tool_call>")
MERGES = ("h e", "l l", "he ll", "hell o", "i n", "Ġ in", "Ċ Ċ")
NAME = "tiny-1"

SHAPE = Shape(
    architecture="qwen2",
    parameters=200_000,
    layers=2,
    hidden=64,
    kv_heads=1,
    head_size=32,
    vocabulary=320,
    tied_embeddings=True,
)
_HEADS, FEED_FORWARD = 2, 128


def byte_alphabet() -> list[str]:
    """Return the 256 characters by which byte-level BPE writes bytes, in byte order."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    moved = iter(range(256, 512))
    return [chr(byte) if byte in shown else chr(next(moved)) for byte in range(256)]


def vocabulary() -> tuple[list[str], list[int]]:
    """Return tokens and GGUF's type of each; the last rows are unused, as in the real models."""
    words = [*byte_alphabet(), *(merge.replace(" ", "") for merge in MERGES)]
    tokens = [*words, *SPECIALS, *USER_DEFINED]
    unused = [f"[PAD{number}]" for number in range(len(tokens), SHAPE.vocabulary)]
    kinds = [1] * len(words) + [3] * len(SPECIALS) + [4] * len(USER_DEFINED) + [5] * len(unused)
    return tokens + unused, kinds


def write_gguf(path: Path, *, architecture: str = "qwen2", tied: bool = True) -> Path:
    """Write the model to `path`; with `tied` the output repeats the embedding in more bits, as the real files do."""
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_block_count(SHAPE.layers)
    writer.add_context_length(512)
    writer.add_embedding_length(SHAPE.hidden)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(SHAPE.kv_heads)
    writer.add_rope_freq_base(1_000_000.0)
    writer.add_layer_norm_rms_eps(1e-6)
    tokens, kinds = vocabulary()
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(list(MERGES))
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_pad_token_id(tokens.index("<|endoftext|>"))
    _add_tensors(writer, tied)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def weights() -> dict[str, np.ndarray]:
    """Return every tensor in float32 by its GGUF name, embedding and output the same."""
    random = np.random.default_rng(7)
    hidden, keys = SHAPE.hidden, SHAPE.kv_heads * SHAPE.head_size
    shapes: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (SHAPE.vocabulary, hidden),
        "output_norm.weight": (hidden,),
    }
    for layer in range(SHAPE.layers):
        shapes |= {
            f"blk.{layer}.{name}": shape
            for name, shape in {
                "attn_norm.weight": (hidden,),
                "attn_q.weight": (hidden, hidden),
                "attn_q.bias": (hidden,),
                "attn_k.weight": (keys, hidden),
                "attn_k.bias": (keys,),
                "attn_v.weight": (keys, hidden),
                "attn_v.bias": (keys,),
                "attn_output.weight": (hidden, hidden),
                "ffn_norm.weight": (hidden,),
                "ffn_gate.weight": (FEED_FORWARD, hidden),
                "ffn_up.weight": (FEED_FORWARD, hidden),
                "ffn_down.weight": (hidden, FEED_FORWARD),
            }.items()
        }
    return {name: random.standard_normal(shape, dtype=np.float32) for name, shape in shapes.items()}


def _add_tensors(writer: gguf.GGUFWriter, tied: bool) -> None:
    every = weights()
    output = every["token_embd.weight"] if tied else -every["token_embd.weight"][::-1]
    for name, value in [*every.items(), ("output.weight", output)]:
        if value.ndim == 1:
            writer.add_tensor(name, value)
            continue
        kind = gguf.GGMLQuantizationType.Q5_0 if name == "token_embd.weight" else gguf.GGMLQuantizationType.Q8_0
        writer.add_tensor(name, gguf.quants.quantize(np.ascontiguousarray(value), kind), raw_dtype=kind)


def recipe_for(file: Path, hub: str = "nobody/nothing") -> Recipe:
    """Return the recipe whose base is `file`."""
    return Recipe(
        name=NAME,
        title="A tiny model",
        licence="Apache-2.0",
        dialect="json-fence",
        first_call="demand",
        after_rows="free",
        context_tokens=512,
        shape=SHAPE,
        quantisation=Quantisation(8, 64),
        base=Base(
            "gguf", file.stat().st_size, Hub(hub, "main"), file.name, hashlib.sha256(file.read_bytes()).hexdigest()
        ),
    )

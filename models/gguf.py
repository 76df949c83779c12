"""GGUF -> a Hugging Face folder of float16 safetensors, one tensor in memory at a time.

float16 and not bfloat16: the 8-bit groups that are made from these weights keep their scales in this type, and with
ten bits of mantissa their error stays that of float32 (0.54 % of a layer's weights' norm, against 0.96 % with
bfloat16's seven). Where a GPU computes in the same type there is room: the largest activation of the 0.5B is 2,200,
float16 ends at 65,504.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

import attrs
import gguf
import numpy as np
from gguf.quants import dequantize
from numpy.typing import NDArray

from lsp_server.errors import ModelBuildFailed
from models.progress import Step, Watch
from models.recipe import Shape
from models.tokenizer import Vocabulary, write_tokenizer

Matrix = NDArray[np.float32]

_ROWS_AT_ONCE = 8192
"""Rows of one matrix that are float32 at a time."""
_LEAST_LIKENESS = 0.99
"""Cosine of embedding and output rows that are the same row, quantised twice."""

_WHOLE_NAMES = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
_LAYER_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_LAYER_NAME = re.compile(r"blk\.(?P<layer>\d+)\.(?P<module>\w+)\.(?P<kind>weight|bias)")


class _Tensor(Protocol):
    """What is used of gguf's ReaderTensor."""

    name: str
    tensor_type: gguf.GGMLQuantizationType
    shape: Sequence[int]
    """Fastest dimension first, as GGUF has it."""
    data: NDArray[Any]
    """Quantised rows."""


@attrs.frozen
class _Source:
    """An open GGUF file."""

    fields: Mapping[str, Any]
    tensors: Mapping[str, _Tensor]


def import_gguf(source: Path, folder: Path, shape: Shape, watch: Watch) -> None:
    """Write the model in `source` to `folder`: model.safetensors, config.json, tokenizer and generation settings.

    Raises:
        ModelBuildFailed: the file cannot be read, or is of another model than `shape` says.
        BuildCancelled: the caller withdrew.
        OSError: the disk refused.
    """
    opened = _open(source)
    _check(opened, shape)
    folder.mkdir(parents=True)
    _write_weights(opened, folder / "model.safetensors", shape, watch)
    config = _config(opened, shape)
    _write_json(folder / "config.json", config)
    ends = {"eos_token_id": config["eos_token_id"], "pad_token_id": config["pad_token_id"]}
    _write_json(folder / "generation_config.json", ends)
    write_tokenizer(_vocabulary(opened), folder)


def _open(source: Path) -> _Source:
    try:
        reader: Any = gguf.GGUFReader(source)
    except (ValueError, KeyError, IndexError, OSError, struct.error) as error:
        raise ModelBuildFailed(f"{source.name} cannot be read as GGUF: {error}.", "Name a whole GGUF file.") from error
    return _Source(_Fields(reader), {tensor.name: tensor for tensor in reader.tensors})


class _Fields(Mapping[str, Any]):
    """The metadata of a GGUF file as Python values, read when asked for."""

    def __init__(self, reader: Any) -> None:
        self._fields: Mapping[str, Any] = reader.fields

    def __getitem__(self, name: str) -> Any:
        return self._fields[name].contents()

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


def _check(source: _Source, shape: Shape) -> None:
    """Refuse another model than the recipe's."""
    architecture = source.fields.get("general.architecture")
    if architecture != shape.architecture:
        raise ModelBuildFailed(
            f"The base is of architecture {architecture!r}; this recipe is for {shape.architecture!r}.",
            "Choose the recipe that belongs to these weights.",
        )
    found = (source.fields[f"{architecture}.block_count"], source.fields[f"{architecture}.embedding_length"])
    if found != (shape.layers, shape.hidden):
        raise ModelBuildFailed(
            f"The base has {found[0]} layers of width {found[1]}; this recipe is for {shape.layers} of {shape.hidden}.",
            "Choose the recipe that belongs to these weights.",
        )
    unknown = sorted(name for name in source.tensors if _hub_name(name) is None)
    if unknown:
        raise ModelBuildFailed(f"The base holds tensors of no known use: {', '.join(unknown[:3])}.")


def _hub_name(name: str) -> str | None:
    """Return the name that a tensor has on the hub."""
    if name in _WHOLE_NAMES:
        return _WHOLE_NAMES[name]
    match = _LAYER_NAME.fullmatch(name)
    module = _LAYER_NAMES.get(match["module"]) if match else None
    return f"model.layers.{match['layer']}.{module}.{match['kind']}" if match and module else None


def _selected(source: _Source, shape: Shape) -> dict[str, _Tensor]:
    """Return the tensors to write, by their hub names.

    Where embedding and output are one matrix, GGUF may hold it twice, the output with more bits: keep that one.
    """
    chosen = {str(_hub_name(name)): tensor for name, tensor in source.tensors.items()}
    output = chosen.get("lm_head.weight")
    if shape.tied_embeddings and output is not None:
        if _likeness(chosen["model.embed_tokens.weight"], output) < _LEAST_LIKENESS:
            raise ModelBuildFailed("The base's embedding and output differ, but the recipe says that they are one.")
        chosen["model.embed_tokens.weight"] = chosen.pop("lm_head.weight")
    return chosen


def _likeness(one: _Tensor, other: _Tensor) -> float:
    """Return the least cosine among the first rows of two matrices."""
    a, b = _rows(one, 0, 256), _rows(other, 0, 256)
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return float(((a * b).sum(axis=1) / np.maximum(norms, 1e-12)).min())


def _rows(tensor: _Tensor, start: int, stop: int) -> Matrix:
    return cast("Matrix", dequantize(tensor.data[start:stop], tensor.tensor_type))


def _float16_chunks(tensor: _Tensor) -> Iterator[bytes]:
    """Yield the tensor's values as little-endian float16, a block of rows at a time."""
    for start in range(0, len(tensor.data), _ROWS_AT_ONCE):
        yield _rows(tensor, start, start + _ROWS_AT_ONCE).astype("<f2").tobytes()


def _write_weights(source: _Source, path: Path, shape: Shape, watch: Watch) -> None:
    """Write a safetensors file: the length of a JSON header, the header, then the tensors in its order."""
    tensors = _selected(source, shape)
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, tensor in tensors.items():
        dimensions = [int(size) for size in reversed(tensor.shape)]
        start, end = end, end + 2 * int(np.prod(dimensions))
        header[name] = {"dtype": "F16", "shape": dimensions, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for done, (name, tensor) in enumerate(tensors.items()):
            watch.check()
            watch.tell(Step("import", name, done, len(tensors), "tensors"))
            for chunk in _float16_chunks(tensor):
                file.write(chunk)
        watch.tell(Step("import", "all tensors", len(tensors), len(tensors), "tensors"))


def _config(source: _Source, shape: Shape) -> dict[str, Any]:
    """Return what config.json says of the model."""

    def field(name: str) -> Any:
        return source.fields[f"{shape.architecture}.{name}"]

    return {
        "architectures": ["Qwen2ForCausalLM"],
        "model_type": shape.architecture,
        "hidden_act": "silu",
        "hidden_size": field("embedding_length"),
        "intermediate_size": field("feed_forward_length"),
        "num_hidden_layers": field("block_count"),
        "num_attention_heads": field("attention.head_count"),
        "num_key_value_heads": field("attention.head_count_kv"),
        "max_position_embeddings": field("context_length"),
        "rms_norm_eps": field("attention.layer_norm_rms_epsilon"),
        "rope_theta": field("rope.freq_base"),
        "tie_word_embeddings": shape.tied_embeddings or "output.weight" not in source.tensors,
        "torch_dtype": "float16",
        "vocab_size": int(source.tensors["token_embd.weight"].shape[1]),
        "eos_token_id": source.fields["tokenizer.ggml.eos_token_id"],
        "pad_token_id": source.fields["tokenizer.ggml.padding_token_id"],
    }


def _vocabulary(source: _Source) -> Vocabulary:
    fields = source.fields
    model, split = fields.get("tokenizer.ggml.model"), fields.get("tokenizer.ggml.pre")
    if (model, split) != ("gpt2", "qwen2"):
        raise ModelBuildFailed(
            f"The base's tokenizer is {model!r} with splits {split!r}; known is 'gpt2' with 'qwen2'."
        )
    return Vocabulary(
        tokens=tuple(fields["tokenizer.ggml.tokens"]),
        kinds=tuple(fields["tokenizer.ggml.token_type"]),
        merges=tuple(fields["tokenizer.ggml.merges"]),
        end=fields["tokenizer.ggml.eos_token_id"],
        padding=fields["tokenizer.ggml.padding_token_id"],
        context_tokens=fields[f"{fields['general.architecture']}.context_length"],
    )


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n", "utf-8")

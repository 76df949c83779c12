from __future__ import annotations

import json
from pathlib import Path

import attrs
import numpy as np
import pytest
from safetensors import numpy as safetensors
from tokenizers import Tokenizer

from lsp_server.errors import ModelBuildFailed
from models.gguf import import_gguf
from models.progress import BuildCancelled, Event, Step, Watch
from support.tiny_model import MERGES, SHAPE, vocabulary, weights, write_gguf


def convert(source: Path, folder: Path) -> list[Event]:
    events: list[Event] = []
    import_gguf(source, folder, SHAPE, Watch(events.append))
    return events


def load_file(path: Path) -> dict[str, np.ndarray]:
    return safetensors.load_file(path)  # pyright: ignore[reportUnknownMemberType] - a bare PathLike in its stubs


def relative_error(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.linalg.norm(found.astype(np.float32) - expected) / np.linalg.norm(expected))


def test_weights(tmp_path: Path):
    """Every tensor arrives under its name on the hub, in float16, as near as its quantisation lets it."""
    events = convert(write_gguf(tmp_path / "tiny.gguf"), tmp_path / "out")
    found = load_file(tmp_path / "out/model.safetensors")
    expected = weights()
    assert len(found) == len(expected)
    assert {value.dtype for value in found.values()} == {np.dtype(np.float16)}
    assert relative_error(found["model.layers.1.self_attn.q_proj.weight"], expected["blk.1.attn_q.weight"]) < 0.01
    assert relative_error(found["model.layers.0.mlp.down_proj.weight"], expected["blk.0.ffn_down.weight"]) < 0.01
    assert relative_error(found["model.norm.weight"], expected["output_norm.weight"]) < 0.001
    steps = [event.done for event in events if isinstance(event, Step)]
    assert steps == list(range(len(expected) + 1))


def test_the_better_of_two_copies(tmp_path: Path):
    """Where embedding and output are one matrix, the copy with more bits is kept, as the embedding."""
    convert(write_gguf(tmp_path / "tiny.gguf"), tmp_path / "out")
    found = load_file(tmp_path / "out/model.safetensors")
    assert "lm_head.weight" not in found
    assert relative_error(found["model.embed_tokens.weight"], weights()["token_embd.weight"]) < 0.01


def test_two_matrices_that_should_be_one(tmp_path: Path):
    """A base whose output differs from its embedding is refused where the recipe says that they are one."""
    with pytest.raises(ModelBuildFailed, match="embedding and output differ"):
        convert(write_gguf(tmp_path / "tiny.gguf", tied=False), tmp_path / "out")


def test_config(tmp_path: Path):
    """config.json says what the metadata says."""
    convert(write_gguf(tmp_path / "tiny.gguf"), tmp_path / "out")
    config = json.loads((tmp_path / "out/config.json").read_text())
    assert config["model_type"] == "qwen2"
    assert (config["num_hidden_layers"], config["hidden_size"], config["intermediate_size"]) == (2, 64, 128)
    assert (config["num_attention_heads"], config["num_key_value_heads"]) == (2, 1)
    assert config["vocab_size"] == SHAPE.vocabulary
    assert config["eos_token_id"] == vocabulary()[0].index("<|im_end|>")
    assert config["tie_word_embeddings"] is True


def test_tokenizer(tmp_path: Path):
    """The tokenizer merges by rank, composes characters, splits as Qwen2 does, and knows its special tokens."""
    convert(write_gguf(tmp_path / "tiny.gguf"), tmp_path / "out")
    tokenizer = Tokenizer.from_file(str(tmp_path / "out/tokenizer.json"))
    names = vocabulary()[0]
    assert [names[number] for number in tokenizer.encode("hello in").ids] == ["hello", "Ġin"]
    assert tokenizer.encode("e\u0301").ids == tokenizer.encode("\u00e9").ids
    assert tokenizer.encode("12").tokens == ["1", "2"]
    assert tokenizer.encode("<|im_start|>hello<tool_call>").tokens == ["<|im_start|>", "hello", "<tool_call>"]
    text = "naïve 日本 \t\n\n  x = {'a': 1}"
    assert tokenizer.decode(tokenizer.encode(text).ids, skip_special_tokens=False) == text
    assert tokenizer.get_vocab_size() == 256 + len(MERGES) + 5


def test_another_architecture(tmp_path: Path):
    """A base of another architecture, or of another size, is refused by name."""
    with pytest.raises(ModelBuildFailed, match="architecture 'llama'; this recipe is for 'qwen2'"):
        convert(write_gguf(tmp_path / "llama.gguf", architecture="llama"), tmp_path / "out")
    with pytest.raises(ModelBuildFailed, match="2 layers of width 64; this recipe is for 3 of 64"):
        import_gguf(write_gguf(tmp_path / "tiny.gguf"), tmp_path / "out", attrs.evolve(SHAPE, layers=3), Watch())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("size", [0, 10, 2000])
def test_no_gguf(tmp_path: Path, size: int):
    """Half a file, or none, is told and not a traceback."""
    whole = write_gguf(tmp_path / "tiny.gguf").read_bytes()
    (tmp_path / "half.gguf").write_bytes(whole[:size])
    with pytest.raises(ModelBuildFailed, match="cannot be read as GGUF"):
        convert(tmp_path / "half.gguf", tmp_path / "out")


def test_cancelled(tmp_path: Path):
    """A cancelled import stops at the next tensor."""
    with pytest.raises(BuildCancelled):
        import_gguf(write_gguf(tmp_path / "tiny.gguf"), tmp_path / "out", SHAPE, Watch(cancelled=lambda: True))

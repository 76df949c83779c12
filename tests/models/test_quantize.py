from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest

from lsp_server.errors import ModelBuildFailed
from lsp_server.resident.blas import load_blas
from models.gguf import import_gguf
from models.progress import BuildCancelled, Event, Step, Watch
from models.quantize import quantize
from models.recipe import Quantisation
from models.shards import check_whole
from support.tiny_model import SHAPE, weights, write_gguf

EIGHT = Quantisation(8, 64)


@pytest.fixture
def floats(tmp_path: Path) -> Path:
    import_gguf(write_gguf(tmp_path / "tiny.gguf"), tmp_path / "floats", SHAPE, Watch())
    return tmp_path / "floats"


def expanded(folder: Path, name: str, bits: int = 8) -> np.ndarray:
    load_blas()
    import mlx.core as mx  # noqa: PLC0415 - after the BLAS

    core: Any = mx
    found = core.load(str(folder / "model.safetensors"))
    parts = (found[f"{name}.{part}"] for part in ("weight", "scales", "biases"))
    return np.array(core.dequantize(*parts, 64, bits).astype(core.float32))


def test_eight_bits(floats: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Matrices take 8 bits and stay what they were to within a hundredth; stdout stays empty."""
    events: list[Event] = []
    quantize(floats, tmp_path / "out", EIGHT, SHAPE, Watch(events.append))
    config = json.loads((tmp_path / "out/config.json").read_text())
    assert config["quantization"] == {"group_size": 64, "bits": 8, "mode": "affine"}
    expected = weights()["blk.0.attn_q.weight"]
    found = expanded(tmp_path / "out", "model.layers.0.self_attn.q_proj")
    assert np.linalg.norm(found - expected) / np.linalg.norm(expected) < 0.015
    assert {"tokenizer.json", "tokenizer_config.json", "generation_config.json"} <= {
        path.name for path in (tmp_path / "out").iterdir()
    }
    last = events[-1]
    assert isinstance(last, Step)
    assert last.done == last.total
    assert capsys.readouterr().out == ""


def test_base_of_four_bits(floats: Path, tmp_path: Path):
    """A base that comes quantised is expanded and quantised anew, losing next to nothing more."""
    quantize(floats, tmp_path / "four", Quantisation(4, 64), SHAPE, Watch())
    quantize(tmp_path / "four", tmp_path / "eight", EIGHT, SHAPE, Watch())
    config = json.loads((tmp_path / "eight/config.json").read_text())
    assert config["quantization"]["bits"] == 8
    four = expanded(tmp_path / "four", "model.layers.0.mlp.up_proj", 4)
    eight = expanded(tmp_path / "eight", "model.layers.0.mlp.up_proj")
    assert np.linalg.norm(eight - four) / np.linalg.norm(four) < 0.01


def test_another_model(floats: Path, tmp_path: Path):
    """A folder of another architecture or size is refused before anything is written."""
    with pytest.raises(
        ModelBuildFailed, match="qwen2 with 2 layers of width 64; the recipe is for qwen2 with 2 of 128"
    ):
        quantize(floats, tmp_path / "out", EIGHT, attrs.evolve(SHAPE, hidden=128), Watch())
    (floats / "config.json").write_text("[]")
    with pytest.raises(ModelBuildFailed, match=r"no readable config\.json"):
        quantize(floats, tmp_path / "out", EIGHT, SHAPE, Watch())
    assert not (tmp_path / "out").exists()


def test_weights_that_do_not_fit(floats: Path, tmp_path: Path):
    """What mlx refuses is told as a sentence."""
    config = json.loads((floats / "config.json").read_text())
    (floats / "config.json").write_text(json.dumps(config | {"intermediate_size": 256}))
    with pytest.raises(ModelBuildFailed, match="mlx_lm failed while quantising"):
        quantize(floats, tmp_path / "out", EIGHT, SHAPE, Watch())


def test_several_shards(floats: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A large model is written in shards, and an index says which weight lies where."""
    monkeypatch.setattr(sys.modules["models.shards"], "_SHARD_BYTES", 60_000)
    quantize(floats, tmp_path / "out", EIGHT, SHAPE, Watch())
    index = json.loads((tmp_path / "out/model.safetensors.index.json").read_text())
    files = {path.name for path in (tmp_path / "out").glob("*.safetensors")}
    assert len(files) > 1
    assert set(index["weight_map"].values()) == files


def test_cancelled(floats: Path, tmp_path: Path):
    """A cancelled conversion stops at the next tensor."""
    with pytest.raises(BuildCancelled):
        quantize(floats, tmp_path / "out", EIGHT, SHAPE, Watch(cancelled=lambda: True))


def test_file_that_was_cut(floats: Path):
    """A weights file that a full disk cut short is told from a whole one."""
    whole = floats / "model.safetensors"
    check_whole(whole)
    for size in (whole.stat().st_size - 1, 100, 5, 0):
        os.truncate(whole, size)
        with pytest.raises(ModelBuildFailed, match="was not written whole"):
            check_whole(whole)


@pytest.mark.parametrize("missing", ["model.safetensors", "tokenizer.json", "tokenizer_config.json"])
def test_base_that_lacks_a_file(floats: Path, tmp_path: Path, missing: str):
    """A folder of base weights without weights or tokenizer is refused by the file's name, before anything is done."""
    (floats / missing).unlink()
    with pytest.raises(ModelBuildFailed, match=missing.removeprefix("model")):
        quantize(floats, tmp_path / "out", EIGHT, SHAPE, Watch())
    assert not (tmp_path / "out").exists()

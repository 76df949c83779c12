from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lsp_server.errors import ModelBuildFailed
from lsp_server.resident.blas import load_blas
from models.fuse import fuse
from models.gguf import import_gguf
from models.memory import shortage_told
from models.progress import BuildCancelled, Event, Step, Watch
from models.quantize import quantize
from models.recipe import Quantisation
from support.tiny_adapter import LAYERS, SCALE, sides, write_adapter
from support.tiny_model import SHAPE, recipe_for, write_gguf

EIGHT, FOUR = Quantisation(8, 64), Quantisation(4, 64)
TUNED = f"model.layers.{SHAPE.layers - 1}.self_attn.q_proj"
TOKENS = (40, 41, 42, 260, 70, 71, 72)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Return the base as a folder of float16 weights."""
    import_gguf(write_gguf(tmp_path / "tiny.gguf"), tmp_path / "base", SHAPE, Watch())
    return tmp_path / "base"


@pytest.fixture
def adapter(base: Path, tmp_path: Path) -> Path:
    return write_adapter(tmp_path / "adapter", recipe_for(tmp_path / "tiny.gguf"))


def arrays(folder: Path) -> dict[str, Any]:
    load_blas()
    import mlx.core as mx  # noqa: PLC0415 - after the BLAS

    core: Any = mx
    return core.load(str(folder / "model.safetensors"))


def floats(folder: Path, name: str) -> np.ndarray:
    """Return a matrix of a folder, expanded where it is quantised, in float32."""
    import mlx.core as mx  # noqa: PLC0415 - loaded by now

    core: Any = mx
    found = arrays(folder)
    weight = found[f"{name}.weight"]
    if f"{name}.scales" in found:
        bits = json.loads((folder / "config.json").read_text())["quantization"]["bits"]
        parts = (found[f"{name}.{part}"].astype(core.float32) for part in ("scales", "biases"))
        weight = core.dequantize(weight, *parts, 64, bits)
    return np.array(weight.astype(core.float32))


def change(name: str = TUNED) -> np.ndarray:
    """Return what the adapter adds to a matrix, in float32."""
    found = {side: sides()[f"{name}.lora_{side}"].astype(np.float32) for side in "ab"}
    return SCALE * (found["a"] @ found["b"]).T


def logits(folder: Path) -> np.ndarray:
    """Return what the resident process computes from a folder."""
    from lsp_server.resident.mlx_backend import load_backend  # noqa: PLC0415 - loads mlx

    backend = load_backend(folder)
    return np.array(backend.step(backend.new_state(), TOKENS, keep=len(TOKENS)), np.float32)


def beside(base: Path, adapter: Path, folder: Path) -> Path:
    """Return a folder with the base's files and the adapter's."""
    folder.mkdir()
    for file in (*base.iterdir(), *adapter.iterdir()):
        (folder / file.name).symlink_to(file)
    return folder


def off(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


def test_rounded_once(base: Path, adapter: Path, tmp_path: Path):
    """A fused weight is base and change added in float32 and rounded once to float16; other layers stay as they are."""
    fuse(base, adapter, tmp_path / "fused", SHAPE, Watch())
    expected = (floats(base, TUNED) + change()).astype(np.float16).astype(np.float32)
    found = floats(tmp_path / "fused", TUNED)
    assert np.mean(found == expected) > 0.99  # a product may be summed in another order
    assert np.allclose(found, expected, rtol=2**-10, atol=0)
    untouched = "model.layers.0.self_attn.q_proj"
    assert np.array_equal(floats(tmp_path / "fused", untouched), floats(base, untouched))
    assert {str(value.dtype) for value in arrays(tmp_path / "fused").values()} == {"mlx.core.float16"}
    assert "quantization" not in json.loads((tmp_path / "fused/config.json").read_text())


def test_same_answers(base: Path, adapter: Path, tmp_path: Path):
    """The fused floats answer as the adapter beside its base does; the untuned base does not."""
    fuse(base, adapter, tmp_path / "fused", SHAPE, Watch())
    tuned = logits(beside(base, adapter, tmp_path / "beside"))
    assert off(logits(tmp_path / "fused"), tuned) < 0.003
    assert off(logits(base), tuned) > 0.1


def test_tuning_survives_eight_bits(base: Path, adapter: Path, tmp_path: Path):
    """Quantised to 8 bits, the model answers as the adapter does: far nearer than without its tuning."""
    quantize(base, tmp_path / "eight", EIGHT, SHAPE, Watch(), adapter)
    tuned = logits(beside(base, adapter, tmp_path / "beside"))
    assert off(logits(tmp_path / "eight"), tuned) < 0.2 * off(logits(base), tuned)


def test_in_one_go(base: Path, adapter: Path, tmp_path: Path):
    """Fusing while quantising gives, bit for bit, what fusing to a folder and quantising that gives."""
    fuse(base, adapter, tmp_path / "fused", SHAPE, Watch())
    quantize(tmp_path / "fused", tmp_path / "two", EIGHT, SHAPE, Watch())
    quantize(base, tmp_path / "one", EIGHT, SHAPE, Watch(), adapter)
    for name in ("model.safetensors", "config.json", "tokenizer.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_base_of_four_bits(base: Path, adapter: Path, tmp_path: Path):
    """A base of 4 bits is expanded before the change is added, so that the change is not rounded away with it."""
    quantize(base, tmp_path / "four", FOUR, SHAPE, Watch())
    fuse(tmp_path / "four", adapter, tmp_path / "fused", SHAPE, Watch())
    added = floats(tmp_path / "fused", TUNED) - floats(tmp_path / "four", TUNED)
    assert off(added, change()) < 0.01
    assert "quantization" not in json.loads((tmp_path / "fused/config.json").read_text())


def test_base_alone(base: Path, tmp_path: Path):
    """Without an adapter the weights are written as they are; a base of 4 bits is expanded."""
    fuse(base, None, tmp_path / "same", SHAPE, Watch())
    assert np.array_equal(floats(tmp_path / "same", TUNED), floats(base, TUNED))
    quantize(base, tmp_path / "four", FOUR, SHAPE, Watch())
    fuse(tmp_path / "four", None, tmp_path / "wide", SHAPE, Watch())
    assert off(floats(tmp_path / "wide", TUNED), floats(tmp_path / "four", TUNED)) < 0.001


def test_progress(base: Path, adapter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Fusing begins at nothing, ends at all, and leaves stdout alone; quantising tells of both stages."""
    events: list[Event] = []
    fuse(base, adapter, tmp_path / "fused", SHAPE, Watch(events.append))
    steps = [event for event in events if isinstance(event, Step)]
    assert [step.done for step in steps] == list(range(len(steps)))
    assert (steps[-1].stage, steps[-1].done) == ("fuse", steps[-1].total)
    events.clear()
    quantize(base, tmp_path / "eight", EIGHT, SHAPE, Watch(events.append), adapter)
    steps = [event for event in events if isinstance(event, Step)]
    assert list(dict.fromkeys(step.stage for step in steps)) == ["fuse", "quantise"]
    assert [step.total for step in steps if step.stage == "fuse"] == [7 * LAYERS] * (7 * LAYERS + 1)
    assert capsys.readouterr().out == ""


def test_cancelled(base: Path, adapter: Path, tmp_path: Path):
    """A withdrawn fusing stops before it writes."""
    with pytest.raises(BuildCancelled):
        fuse(base, adapter, tmp_path / "fused", SHAPE, Watch(cancelled=lambda: True))
    assert not (tmp_path / "fused").exists()


def test_numbers_that_are_none(base: Path, adapter: Path, tmp_path: Path):
    """An adapter whose training went astray is refused instead of spoiling the model."""
    astray = sides()
    astray[f"{TUNED}.lora_b"][0, 0] = np.inf
    write_adapter(adapter, recipe_for(tmp_path / "tiny.gguf"), astray)
    with pytest.raises(ModelBuildFailed, match=f"numbers that are none, in {TUNED}"):
        fuse(base, adapter, tmp_path / "fused", SHAPE, Watch())


def test_adapter_of_another_width(base: Path, adapter: Path, tmp_path: Path):
    """What only the base can tell, such as the width between its layers, is a sentence, too."""
    narrow = {
        name: value[:, :64] if name.endswith(("gate_proj.lora_b", "up_proj.lora_b")) else value
        for name, value in sides().items()
    }
    write_adapter(adapter, recipe_for(tmp_path / "tiny.gguf"), narrow)
    with pytest.raises(ModelBuildFailed, match="mlx_lm failed while fusing the adapter"):
        fuse(base, adapter, tmp_path / "fused", SHAPE, Watch())


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("[malloc] Unable to allocate 8589934592 bytes."),
        RuntimeError("[metal::malloc] Attempting to allocate 17179869184 bytes which is greater than the maximum."),
        RuntimeError("[METAL] Command buffer execution failed: Insufficient Memory (00000008)."),
        RuntimeError("CUDA error: out of memory"),
    ],
)
def test_out_of_memory(base: Path, adapter: Path, tmp_path: Path, error: Exception, monkeypatch: pytest.MonkeyPatch):
    """Memory that ran out is told as that, with a way out, and not as a fault of the weights."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(sys.modules["models.fuse"], "write_model", fail)
    with pytest.raises(ModelBuildFailed, match="Memory ran out while fusing the adapter") as caught:
        fuse(base, adapter, tmp_path / "fused", SHAPE, Watch())
    assert "smaller recipe" in caught.value.hint


def test_what_numpy_says_of_memory():
    """A conversion that asks for more than there can be is told so."""
    with pytest.raises(ModelBuildFailed, match="Memory ran out while trying"), shortage_told("trying"):
        np.ones(1 << 56)


def test_other_failures_are_not_taken_for_memory():
    """A failure of another kind stays what it is."""
    with pytest.raises(RuntimeError, match="no such primitive"), shortage_told("trying"):
        raise RuntimeError("no such primitive")

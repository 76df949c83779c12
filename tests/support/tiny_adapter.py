"""An adapter for the tiny model: weights by chance, and what a training would say of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from lsp_server.agent.prompts import PROMPT_VERSION
from lsp_server.resident.blas import load_blas
from models.adapter import CONFIG, PROVENANCE, WEIGHTS, adapter_digest
from models.recipe import Adapter, Recipe
from models.training.base import base_key
from support.tiny_model import FEED_FORWARD, SHAPE

LAYERS, RANK, SCALE = 1, 4, 10.0
_KEYS = SHAPE.kv_heads * SHAPE.head_size
_MODULES = {
    "self_attn.q_proj": (SHAPE.hidden, SHAPE.hidden),
    "self_attn.k_proj": (SHAPE.hidden, _KEYS),
    "self_attn.v_proj": (SHAPE.hidden, _KEYS),
    "self_attn.o_proj": (SHAPE.hidden, SHAPE.hidden),
    "mlp.gate_proj": (SHAPE.hidden, FEED_FORWARD),
    "mlp.up_proj": (SHAPE.hidden, FEED_FORWARD),
    "mlp.down_proj": (FEED_FORWARD, SHAPE.hidden),
}


def sides(seed: int = 11) -> dict[str, np.ndarray]:
    """Return both sides of every adapted matrix of the last layer, by name, float16."""
    random = np.random.default_rng(seed)
    found: dict[str, np.ndarray] = {}
    for module, (inputs, outputs) in _MODULES.items():
        for side, size in (("a", (inputs, RANK)), ("b", (RANK, outputs))):
            name = f"model.layers.{SHAPE.layers - 1}.{module}.lora_{side}"
            found[name] = (0.1 * random.standard_normal(size)).astype(np.float16)
    return found


def write_adapter(folder: Path, recipe: Recipe, weights: Mapping[str, np.ndarray] | None = None) -> Path:
    """Write an adapter of `recipe`, tuned for the prompts in force."""
    load_blas()
    import mlx.core as mx  # noqa: PLC0415 - after the BLAS

    core: Any = mx
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {name: core.array(value) for name, value in (sides() if weights is None else weights).items()}
    core.save_safetensors(str(folder / WEIGHTS), arrays, metadata={"format": "mlx"})
    form = {"rank": RANK, "scale": SCALE, "dropout": 0.0}
    config = {"fine_tune_type": "lora", "num_layers": LAYERS, "lora_parameters": form}
    (folder / CONFIG).write_text(json.dumps(config), "utf-8")
    say(folder, prompt_version=PROMPT_VERSION, base=base_key(recipe), data="rows", steps=12)
    return folder


def say(folder: Path, **words: object) -> None:
    """Change what the adapter says of where it comes from."""
    file = folder / PROVENANCE
    said: dict[str, object] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    file.write_text(json.dumps(said | words), "utf-8")


def pinning(recipe: Recipe, folder: Path) -> Recipe:
    """Return the recipe with the adapter in `folder` pinned."""
    return attrs.evolve(recipe, adapter=Adapter(str(folder), adapter_digest(folder)))

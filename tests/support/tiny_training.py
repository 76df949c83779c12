"""A base of a few thousand weights, rows and a recipe to train an adapter on it in a moment."""

# mlx and mlx-lm carry no complete types:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateImportUsage=false

from __future__ import annotations

import json
import math
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from lsp_server.agent.prompts import system_prompt
from lsp_server.dialects import Dialect, dialect_named
from lsp_server.engine.base import Message, ToolCall
from lsp_server.resident.blas import load_blas
from models.data.rows import Encoded, Row, write_rows
from models.recipe import Base, Hub, Quantisation, Recipe, Shape
from models.training.numbers import Training
from support.scripted_backend import byte_chat, byte_tokenizer

load_blas()

import mlx.core as mx  # noqa: E402 - a BLAS must be loaded before mlx
from mlx import nn  # noqa: E402
from mlx.utils import tree_flatten  # noqa: E402
from mlx_lm.models.qwen2 import Model, ModelArgs  # noqa: E402
from mlx_lm.tuner.utils import linear_to_lora_layers  # noqa: E402
from mlx_lm.utils import load_model  # noqa: E402

NAME = "tiny-trained"
PREFIX = tuple(range(40, 57))
"""The system message of rows that are made of chance."""
VOCABULARY = byte_chat().vocabulary
NUMBERS = Training(
    layers=2,
    rank=4,
    scale=4.0,
    dropout=0.0,
    learning_rate=5e-3,
    warmup_steps=2,
    final_share=0.1,
    weight_decay=0.01,
    clip_norm=1.0,
    rows_per_step=3,
    epochs=2,
    steps=0,
    seed=7,
    max_tokens=1_500,
    tokens_at_once=4_000,
    recompute=False,
    save_every=2,
    validate_every=4,
    tokens_per_second=1_000,
)
RECIPE = Recipe(
    name=NAME,
    title="A tiny model",
    licence="Apache-2.0",
    dialect="json-fence",
    first_call="demand",
    after_rows="free",
    context_tokens=2_048,
    shape=Shape("qwen2", 40_000, 3, 32, 2, 8, VOCABULARY, tied_embeddings=True),
    quantisation=Quantisation(8, 32),
    base=Base("folder", 200_000, Hub("nobody/nothing", "main")),
    training=NUMBERS,
)


def recipe_with(**changes: Any) -> Recipe:
    """Return the recipe with other numbers of training."""
    return attrs.evolve(RECIPE, training=attrs.evolve(NUMBERS, **changes))


def write_base(folder: Path, *, tied: bool = True) -> Path:
    """Write a qwen2 of three layers, float32, weights by chance (always the same)."""
    folder.mkdir(parents=True, exist_ok=True)
    shape = RECIPE.shape
    config: dict[str, Any] = {
        "model_type": "qwen2",
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "intermediate_size": 48,
        "num_attention_heads": 4,
        "num_key_value_heads": shape.kv_heads,
        "rms_norm_eps": 1e-6,
        "vocab_size": shape.vocabulary,
        "rope_theta": 10_000.0,
        "tie_word_embeddings": tied,
    }
    mx.random.seed(3)
    model = Model(ModelArgs.from_dict(config))
    mx.save_safetensors(str(folder / "model.safetensors"), dict(tree_flatten(model.parameters())))
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    (folder / "tokenizer.json").write_text(byte_tokenizer(), "utf-8")
    (folder / "tokenizer_config.json").write_text("{}", "utf-8")
    return folder


def untuned(base: Path) -> Any:
    """Return the base as mlx-lm loads it."""
    model, _ = load_model(base)
    return model


def adapted(base: Path, *, layers: int = 2, dropout: float = 0.0) -> Any:
    """Return the base as mlx-lm loads and adapts it, with an adapter that already does something."""
    model = untuned(base)
    model.freeze()
    linear_to_lora_layers(model, layers, {"rank": 4, "scale": 4.0, "dropout": dropout})
    mx.random.seed(5)
    trained: dict[str, Any] = dict(tree_flatten(model.trainable_parameters()))
    model.load_weights([(name, 0.1 * mx.random.normal(value.shape)) for name, value in trained.items()], strict=False)
    mx.eval(model.parameters())
    model.train()
    return model


def plain_loss(model: Any, rows: Sequence[Encoded]) -> mx.array:
    """Return the summed loss of the trained tokens, each row computed whole by mlx-lm's own forward pass."""
    return sum((_loss_of_row(model, row) for row in rows), start=mx.array(0.0))


def _loss_of_row(model: Any, row: Encoded) -> mx.array:
    ids = [*row.prefix_ids, *row.ids]
    logits = model(mx.array([ids[:-1]]))[0]
    wanted = [len(row.prefix_ids) + at for at, flag in enumerate(row.trained) if flag]
    chosen = logits[mx.array([at - 1 for at in wanted])]
    return nn.losses.cross_entropy(chosen, mx.array([ids[at] for at in wanted]), reduction="sum")


def row_by_chance(seed: int, length: int, prefix: Sequence[int] = PREFIX) -> Encoded:
    """Return a row of `length` tokens behind the prefix; the last is trained, the first is not."""
    chance = random.Random(seed)  # noqa: S311 - tokens, not a secret
    ids = tuple(chance.randrange(256) for _ in range(length))
    trained = (False, *(chance.random() < 0.4 for _ in range(length - 2)), True)
    return Encoded(tuple(prefix), ids, trained)


def rows_by_chance(*lengths: int) -> list[Encoded]:
    """Return one row of each length."""
    return [row_by_chance(number, length) for number, length in enumerate(lengths)]


def short_prompt(_dialect: Dialect) -> str:
    """Return a system message of few tokens, for tests that do not care what it says."""
    return "Answer."


def conversation(number: int, system: str | None = None) -> Row:
    """Return a row as the data has them: a question, a call, its result, an answer."""
    name = f"Thing{number}"
    return Row(
        f"definition-{number}",
        "definition",
        "shop",
        "definition/01",
        (
            Message("system", system_prompt(dialect_named(RECIPE.dialect)) if system is None else system),
            Message("user", f"Where is {name}?"),
            Message("assistant", call=ToolCall("symbols", {"name": name})),
            Message("tool", f"core.py:{number}: class {name}"),
            Message("assistant", f"At `core.py:{number}`."),
        ),
    )


def write_data(folder: Path, *, train: int = 7, valid: int = 2, system: str | None = None) -> Path:
    """Write rows to learn from and rows to measure on."""
    folder.mkdir(parents=True, exist_ok=True)
    write_rows(folder / "train.jsonl", [conversation(number, system) for number in range(train)])
    write_rows(folder / "valid.jsonl", [conversation(100 + number, system) for number in range(valid)])
    return folder


def distance(found: Mapping[str, Any], expected: Mapping[str, Any]) -> float:
    """Return how far gradients or weights are from the expected ones, in shares of their length; names must agree."""
    assert found.keys() == expected.keys()
    apart = sum(float(mx.sum((found[name] - expected[name]) ** 2)) for name in expected)
    return math.sqrt(apart / sum(float(mx.sum(value**2)) for value in expected.values()))

"""The model that learns: frozen weights as the device likes them, an adapter in float32, and its optimiser."""

# mlx and mlx-lm carry no complete types:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateImportUsage=false, reportArgumentType=false, reportReturnType=false
# pyright: reportUnknownLambdaType=false

from __future__ import annotations

import math
import os
import resource
import sys
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs

from lsp_server.errors import ModelBuildFailed
from lsp_server.resident.mlx_backend import device_name, expand_children
from models.data.rows import Encoded
from models.training.by_layer import can_go_by_layer, gradients_by_layer, summed_loss_by_layer
from models.training.cpu_functions import CpuFunctions
from models.training.numbers import Training
from models.training.order import passes
from models.training.shared_prefix import Arrays, arrays_of, summed_loss

import mlx.core as mx  # isort: skip - after the BLAS, which the room's modules load
from mlx import optimizers  # isort: skip
from mlx import nn  # isort: skip
from mlx.utils import tree_flatten, tree_map, tree_unflatten  # isort: skip
from mlx_lm.tuner.utils import linear_to_lora_layers  # isort: skip
from mlx_lm.utils import load_model  # isort: skip

_ADAPTER, _OPTIMISER = "adapter.", "optimiser."
_STEPS_OF_A_SEED = 1_000_000


@attrs.frozen
class Done:
    """What one step, or one measurement, did."""

    loss: float
    """Mean over the trained tokens."""
    trained: int
    """Tokens that the loss is of."""
    computed: int
    """Tokens that were computed, prefix and padding included."""
    seconds: float

    @property
    def perplexity(self) -> float:
        """How many tokens the model wavers between, on average."""
        return math.exp(min(self.loss, 700.0))


class Learner:
    """A model with an adapter that learns from rows. Belongs to the thread that made it."""

    def __init__(self, folder: Path, numbers: Training) -> None:
        """Load the base in `folder` and put a fresh adapter on it.

        Raises:
            ModelBuildFailed: the folder holds no model that mlx-lm can adapt so.
        """
        self._numbers = numbers
        self._model = _adapted(folder, numbers)
        self._optimizer = optimizers.AdamW(
            learning_rate=numbers.learning_rate, weight_decay=numbers.weight_decay, bias_correction=True
        )
        self._optimizer.init(self._model.trainable_parameters())
        self._pool = ThreadPoolExecutor(os.cpu_count())
        self._functions = CpuFunctions(self._pool)
        self._by_layer = device_name() == "cpu" and can_go_by_layer(self._model, numbers.dropout)
        self._in_one_graph = nn.value_and_grad(self._model, _share_of_loss)
        self._evaluate()

    def step(self, rows: Iterable[Encoded], rate: float, number: int) -> Done:
        """Learn from `rows` at this learning rate; what is left to chance follows from the step's `number`."""
        started = time.perf_counter()
        mx.random.seed(self._numbers.seed * _STEPS_OF_A_SEED + number)
        rows = tuple(rows)
        trained = _trained(rows)
        loss, computed, gradients = 0.0, 0, None
        for one in passes(rows, self._numbers.tokens_at_once):
            share, more = self._gradients(arrays_of(one), trained)
            gradients = more if gradients is None else tree_map(lambda a, b: a + b, gradients, more)
            mx.eval(gradients)
            loss, computed = loss + share, computed + one.computed
        if self._numbers.clip_norm:
            gradients, _ = optimizers.clip_grad_norm(gradients, self._numbers.clip_norm)
        self._optimizer.learning_rate = rate
        self._optimizer.update(self._model, gradients)
        self._evaluate()
        return Done(loss, trained, computed, time.perf_counter() - started)

    def measure(self, rows: Iterable[Encoded]) -> Done:
        """Return the loss over `rows`, learning nothing."""
        started = time.perf_counter()
        rows = tuple(rows)
        trained = _trained(rows)
        loss, computed = 0.0, 0
        self._model.eval()
        for one in passes(rows, self._numbers.tokens_at_once):
            loss, computed = loss + self._share(arrays_of(one), trained), computed + one.computed
        self._model.train()
        return Done(loss, trained, computed, time.perf_counter() - started)

    def adapter(self) -> dict[str, mx.array]:
        """Return the adapter's weights by their names in the model, float32."""
        return dict(tree_flatten(self._model.trainable_parameters()))

    def state(self) -> dict[str, mx.array]:
        """Return all that the next step depends on: adapter and optimiser."""
        found = {_ADAPTER + name: value for name, value in self.adapter().items()}
        return found | {_OPTIMISER + name: value for name, value in tree_flatten(self._optimizer.state)}

    def restore(self, state: Mapping[str, mx.array]) -> None:
        """Go on from what `state` returned."""
        self._model.load_weights(list(_below(state, _ADAPTER).items()), strict=False)
        self._optimizer.state = tree_unflatten(list(_below(state, _OPTIMISER).items()))
        self._evaluate()

    def take(self, adapter: Mapping[str, mx.array]) -> None:
        """Take an adapter's weights, by their names in the model, in the place of its own."""
        self._model.load_weights(list(adapter.items()), strict=False)
        self._evaluate()

    def close(self) -> None:
        """End the learner's threads."""
        self._pool.shutdown()

    def _gradients(self, arrays: Arrays, trained: int) -> tuple[float, Any]:
        """Return a pass's share of the mean loss over `trained` tokens, and its gradient."""
        if self._by_layer:
            total, flat = gradients_by_layer(self._model, arrays, self._functions, 1 / trained)
            return total / trained, tree_unflatten(list(flat.items()))
        share, gradients = self._in_one_graph(self._model, arrays, trained, self._numbers.recompute)
        mx.eval(share, gradients)
        return float(share.item()), gradients

    def _share(self, arrays: Arrays, trained: int) -> float:
        """Return a pass's share of the mean loss over `trained` tokens."""
        if self._by_layer:
            return summed_loss_by_layer(self._model, arrays, self._functions) / trained
        return float(_share_of_loss(self._model, arrays, trained, recompute=False).item())

    def _evaluate(self) -> None:
        mx.eval(self._model.trainable_parameters(), self._optimizer.state)


def peak_memory() -> int:
    """Return the most memory that this leg has had, in bytes: the device's, or on a CPU the process's."""
    if device_name() != "cpu":
        return int(mx.get_peak_memory())
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most


def _adapted(folder: Path, numbers: Training) -> Any:
    """Load the base, expanded to float32 where a CPU computes, with an adapter that changes nothing yet."""
    try:
        model, _ = load_model(folder, lazy=True)
    except Exception as error:
        raise ModelBuildFailed(f"The base in {folder} cannot be loaded: {error}.") from error
    if device_name() == "cpu":
        for module in [module for _, module in model.named_modules()]:
            expand_children(module)
    model.freeze()
    mx.random.seed(numbers.seed)
    form = {"rank": numbers.rank, "scale": numbers.scale, "dropout": numbers.dropout}
    linear_to_lora_layers(model, numbers.layers, form)
    mx.eval(model.parameters())
    model.train()
    return model


def _share_of_loss(model: Any, arrays: Arrays, trained: int, recompute: bool) -> mx.array:
    return summed_loss(model, arrays, recompute=recompute) / trained


def _trained(rows: Iterable[Encoded]) -> int:
    return sum(sum(row.trained) for row in rows)


def _below(state: Mapping[str, mx.array], beginning: str) -> dict[str, mx.array]:
    return {name.removeprefix(beginning): value for name, value in state.items() if name.startswith(beginning)}

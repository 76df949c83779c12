"""The backend protocol on mlx: 8-bit weights as they are on a GPU, expanded to float32 on a CPU.

Only the thread that made a backend may use it (mlx's streams belong to threads).
"""

# mlx and mlx-lm carry no complete types:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import attrs
import numpy as np

from lsp_server.errors import ModelRefused
from lsp_server.modelstore import ADAPTER_CONFIG
from lsp_server.resident.backend import Choice, GoOn, Interrupted
from lsp_server.resident.blas import load_blas
from lsp_server.shortage import is_shortage

_BLAS = load_blas()

import mlx.core as mx  # noqa: E402 - a BLAS must be loaded before mlx
from mlx import nn  # noqa: E402
from mlx_lm.models.cache import KVCache, RotatingKVCache, make_prompt_cache  # noqa: E402
from mlx_lm.tuner.utils import load_adapters  # noqa: E402
from mlx_lm.utils import load_model  # noqa: E402

from lsp_server.resident.row_product import multiply_rows  # noqa: E402

FREED_BUFFERS_BYTES = 256 * 2**20
"""mlx keeps freed buffers for reuse; more than this goes back to the system."""

Progress = Callable[[int], None]
"""Told the loading progress, 0 to 100."""


def device_name() -> str:
    """Return what mlx computes on here: `metal`, `cuda` or `cpu`."""
    if mx.metal.is_available():
        return "metal"
    return "cuda" if mx.default_device() == mx.gpu else "cpu"


def load_backend(folder: Path, progress: Progress = lambda _: None) -> MlxBackend:
    """Load a model folder, with the adapter that lies in it, if one does.

    Raises:
        ModelRefused: the folder is not one of a language model that mlx-lm knows, or is damaged.
    """
    mx.set_cache_limit(FREED_BUFFERS_BYTES)
    try:
        model, config = load_model(folder, lazy=True)
        if (folder / ADAPTER_CONFIG).is_file():
            load_adapters(model, str(folder))
    except Exception as error:
        if is_shortage(error):
            raise  # no fault of the model's
        raise ModelRefused(f"The model in {folder} cannot be loaded: {error}") from error
    on_cpu = device_name() == "cpu"
    modules = [module for _, module in model.named_modules()]
    for index, module in enumerate(modules):
        if on_cpu:
            expand_children(module)
        mx.eval([leaf for leaf in module.values() if isinstance(leaf, mx.array)])
        progress(100 * (index + 1) // len(modules))
    mx.eval(model.parameters())
    model.eval()
    if on_cpu and _BLAS is not None:
        multiply_rows(model, _BLAS)
    return MlxBackend(model, int(config["vocab_size"]))


def expand_children(module: nn.Module) -> None:
    """Replace quantised layers by float32 ones: mlx's CPU kernels are fast for float32 alone."""
    for name, child in list(module.children().items()):
        if isinstance(child, nn.QuantizedLinear | nn.QuantizedEmbedding):
            module[name] = _expanded(child)
    for name, leaf in list(module.items()):
        if isinstance(leaf, mx.array) and mx.issubdtype(leaf.dtype, mx.floating):
            module[name] = leaf.astype(mx.float32)


def _expanded(layer: Any) -> nn.Module:
    scales, biases = layer.scales.astype(mx.float32), layer.biases.astype(mx.float32)  # six times faster than float16
    weight = mx.dequantize(layer.weight, scales, biases, layer.group_size, layer.bits)
    if isinstance(layer, nn.QuantizedEmbedding):
        plain: nn.Module = nn.Embedding(1, 1)
    else:
        plain = nn.Linear(1, 1, bias="bias" in layer)
        if "bias" in layer:
            plain.bias = layer.bias.astype(mx.float32)
    plain.weight = weight
    mx.eval(plain.parameters())
    return plain


class MlxBackend:
    """A language model of mlx-lm with one key-value cache a sequence."""

    def __init__(self, model: Any, vocabulary: int) -> None:
        self._model = model
        self._vocabulary = vocabulary
        self._between = _BetweenLayers()
        for layer in getattr(model, "layers", ())[:-1]:
            _call_after(layer, self._between)
        self._split = hasattr(model, "model") and (hasattr(model, "lm_head") or hasattr(model.model, "embed_tokens"))

    @property
    def vocabulary(self) -> int:
        """Number of rows of logits, unused ids included."""
        return self._vocabulary

    @property
    def device(self) -> str:
        """What computes, for people."""
        return f"{device_name()}, {'float32' if device_name() == 'cpu' else '8 bits'}"

    @property
    def language_model(self) -> Any:
        """The mlx-lm model itself, for measurements."""
        return self._model

    def new_state(self) -> list[Any]:
        """Return the key-value cache of the empty sequence, one object a layer."""
        return make_prompt_cache(self._model)

    def prefill(self, state: list[Any], tokens: Sequence[int], go_on: GoOn | None = None) -> None:
        """Append `tokens`; the head is not computed."""
        with self._interruptible(state, tokens, go_on):
            hidden = self._hidden(state, tokens)
            mx.eval(hidden, [layer.state for layer in state])

    def step(self, state: list[Any], tokens: Sequence[int], keep: int = 1, go_on: GoOn | None = None) -> mx.array:
        """Append `tokens` and return logits, float32, shape (keep, vocabulary)."""
        with self._interruptible(state, tokens, go_on):
            hidden = self._hidden(state, tokens)
        logits = self._head(hidden[:, -keep:, :]) if self._split else hidden[:, -keep:, :]
        logits = logits[0].astype(mx.float32)
        mx.eval(logits)
        return logits

    @contextmanager
    def _interruptible(self, state: list[Any], tokens: Sequence[int], go_on: GoOn | None) -> Generator[None]:
        """Ask between the layers of the model whether to go on."""
        if go_on is None or self.spare(state) < len(tokens):
            yield
            return
        before = state[0].offset
        self._between.go_on = go_on
        try:
            yield
        except Interrupted:
            self.trim(state, before)
            raise
        finally:
            self._between.go_on = None

    def _hidden(self, state: list[Any], tokens: Sequence[int]) -> mx.array:
        inputs = mx.array(list(tokens), dtype=mx.int32)[None]
        return self._model.model(inputs, state) if self._split else self._model(inputs, cache=state)

    def _head(self, hidden: mx.array) -> mx.array:
        if hasattr(self._model, "lm_head"):
            return self._model.lm_head(hidden)
        return self._model.model.embed_tokens.as_linear(hidden)

    def choose(self, logits: mx.array, row: int, choice: Choice) -> int:
        """Return one token id: the likeliest at temperature 0, else a draw."""
        scores = logits[row]
        if choice.mask is not None:
            bits = np.unpackbits(np.frombuffer(choice.mask, np.uint8), bitorder="little")[: self._vocabulary]
            scores = mx.where(mx.array(bits.astype(bool)), scores, -mx.inf)
        if choice.sampling.temperature <= 0:
            return _whole(mx.argmax(scores))
        scores = scores / choice.sampling.temperature
        if choice.sampling.top_p < 1:
            scores = _nucleus(scores, choice.sampling.top_p)
        key = mx.random.key(hash((choice.seed, choice.step)) & 0xFFFFFFFF)
        return _whole(mx.random.categorical(scores, key=key))

    def trim(self, state: list[Any], length: int) -> bool:
        """Cut every layer to its first `length` tokens; False where a layer's cache cannot."""
        if not all(layer.is_trimmable() for layer in state):
            return False
        return all(layer.trim(layer.offset - length) >= 0 and layer.offset == length for layer in state)

    def spare(self, state: list[Any]) -> int:
        """Return how many tokens fit before a sliding window is full; none for caches that cannot be cut."""
        return min((_spare(layer) for layer in state), default=0)

    def copy(self, state: list[Any], length: int) -> list[Any] | None:
        """Return a cache of the first `length` tokens; None for caches other than plain ones."""
        if not all(type(layer) is KVCache for layer in state):
            return None
        copies = [KVCache() for _ in state]
        for source, target in zip(state, copies, strict=True):
            target.keys = mx.contiguous(source.keys[..., :length, :])
            target.values = mx.contiguous(source.values[..., :length, :])
            target.offset = length
        mx.eval([layer.state for layer in copies])
        return copies

    def nbytes(self, state: list[Any]) -> int:
        """Memory of the keys and values, in bytes."""
        return sum(layer.nbytes for layer in state if not layer.empty())

    def memory(self) -> int:
        """Peak memory that mlx has had, in bytes."""
        return int(mx.get_peak_memory())

    def row_similarity(self, token: int, others: Sequence[int]) -> float:
        """Return the greatest cosine between embedding rows."""
        embed = self._model.model.embed_tokens
        rows = embed(mx.array([token, *others], dtype=mx.int32)).astype(mx.float32)
        rows = rows / mx.linalg.norm(rows, axis=-1, keepdims=True)
        return max(cast("list[float]", (rows[1:] @ rows[0]).tolist()))

    def close(self) -> None:
        """Release the weights and this thread's streams: a thread that ends with streams aborts the process."""
        del self._model
        mx.clear_cache()
        mx.clear_streams()


def _spare(layer: Any) -> int:
    if type(layer) is KVCache:
        return sys.maxsize
    return max(0, layer.max_size - 1 - layer.offset) if type(layer) is RotatingKVCache else 0


class _BetweenLayers:
    """Computes what a layer returns, and asks whether to go on; it holds nothing of the layers that hold it."""

    def __init__(self) -> None:
        self.go_on: GoOn | None = None

    def __call__(self, hidden: Any) -> None:
        if self.go_on is not None:
            mx.eval(hidden)
            if not self.go_on():
                raise Interrupted


def _call_after(layer: nn.Module, after: Callable[[Any], None]) -> None:
    """Have a layer hand on what it returns; it stays the module that it is, in place and by all its attributes."""
    kind = type(layer)

    def call(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
        result = kind.__call__(self, *args, **kwargs)
        after(result)
        return result

    layer.__class__ = type(kind.__name__, (kind,), {"__call__": call})


def _whole(scalar: mx.array) -> int:
    return cast("int", scalar.item())


def _nucleus(scores: mx.array, share: float) -> mx.array:
    """Keep the likeliest tokens that together have `share` of the probability, always one at least."""
    order = mx.argsort(-scores)
    ranked = mx.softmax(scores[order])
    outside = (mx.cumsum(ranked) - ranked) >= share
    return mx.put_along_axis(mx.zeros_like(scores), order, mx.where(outside, -mx.inf, scores[order]), axis=0)


@attrs.frozen
class DeviceReport:
    """What the model would run on here."""

    device: str
    blas: str | None
    mlx_version: str


def device_report() -> DeviceReport:
    """Return what mlx finds on this machine."""
    library = load_blas()
    return DeviceReport(device_name(), str(library) if library else None, version("mlx"))

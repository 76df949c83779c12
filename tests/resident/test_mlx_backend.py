"""mlx doing what a model must do, on a model of a few thousand weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lsp_server.resident.backend import Interrupted
from models.gguf import import_gguf
from models.progress import Watch
from support.linux_cpu import on_linux_cpu
from support.tiny_adapter import write_adapter
from support.tiny_model import SHAPE, recipe_for, write_gguf

BEGUN, FRESH, NEXT = list(range(40, 60)), list(range(60, 90)), [7, 8, 9]


@pytest.fixture(params=["base", "adapter"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    from lsp_server.resident.mlx_backend import load_backend  # noqa: PLC0415 - loads mlx

    import_gguf(write_gguf(tmp_path / "tiny.gguf"), tmp_path / "base", SHAPE, Watch())
    if request.param == "adapter":
        write_adapter(tmp_path / "adapter", recipe_for(tmp_path / "tiny.gguf"))
        for file in (tmp_path / "adapter").iterdir():
            (tmp_path / "base" / file.name).symlink_to(file)
    return load_backend(tmp_path / "base")


def logits(backend: Any, state: Any) -> np.ndarray:
    return np.array(backend.step(state, NEXT, keep=len(NEXT)), np.float32)


@on_linux_cpu
def test_single_rows_are_multiplied_as_many_are(backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Token by token, through BLAS' matrix-vector product, comes what comes of all at once; no matrix is left out."""
    from lsp_server.resident.row_product import RowProduct  # noqa: PLC0415 - loads mlx

    product, rows = RowProduct.__call__, list[tuple[int, ...]]()

    def noting(self: RowProduct, row: Any) -> Any:
        found = product(self, row)
        rows.append(tuple(found.shape))
        return found

    monkeypatch.setattr(RowProduct, "__call__", noting)
    whole = np.array(backend.step(backend.new_state(), FRESH, keep=len(FRESH)), np.float32)
    assert rows == []
    state = backend.new_state()
    single = np.concatenate([np.array(backend.step(state, [token]), np.float32) for token in FRESH])
    np.testing.assert_allclose(single, whole, rtol=1e-3, atol=1e-3)
    matrices = 7 * SHAPE.layers + 1
    assert len(rows) == matrices * len(FRESH)
    assert rows[matrices - 1] == (1, 1, SHAPE.vocabulary)
    head = backend.language_model.model.embed_tokens
    assert np.shares_memory(np.asarray(head.weight), head.row_product._weight)


@pytest.mark.parametrize("work", ["prefill", "step"])
def test_an_interrupted_chunk_leaves_the_state_as_it_was(backend: Any, work: str) -> None:
    """Told to stop between two layers, the one that was computed is cut back; in plain layers and in tuned ones."""
    fresh, state = backend.new_state(), backend.new_state()
    for one in (fresh, state):
        backend.prefill(one, BEGUN)
    asked: list[None] = []

    def refuse() -> bool:
        asked.append(None)
        return False

    compute: Callable[..., object] = getattr(backend, work)
    with pytest.raises(Interrupted):
        compute(state, FRESH, go_on=refuse)
    assert len(asked) == 1
    assert [layer.offset for layer in state] == [len(BEGUN)] * SHAPE.layers
    np.testing.assert_array_equal(logits(backend, state), logits(backend, fresh))


def test_what_goes_on_is_the_same_and_later_work_is_not_asked(backend: Any) -> None:
    """A chunk that is let through computes what it computes without being asked."""
    asked: list[None] = []

    def agree() -> bool:
        asked.append(None)
        return True

    left, right = backend.new_state(), backend.new_state()
    backend.prefill(left, BEGUN, agree)
    backend.prefill(right, BEGUN)
    np.testing.assert_array_equal(logits(backend, left), logits(backend, right))
    assert len(asked) == SHAPE.layers - 1


def test_a_window_that_is_about_to_be_full_is_not_interrupted(backend: Any) -> None:
    """What could not be cut back is computed to its end; a plain cache can spare any number of tokens."""
    from mlx_lm.models.cache import RotatingKVCache  # noqa: PLC0415 - loads mlx

    state: Any = [RotatingKVCache(max_size=32) for _ in range(SHAPE.layers)]
    backend.prefill(state, BEGUN)
    assert backend.spare(state) == 32 - 1 - len(BEGUN)
    with pytest.raises(Interrupted):
        backend.prefill(state, FRESH[:11], lambda: False)
    assert backend.spare(state) == 32 - 1 - len(BEGUN)
    backend.prefill(state, FRESH, lambda: False)
    assert backend.spare(state) == 0
    assert backend.spare(backend.new_state()) > 10**9
    assert backend.spare([object()]) == 0

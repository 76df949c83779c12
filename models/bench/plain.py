"""Plain mlx-lm over the same weights on the same device: what the engine is compared with."""

# mlx-lm carries no complete types:
# pyright: reportUnknownVariableType=false

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from lsp_server.dialects import dialect_named
from lsp_server.engine.base import Job
from lsp_server.modelstore import ModelFolder
from lsp_server.resident.loading import load_folder
from lsp_server.resident.mlx_backend import MlxBackend


class PlainGenerator:
    """`mlx_lm.stream_generate` in this process; a context manager, since it holds the weights a second time."""

    def __init__(self, folder: ModelFolder) -> None:
        from mlx_lm.tokenizer_utils import load as load_tokenizer  # noqa: PLC0415 - imports transformers

        self._model = load_folder(folder.path, dialect_named(folder.manifest.dialect))
        self._tokenizer: Any = load_tokenizer(folder.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._model.cache.clear()
        self._model.backend.close()

    def encode(self, job: Job) -> list[int]:
        """Return the prompt's ids, as the engine computes them."""
        return self._model.chat.encode(job.messages)

    def seconds(self, prompt: Sequence[int], tokens: int) -> float:
        """Return the seconds that `tokens` tokens after `prompt` take."""
        from mlx_lm import stream_generate  # noqa: PLC0415

        backend = self._model.backend
        assert isinstance(backend, MlxBackend)  # noqa: S101 - load_folder makes no other
        began = time.perf_counter()
        for _ in stream_generate(backend.language_model, self._tokenizer, list(prompt), max_tokens=tokens):
            pass
        return time.perf_counter() - began

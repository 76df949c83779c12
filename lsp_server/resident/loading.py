"""From a model folder to a model that serves: weights, tokenizer, cache budget, pace."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from lsp_server.dialects import Dialect, dialect_named
from lsp_server.engine.frames import Hello
from lsp_server.modelstore import open_folder
from lsp_server.resident.chat import Chat
from lsp_server.resident.generate import Model
from lsp_server.resident.mlx_backend import MlxBackend, Progress, load_backend
from lsp_server.resident.pace import Pace
from lsp_server.resident.prefix_cache import PrefixCache
from lsp_server.resident.probe import admit, check_prompts
from lsp_server.resident.prompt_lookup import LONGEST_DRAFT

_SHARE_OF_FREE_MEMORY = 0.25
_SMALLEST_CACHE = 128 * 2**20
_LARGEST_CACHE = 2**30
"""Some forty conversations of a 0.5B, fifteen of a 7B: nobody goes back to more, and memory has other uses."""
_WARM_TEXT = "def main() -> None:\n    return None\n" * 40
DEFAULT_CONTEXT_TOKENS = 8192


def cache_budget(available_bytes: int) -> int:
    """Return the bytes that the prefix cache may take, derived from what is free once the model is loaded."""
    return max(_SMALLEST_CACHE, min(_LARGEST_CACHE, int(available_bytes * _SHARE_OF_FREE_MEMORY)))


def load_folder(  # noqa: PLR0913 - all but two have defaults
    folder: Path,
    dialect: Dialect,
    *,
    name: str = "model",
    context_tokens: int = DEFAULT_CONTEXT_TOKENS,
    cache_bytes: int = 0,
    progress: Progress = lambda _: None,
) -> Model:
    """Load a folder without asking whether it is fit; `cache_bytes` 0 derives the budget from free memory.

    Raises:
        ModelRefused: the weights or the tokenizer cannot be read.
    """
    with ThreadPoolExecutor(1) as beside:  # the weights belong to this thread; the tokenizer takes seconds of its own
        reading = beside.submit(_ready_chat, folder, dialect)
        backend = load_backend(folder, progress)
        try:
            chat = reading.result()
            pace = _paced(backend, chat)
        except BaseException:
            backend.close()
            raise
    budget = cache_bytes or cache_budget(psutil.virtual_memory().available)
    return Model(backend, chat, PrefixCache(backend, budget), pace, context_tokens, name)


def load_admitted(folder: Path, hello: Hello, *, cache_bytes: int = 0, progress: Progress = lambda _: None) -> Model:
    """Load the folder that a manifest describes, and admit it only after the probe.

    Args:
        folder: the model's.
        hello: the prompts and the tool that it must be fit for.
        cache_bytes: what the prefix cache may take; 0 derives it from free memory.
        progress: told from 0 to 100.

    Raises:
        ModelMissing: there is no finished model.
        ModelRefused: it is damaged, was tuned for other prompts, or the probe says no.
    """
    found = open_folder(folder)
    manifest = found.manifest
    check_prompts(manifest, hello.prompt_version)
    model = load_folder(
        folder,
        dialect_named(manifest.dialect),
        name=manifest.recipe,
        context_tokens=manifest.context_tokens,
        cache_bytes=cache_bytes,
        progress=progress,
    )
    try:
        admit(model, found, hello.probe_tool)
    except BaseException:
        model.backend.close()
        raise
    return model


def _ready_chat(folder: Path, dialect: Dialect) -> Chat:
    chat = Chat.of_folder(folder, dialect)
    _ = chat.matching
    return chat


def _paced(backend: MlxBackend, chat: Chat) -> Pace:
    """Return the pace of prefill as measured, having compiled what the device compiles on first use."""
    pace = Pace()
    tokens = chat.encode_text(_WARM_TEXT)
    state = backend.new_state()
    for _ in range(3):
        count = min(pace.tokens(), len(tokens))
        with pace.chunk(count):
            backend.prefill(state, tokens[:count])
    backend.step(state, tokens[: 1 + LONGEST_DRAFT], 1 + LONGEST_DRAFT)
    return pace

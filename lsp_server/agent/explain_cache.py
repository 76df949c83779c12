"""The words of past explanations: the latest in memory, all of them on disk."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from pathlib import Path

import anyio.to_thread

from lsp_server.agent.explain_prompt import EXPLAIN_VERSION
from lsp_server.agent.explain_store import ExplanationStore

FILE = "explanations-1.db"
"""Below the cache folder; the number is that of the file's form."""
_IN_MEMORY = 500


def entry_key(target_key: str, model: str) -> str:
    """Return under what an explanation is kept: the code, the model, and the words that it was asked with."""
    return hashlib.sha256(f"{target_key}\0{model}\0{EXPLAIN_VERSION}".encode()).hexdigest()


class ExplanationCache:
    """Answers at once, on the loop's thread; writes to the disk in another."""

    def __init__(self, folder: Path) -> None:
        """Open the file in `folder`; this may take the disk's time."""
        self._store = ExplanationStore(folder / FILE)
        self._memory: OrderedDict[str, str] = OrderedDict()
        self._used: set[str] = set()

    def get(self, key: str) -> str | None:
        """Return the words kept under `key`."""
        words = self._memory.get(key)
        if words is None:
            words = self._store.text(key)
        if words is not None:
            self._remember(key, words)
            self._used.add(key)
        return words

    async def put(self, key: str, words: str) -> None:
        """Keep words, in memory at once; a disk that refuses them is no error."""
        self._remember(key, words)
        await anyio.to_thread.run_sync(self._store.keep, key, words)

    def seconds(self, model: str) -> float | None:
        """Return how long an explanation by that model takes here; None where none was measured."""
        return self._store.seconds(model)

    async def note_seconds(self, model: str, seconds: float) -> None:
        """Keep how long an explanation by that model takes here."""
        await anyio.to_thread.run_sync(self._store.note_seconds, model, seconds)

    async def aclose(self) -> None:
        """Note what was used, and let go of the file."""
        await anyio.to_thread.run_sync(self._store.note_used, self._used)
        await anyio.to_thread.run_sync(self._store.close)

    def _remember(self, key: str, words: str) -> None:
        self._memory[key] = words
        self._memory.move_to_end(key)
        if len(self._memory) > _IN_MEMORY:
            self._memory.popitem(last=False)

"""How many tokens a prefill chunk may have, so that it lasts at most a given time on this device."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager

from lsp_server.resident.backend import Interrupted

LONGEST_CHUNK_SECONDS = 1.5
"""What progress waits for, and what is lost where a more urgent turn interrupts. Shorter chunks cost more a token."""
_AIM = 0.7
"""Share of the longest time to aim for: a busy machine must not overshoot."""
_FIRST = 16
_SMALLEST = 8
_LARGEST = 2048
_PARTS = 3
"""Of a chunk that somebody may have to wait for."""


class Pace:
    """Measured at load and kept true by every chunk: long contexts and busy machines are slower."""

    def __init__(self, longest_seconds: float = LONGEST_CHUNK_SECONDS) -> None:
        self._aim = longest_seconds * _AIM
        self._tokens = _FIRST

    def tokens(self, *, whole: bool = True) -> int:
        """Return how many tokens the next chunk may have; fewer with `whole` False, where it cannot be given up."""
        return self._tokens if whole else max(_SMALLEST, self._tokens // _PARTS)

    @contextmanager
    def chunk(self, tokens: int) -> Generator[None]:
        """Measure a chunk of that many tokens and adjust; of one that was given up it is known that it took longer."""
        began = time.perf_counter()
        try:
            yield
        except Interrupted:
            if (seconds := time.perf_counter() - began) > self._aim:
                self.record(tokens, seconds)
            raise
        self.record(tokens, time.perf_counter() - began)

    def record(self, tokens: int, seconds: float) -> None:
        """Learn from a chunk: shrink at once where it was slow, grow at most twofold where it was fast."""
        if tokens < self._tokens and seconds < self._aim:
            return  # a short last chunk says little about a full one
        fitting = int(tokens * self._aim / max(seconds, 1e-6))
        self._tokens = max(_SMALLEST, min(_LARGEST, 2 * self._tokens, fitting))

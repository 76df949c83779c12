"""Finds stop sequences in a stream of text, holding back what may still become one."""

from __future__ import annotations

from collections.abc import Sequence


class StopFinder:
    """Lets text through up to the first stop sequence."""

    def __init__(self, sequences: Sequence[str]) -> None:
        self._sequences = tuple(sequence for sequence in sequences if sequence)
        self._held = ""
        self.shown = ""
        """All text let through."""
        self.found = False

    def feed(self, text: str) -> str:
        """Return what may be shown now."""
        if self.found:
            return ""
        self._held += text
        places = [place for sequence in self._sequences if (place := self._held.find(sequence)) >= 0]
        if places:
            self.found = True
            return self._let(min(places))
        return self._let(len(self._held) - self._possible_start())

    def rest(self) -> str:
        """Return what was held back, now that nothing more comes."""
        return "" if self.found else self._let(len(self._held))

    def _let(self, length: int) -> str:
        shown, self._held = self._held[:length], self._held[length:]
        self.shown += shown
        return shown

    def _possible_start(self) -> int:
        longest = max(map(len, self._sequences), default=0) - 1
        for length in range(min(longest, len(self._held)), 0, -1):
            tail = self._held[-length:]
            if any(sequence.startswith(tail) for sequence in self._sequences):
                return length
        return 0

"""Keys and values of recent conversations, reused by longest common prefix within a byte budget."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

import attrs

from lsp_server.resident.backend import Backend, State

_TAIL_WORTH_KEEPING = 32
"""A conversation that would lose more tokens than this is copied from, not cut."""


@attrs.define
class Held:
    """A state and the tokens whose keys and values it has computed."""

    state: State
    tokens: list[int]
    passing: bool = False
    """Whether nothing will go on from it, as from an explanation: only the beginning may be of use."""
    ahead: list[int] = attrs.field(factory=list[int])
    """Tokens that the state has computed beyond those, as a draft; cut away when it is given back."""


def common_prefix(left: Sequence[int], right: Sequence[int]) -> int:
    """Return how many leading tokens two sequences share."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False)))


class PrefixCache:
    """The states of the last conversations, least recently used first."""

    def __init__(self, backend: Backend, budget_bytes: int) -> None:
        self._backend = backend
        self._budget = budget_bytes
        self._held: list[Held] = []

    def take(self, prompt: Sequence[int]) -> Held:
        """Return a state for the longest known prefix of `prompt`, always short of its last token.

        The state is the caller's until it is given back.
        """
        shared = [common_prefix(held.tokens, prompt) for held in self._held]
        length = min(max(shared, default=0), len(prompt) - 1)
        if length <= 0:
            return Held(self._backend.new_state(), [])
        best = self._held[max(range(len(shared)), key=lambda index: (shared[index], index))]
        if len(best.tokens) - length > _TAIL_WORTH_KEEPING:
            copied = self._backend.copy(best.state, length)
            return Held(copied, best.tokens[:length]) if copied is not None else Held(self._backend.new_state(), [])
        self._held.remove(best)
        if length < len(best.tokens) and not self._backend.trim(best.state, length):
            return Held(self._backend.new_state(), [])
        return Held(best.state, best.tokens[:length])

    def give_back(self, held: Held) -> None:
        """Keep a state for later, and forget the oldest ones beyond the budget.

        Of the passing ones the newest is kept, and it goes first, so that they displace no conversation.
        """
        if held.ahead:
            self._backend.trim(held.state, len(held.tokens))
            held.ahead.clear()
        if held.tokens and held.passing:
            self._held = [held, *(other for other in self._held if not other.passing)]
        elif held.tokens:
            self._held.append(held)
        while self._held and self.nbytes() > self._budget:
            self._held.pop(0)

    def nbytes(self) -> int:
        """Memory of all states held, in bytes."""
        return sum(self._backend.nbytes(held.state) for held in self._held)

    def clear(self) -> None:
        """Forget everything."""
        self._held.clear()

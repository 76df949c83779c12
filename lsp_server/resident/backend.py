"""What a model must do for the generation loop, whatever computes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import attrs

from lsp_server.engine.base import Sampling

State = Any
"""A backend's keys and values of one token sequence; opaque to everyone else."""

Logits = Any
"""A backend's scores of the next token, one row for each kept position; opaque likewise."""


GoOn = Callable[[], bool]
"""Whether to go on; asked several times a second while tokens are computed."""


class Interrupted(Exception):
    """Work was told to stop in its middle; the state is what it was before."""


@attrs.frozen
class Choice:
    """How one token is to be chosen from a row of logits."""

    sampling: Sampling
    seed: int
    step: int
    """Position in the turn, so that each step draws anew from the seed."""
    mask: bytes | None = None
    """One bit a token, least significant first; a token whose bit is 0 is never chosen. None allows all."""


class Backend(Protocol):
    """One model on one device; every method is called from the one thread that owns it."""

    @property
    def vocabulary(self) -> int:
        """Number of rows of logits, unused ids included."""
        ...

    @property
    def device(self) -> str:
        """What computes, for people."""
        ...

    def new_state(self) -> State:
        """Return the state of the empty sequence."""
        ...

    def prefill(self, state: State, tokens: Sequence[int], go_on: GoOn | None = None) -> None:
        """Append `tokens` to the state; no logits are computed.

        Raises:
            Interrupted: `go_on` said no. Where the state cannot spare the tokens, it is not asked.
        """
        ...

    def step(self, state: State, tokens: Sequence[int], keep: int = 1, go_on: GoOn | None = None) -> Logits:
        """Append `tokens` and return the logits that follow the last `keep` of them.

        Raises:
            Interrupted: as above.
        """
        ...

    def choose(self, logits: Logits, row: int, choice: Choice) -> int:
        """Return one token id for a row of logits (negative rows count from the end)."""
        ...

    def trim(self, state: State, length: int) -> bool:
        """Cut the state to its first `length` tokens; False where this architecture cannot."""
        ...

    def spare(self, state: State) -> int:
        """Return how many tokens may be appended now such that they can be cut away again; 0 where none can."""
        ...

    def copy(self, state: State, length: int) -> State | None:
        """Return a state of the first `length` tokens that shares nothing; None where it cannot."""
        ...

    def nbytes(self, state: State) -> int:
        """Memory that the state holds, in bytes."""
        ...

    def memory(self) -> int:
        """Peak memory of the model and its work, in bytes."""
        ...

    def row_similarity(self, token: int, others: Sequence[int]) -> float:
        """Return the greatest cosine between a token's embedding row and the rows of `others`."""
        ...

    def close(self) -> None:
        """Let go of the device; nothing is called afterwards."""
        ...

"""Prompt lookup decoding: what followed the same two tokens before is the draft of what comes next.

An answer about code repeats names, paths and lines of its prompt. Where reading the weights is what takes the time, a
step over a short draft costs little more than one over a single token, and tells of each drafted token whether the
model would have chosen it. What is generated stays the same (Saxena 2023, "Prompt Lookup Decoding").
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise

from lsp_server.resident.backend import Backend, Choice, Logits
from lsp_server.resident.prefix_cache import Held, common_prefix

LONGEST_DRAFT = 7
"""Tokens; with the one before them they make a step of eight, which on a CPU costs as much as one of four."""
_WEIGHT = 1 / 16
"""Of the newest step in a running mean."""
_OUTLIER = 2
"""Times the mean: a step that took longer was kept waiting by something else."""
_TRY_AGAIN = 32
"""Where drafts do not pay, every so many-th is tried all the same: a device may have become free."""


class PromptLookup:
    """The tokens so far, and where each pair of them stood last."""

    def __init__(self, tokens: Sequence[int]) -> None:
        self._tokens = list(tokens)
        self._after = {pair: place + 2 for place, pair in enumerate(pairwise(self._tokens[:-1]))}

    def extend(self, tokens: Sequence[int]) -> None:
        """Take tokens as written."""
        for token in tokens:
            if len(self._tokens) >= 2:  # noqa: PLR2004 - a pair
                self._after[self._tokens[-2], self._tokens[-1]] = len(self._tokens)
            self._tokens.append(token)

    def draft(self, longest: int) -> list[int]:
        """Return at most `longest` tokens that followed the last two when they stood together before; none if never."""
        place = self._after.get((self._tokens[-2], self._tokens[-1])) if len(self._tokens) > 1 else None
        return [] if place is None else self._tokens[place : place + max(longest, 0)]


class DraftWorth:
    """Whether drafts pay on this device: what they cost, measured, against the steps that they save."""

    def __init__(self) -> None:
        self._plain: float | None = None
        self._drafted: float | None = None
        self._accepted: float | None = None
        self._asked = 0

    def pays(self) -> bool:
        """Whether to draft now; always until both kinds of step were measured."""
        self._asked += 1
        if self._plain is None or self._drafted is None or self._accepted is None:
            return True
        return self._accepted * self._plain >= self._drafted - self._plain or self._asked % _TRY_AGAIN == 0

    def plain(self, seconds: float) -> None:
        """Learn from a step over one token."""
        self._plain = _mean(self._plain, _usual(self._plain, seconds))

    def drafted(self, seconds: float, accepted: int) -> None:
        """Learn from a step over a token and a draft, of which `accepted` tokens were chosen."""
        self._drafted = _mean(self._drafted, _usual(self._drafted, seconds))
        self._accepted = _mean(self._accepted, accepted)


def _usual(so_far: float | None, newest: float) -> float:
    return newest if so_far is None else min(newest, _OUTLIER * so_far)


def _mean(so_far: float | None, newest: float) -> float:
    return newest if so_far is None else so_far + _WEIGHT * (newest - so_far)


class Decoding:
    """A sequence that grows: each choice is made from what the last step has computed, or a new step is made."""

    def __init__(self, backend: Backend, held: Held, logits: Logits, longest: int, worth: DraftWorth) -> None:
        """Go on from `held`, whose next token `logits` are of; `longest` 0 drafts nothing."""
        self._backend = backend
        self._held = held
        self._logits = logits
        self._longest = longest
        self._worth = worth
        self._lookup = PromptLookup(held.tokens)
        self._drafted = 0
        self._seconds = 0.0

    def choose(self, choice: Choice) -> int:
        """Return the next token."""
        return self._backend.choose(self._logits, -1 - len(self._held.ahead), choice)

    def append(self, tokens: Sequence[int], room: int) -> None:
        """Take the tokens that come next, and compute what the draft has not; no draft is longer than `room`."""
        held = self._held
        right = common_prefix(tokens, held.ahead)
        held.tokens.extend(tokens[:right])
        del held.ahead[:right]
        self._lookup.extend(tokens)
        if right < len(tokens):
            self._step(tokens[right:], room)

    def _step(self, tokens: Sequence[int], room: int) -> None:
        held = self._held
        self._learn()
        if held.ahead:
            self._backend.trim(held.state, len(held.tokens))
            held.ahead.clear()
        draft = self._lookup.draft(min(room, self._longest, self._backend.spare(held.state) - len(tokens)))
        if draft and not self._worth.pays():
            draft = []
        began = time.perf_counter()
        self._logits = self._backend.step(held.state, [*tokens, *draft], 1 + len(draft))
        self._seconds = time.perf_counter() - began
        held.tokens.extend(tokens)
        held.ahead.extend(draft)
        self._drafted = len(draft)
        if not draft and len(tokens) == 1:
            self._worth.plain(self._seconds)

    def _learn(self) -> None:
        if self._drafted:
            self._worth.drafted(self._seconds, self._drafted - len(self._held.ahead))

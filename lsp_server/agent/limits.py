"""What one question may cost: calls, repetitions, generated tokens, room in the window."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lsp_server.agent.prompts import OUT_OF_CALLS, REPEATED
from lsp_server.agent.results import RESULT_TOKENS
from lsp_server.agent.tools import ToolOutcome
from lsp_server.engine.base import CallMode

_LEAST_TURN = 64
"""Tokens that the last turn has, whatever was spent before."""
_ROWS_WATCHED = 3
_TURN_OVERHEAD = 24
"""Tokens of the markers around a call and its result."""


class Ledger:
    """The account of one question. Nothing in it looks at the question's words."""

    def __init__(  # noqa: PLR0913 - each is a limit of its own
        self,
        *,
        max_calls: int,
        token_budget: int,
        max_tokens: int,
        window: int,
        first_call: CallMode = "free",
        speak_after_rows: bool = False,
    ) -> None:
        """Open the account.

        Args:
            max_calls: Calls that may be made.
            token_budget: Tokens that may be generated in all.
            max_tokens: Tokens that one turn may have.
            window: Tokens that the model's window holds.
            first_call: Mode of the first turn.
            speak_after_rows: Whether a turn must speak once a call has found something; else later turns are free.
        """
        self._max_calls = max_calls
        self._budget = token_budget
        self._max_tokens = max_tokens
        self._first: CallMode = first_call
        self._window = window
        self._speak_after_rows = speak_after_rows
        self._found = False
        self._turns = 0
        self._calls = 0
        self._spent = 0
        self._memory: dict[str, ToolOutcome] = {}
        self.row_stops: tuple[str, ...] = ()
        """Where a turn ends that begins to copy the rows of a listing: code shows them, in a hundredth of the time."""
        self.reached: str | None = None
        """Which limit was reached, in words for a person; None while there is room."""

    @property
    def forbidden(self) -> bool:
        """Whether the coming turn must speak."""
        return self.reached is not None or self._max_calls == 0

    def next_mode(self) -> CallMode:
        """Return the mode of the turn that begins now."""
        self._turns += 1
        mode: CallMode = "free"
        if self.forbidden:
            mode = "forbidden"
        elif self._turns == 1:
            mode = self._first
        elif self._found and self._speak_after_rows:
            mode = "forbidden"
        return mode

    @property
    def turn_tokens(self) -> int:
        """The most tokens that the coming turn may have."""
        return min(self._max_tokens, max(_LEAST_TURN, self._budget - self._spent))

    def turn_ended(self, prompt_tokens: int, output_tokens: int) -> None:
        """Take note of a turn: what it generated, and how full the window is."""
        self._spent += output_tokens
        if self._spent >= self._budget:
            self._reach(f"the budget of {self._budget} tokens is spent")
        following = prompt_tokens + output_tokens + RESULT_TOKENS + 2 * _TURN_OVERHEAD + 2 * self._max_tokens
        if following + RESULT_TOKENS > self._window:
            self._reach("the model's window is full")

    def recall(self, name: str, arguments: object) -> ToolOutcome | None:
        """Return what a call is answered with instead of being run; None where it is to be run.

        A repeated identical call is answered from memory, with a note, and ends the loop: a model that asks the
        same again has nothing else to ask. A call beyond the limit (a server may send several at once) is answered
        with a note.
        """
        if self.forbidden:
            return ToolOutcome(OUT_OF_CALLS, "no more calls", error="no more calls are possible")
        self._calls += 1
        if self._calls >= self._max_calls:
            self._reach(f"the limit of {self._max_calls} tool calls was reached")
        remembered = self._memory.get(_key(name, arguments))
        if remembered is None:
            return None
        self._reach("the model repeated a call")
        text, summary = f"{REPEATED}\n{remembered.text}", "repeated, answered from memory"
        return ToolOutcome(text, summary, hits=remembered.hits, error=remembered.error)

    def refused_call(self) -> None:
        """Count a call that could not even be tried, such as one of a tool that does not exist."""
        self._calls += 1
        if self._calls >= self._max_calls:
            self._reach(f"the limit of {self._max_calls} tool calls was reached")

    def remember(self, name: str, arguments: object, outcome: ToolOutcome) -> None:
        """Keep what a call came to."""
        self._memory[_key(name, arguments)] = outcome
        self._found = self._found or outcome.found
        if outcome.listing:
            self.row_stops = tuple(f"\n{row}" for row in outcome.text.splitlines()[1 : 1 + _ROWS_WATCHED])

    def _reach(self, limit: str) -> None:
        self.reached = self.reached or limit


def _key(name: str, arguments: object) -> str:
    given: Any = arguments
    if isinstance(arguments, Mapping):
        given = {str(key): value for key, value in arguments.items() if value is not None}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return json.dumps([name, given], sort_keys=True, default=str)

"""The account of one question."""

from __future__ import annotations

import pytest

from lsp_server.agent.limits import Ledger
from lsp_server.agent.tools import ToolOutcome
from lsp_server.engine.base import CallMode

NOTHING = ToolOutcome("0 matches", "0 matches")
FOUND = ToolOutcome("1 match in 1 file\na.py:1: x", "1 match", listing=True, found=True, hits=1)


def ledger(*, first_call: CallMode = "demanded", speak_after_rows: bool = False) -> Ledger:
    return Ledger(
        max_calls=3,
        token_budget=1000,
        max_tokens=100,
        window=8000,
        first_call=first_call,
        speak_after_rows=speak_after_rows,
    )


@pytest.mark.parametrize("mode", ["free", "demanded", "forbidden"])
def test_the_recipe_says_how_the_first_turn_begins(mode: CallMode):
    """The first turn has the recipe's mode, later ones are free."""
    account = ledger(first_call=mode)
    assert (account.next_mode(), account.next_mode()) == (mode, "free")


def test_a_recipe_may_have_rows_spoken_of():
    """Once a call has found something the turn must speak; nothing found leaves it free. It is no limit."""
    account = ledger(speak_after_rows=True)
    account.next_mode()
    account.remember("search", {"pattern": "a"}, NOTHING)
    assert account.next_mode() == "free"
    account.remember("search", {"pattern": "b"}, FOUND)
    assert account.next_mode() == "forbidden"
    assert account.reached is None


def test_rows_leave_a_capable_model_free():
    """Without that trait a model may go on looking."""
    account = ledger()
    account.next_mode()
    account.remember("search", {"pattern": "b"}, FOUND)
    assert account.next_mode() == "free"

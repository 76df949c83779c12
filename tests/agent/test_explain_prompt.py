from __future__ import annotations

import subprocess
import sys

import pytest

from lsp_server.agent.explain_prompt import EXPLAIN_VERSION, SYSTEM, explain_turn
from lsp_server.agent.tokens import most_tokens
from lsp_server.workspace.explaining import ExplainTarget
from support.explaining import target


def test_what_the_model_is_told():
    """Place, code, signature and callers come first, the task last."""
    assert explain_turn(target(bases=("Base",))) == (
        "From src/shop/core.py:\n\n"
        "def close(self, *, force: bool = False) -> None:\n    audit(self.owner)\n\n"
        "Signature: close(self, *, force: bool = False) -> None\n\n"
        "Bases: Base\n\n"
        "Used in:\nsrc/shop/till.py:6: basket.close(force=True)\n\n"
        "What does the python method `Basket.close` do? Two or three short sentences."
    )


def test_a_selection():
    """A selection has no name of its own; the task is about its lines."""
    turn = explain_turn(target(kind="selection", signature="", callers=()))
    assert turn.startswith("From src/shop/core.py, in `Basket.close`:\n\ndef close")
    assert turn.endswith("What do these python lines do? Two or three short sentences.")


def test_documentation_once():
    """A docstring that stands in the code is not told a second time; a comment above it is told."""
    inside = explain_turn(target(code='def f():\n    """Closes it."""', doc="Closes it."))
    assert inside.count("Closes it.") == 1
    assert "Documentation: Closes it." in explain_turn(target(doc="Closes it."))


@pytest.mark.parametrize(
    "long",
    [
        target(code="word_" * 40_000),
        target(doc="word_" * 40_000),
        target(signature="word_" * 40_000),
        target(callers=("word_" * 40_000,) * 50),
        target(bases=("word_" * 400,) * 50),
    ],
)
def test_bounded(long: ExplainTarget):
    """Whatever is long is cut, so that any explanation costs about the same."""
    assert most_tokens(explain_turn(long)) < 1300


def test_halves_of_characters():
    """What UTF-8 cannot hold is replaced before it is sent."""
    assert explain_turn(target(name="x\ud800", code="y = '\ud83d'")).encode()


def test_short_system_message():
    """The words that every explanation begins with are few."""
    assert most_tokens(SYSTEM) < 80


def test_version():
    """The version is the same in every process."""
    code = "from lsp_server.agent.explain_prompt import EXPLAIN_VERSION as v; print(v)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == EXPLAIN_VERSION

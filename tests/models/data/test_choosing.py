"""Which examples become rows, and in which order."""

from __future__ import annotations

import pytest

from lsp_server.engine.base import Message, ToolCall
from models.data.choosing import direct_split, rows_wanted, spread
from models.data.example import Ask, Example
from models.data.manners import unmannered
from models.data.suggested import unsuggested


def example(codebase: str, wording: str, question: str) -> Example:
    return Example("where", codebase, (Ask(question, (), "a"),), wording)


def test_codebases_and_wordings_take_turns():
    """Among the first examples there is each codebase, with different wordings, in an order that is always the same."""
    examples = [
        example(codebase, f"w{number % 3}", f"{codebase} {number}") for codebase in ("a", "b") for number in range(6)
    ]
    order = list(spread(examples))
    assert order == list(spread(reversed(examples)))
    assert [each.codebase for each in order[:4]] in (["a", "b"] * 2, ["b", "a"] * 2)
    assert {each.wording for each in order[:6] if each.codebase == "a"} == {"w0", "w1", "w2"}
    assert len(order) == len(examples)


def test_a_share_of_the_direct_questions_validates():
    """By a hash of the question: about one in eight."""
    splits = [direct_split(f"question {number}") for number in range(1000)]
    assert 80 < splits.count("valid") < 160
    assert rows_wanted("where", "valid") < rows_wanted("where", "train")


QUESTION = Message("user", "When are workers given up?\n\nIn this workspace: `Arbiter` in gunicorn/arbiter.py")


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        (ToolCall("search", {"pattern": "worker timeout"}), ""),
        (ToolCall("search", {"pattern": "SIGKILL"}), "nothing suggests"),
        (ToolCall("symbols", {"calls": "Arbiter"}), ""),
        (ToolCall("symbols", {"name": "Arbiter.__init__"}), ""),
        (ToolCall("symbols", {"name": "murder_workers"}), "nobody said"),
        (ToolCall("symbols", {"kind": "class", "name": "Worker"}), ""),
        (ToolCall("read_file", {"path": "gunicorn/arbiter.py", "start": 5}), ""),
        (ToolCall("read_file", {"path": "gunicorn/util.py"}), "nobody named"),
        (ToolCall("run_command", {"command": "git log"}), ""),
    ],
)
def test_a_call_needs_something_that_suggests_it(call: ToolCall, fault: str):
    """Names and files were said before; of a search at least one word was."""
    found = unsuggested((Message("system", "murder_workers SIGKILL util"), QUESTION, Message("assistant", call=call)))
    assert fault in found
    assert bool(found) == bool(fault)


def test_a_result_suggests_the_next_call():
    """What a tool showed may be asked for."""
    look = ToolCall("search", {"pattern": "worker"})
    result = Message("tool", "gunicorn/arbiter.py:5: self.murder_workers()")
    following = ToolCall("symbols", {"name": "murder_workers"})
    turns = (QUESTION, Message("assistant", call=look), result, Message("assistant", call=following))
    assert unsuggested(turns) == ""


@pytest.mark.parametrize(
    ("answer", "tool", "fault"),
    [
        ("At `a.py:3`.", True, ""),
        ("- one\n- two", True, "lists"),
        ("Use it:\n```py\nx = 1\n```", True, "code blocks"),
        ("Use it:\n```py\nx = 1\n```", False, ""),
        ("Based on the search results, it is there.", True, "chatter"),
        ("word " * 80 + "end", True, "too long"),
        ("word " * 80 + "end", False, ""),
        ("", False, "empty"),
        ("As follows: a.py:3: x = 1", True, "repeats"),
    ],
)
def test_an_answer_has_manners(answer: str, tool: bool, fault: str):
    """What the product would undo, or nobody wants to read, is named."""
    found = unmannered(answer, tool=tool, results=["1 match in 1 file\na.py:3: x = 1"])
    assert fault in found
    assert bool(found) == bool(fault)

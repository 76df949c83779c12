from __future__ import annotations

import re

import pytest

from lsp_server.agent.arguments import WrongArguments, checked
from lsp_server.agent.prompts import TOOLS
from lsp_server.engine.base import ToolSpec

SEARCH, SYMBOLS, READ, _ = TOOLS


def test_taken_as_meant():
    """Numbers as text, nulls, capitals in a choice and an object as text are taken as they are meant."""
    assert checked(READ, '{"path": "a.py", "start": "3", "end": null}') == {"path": "a.py", "start": 3}
    assert checked(SYMBOLS, {"kind": "Class"}) == {"kind": "class"}
    assert checked(SEARCH, {"pattern": "x", "regex": "True"}) == {"pattern": "x", "regex": True}
    assert checked(READ, {"path": "a.py", "end": 7.0}) == {"path": "a.py", "end": 7}


@pytest.mark.parametrize(
    ("tool", "raw", "sentence"),
    [
        (SEARCH, "{", "The arguments are not JSON."),
        (SEARCH, "[]", "The arguments are not a JSON object."),
        (SEARCH, {}, "`search` needs the argument `pattern`."),
        (SEARCH, {"pattern": 3}, "`pattern` is text."),
        (SEARCH, {"pattern": "x" * 201}, "`pattern` has at most 200 characters."),
        (SEARCH, {"pattern": "x", "regex": "maybe"}, "`regex` is true or false."),
        (SEARCH, {"query": "x"}, "`search` takes no argument `query`."),
        (SYMBOLS, {"kind": "trait"}, "`kind` is one of class, function, method, constant."),
        (READ, {"path": "a", "start": 0}, "`start` is at least 1."),
        (READ, {"path": "a", "start": True}, "`start` is a whole number."),
    ],
)
def test_wrong(tool: ToolSpec, raw: object, sentence: str):
    """What cannot be meant is said in one sentence."""
    with pytest.raises(WrongArguments, match=f"^{re.escape(sentence)}$"):
        checked(tool, raw)


@pytest.mark.parametrize("raw", ["[" * 100_000, '{"pattern": ' * 100_000, {"pattern": "a\ud800"}])
def test_hostile(raw: object):
    """Bottomless nesting and halves of characters are wrong arguments like any others."""
    with pytest.raises(WrongArguments):
        checked(SEARCH, raw)

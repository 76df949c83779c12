from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.agent.foreign_calls import ForeignCalls
from lsp_server.engine.base import ToolCall

CALL = '{"name": "search", "arguments": {"pattern": "a}\\"{ ```"}}'
MADE = ToolCall("search", {"pattern": 'a}"{ ```'})


def parsed(pieces: list[str]) -> list[str | ToolCall]:
    """Return text and calls of `pieces`, neighbouring texts joined."""
    parser = ForeignCalls(["search", "symbols"])
    joined: list[str | ToolCall] = []
    for found in [found for piece in pieces for found in parser.feed(piece)] + parser.finish():
        if isinstance(found, str) and joined and isinstance(joined[-1], str):
            joined[-1] += found
        else:
            joined.append(found)
    return joined


@pytest.mark.parametrize(
    "text",
    [
        CALL,
        f"```json\n{CALL}\n```",
        f"```\n{CALL}\n```",
        f"<tools>\n{CALL}\n</tools>",
        f"<tool_call>\n{CALL}\n</tool_call>",
        f"<tools>\n```json\n{CALL}\n```\n</tools>",
        f"<tool_call>{CALL}",
        CALL.replace("arguments", "parameters"),
        json.dumps({"name": "search", "arguments": json.dumps({"pattern": 'a}"{ ```'})}),
        '<function=search>{"pattern": "a}\\"{ ```"}</function>',
        '<tool_call>\n<function=search>\n<parameter=pattern>\na}"{ ```\n</parameter>\n</function>\n</tool_call>',
    ],
)
def test_shapes(text: str):
    """Each shape that models write a call in is taken for the call, and leaves no text."""
    assert parsed([text]) == [MADE]
    assert parsed(list(text)) == [MADE]


@pytest.mark.parametrize(
    "text",
    [
        'A package:\n```json\n{"name": "pkg", "version": "1"}\n```\nThat is all.',
        '```json\n{"name": "search", "version": "1"}\n```',
        '{"name": "unknown_tool", "arguments": {}}',
        "```python\nx = {}\n```",
        "a < b and <tools> are {braces}",
        f"In a line: {CALL}",
        "<tool_call>\nnot json\n</tool_call>",
        '{"name": "search", "arguments": {"pattern": "cut',
        "```",
        "<",
    ],
)
def test_ordinary_text(text: str):
    """What is not a call of a known tool at a line's beginning comes out whole."""
    assert parsed([text]) == [text]
    assert parsed(list(text)) == [text]


def test_words_round_a_call():
    """Words before and behind a call stay words."""
    assert parsed([f"I look.\n```json\n{CALL}\n```\nDone"]) == ["I look.\n", MADE, "\nDone"]


def test_words_flow():
    """Text that cannot become a call is not held back."""
    parser = ForeignCalls(["search"])
    assert parser.feed("The answer") == ["The answer"]
    assert parser.feed("\n```js") == ["\n"]
    assert parser.feed("on\n{") == []
    assert parser.feed('"version') == ['```json\n{"version']


PIECES = st.sampled_from(
    [CALL, "```json\n", "```", "\n", "<tools>", "</tools>", "<tool_call>", "</tool_call>", "<function=search>", "{",
     '{"name": "', "search", '", "arguments": {', "}", "}}", "</function>", "<parameter=pattern>", "</parameter>",
     "words ", " ", "`", "<", '{"name": "pkg"}', '"', "\\"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=14).map("".join), st.lists(st.integers(0, 300), max_size=10))
def test_any_chunking(text: str, cuts: list[int]):
    """However a turn is cut, the same text and calls come out."""
    bounds = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[start:end] for start, end in pairwise(bounds)]
    whole = parsed([text])
    assert parsed(pieces) == whole
    assert parsed(list(text)) == whole
    if not any(isinstance(found, ToolCall) for found in whole):
        assert "".join(str(found) for found in whole) == text

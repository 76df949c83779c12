"""How families of models write calls, results and turns."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llguidance import LLMatcher

from lsp_server.agent.prompts import TOOLS
from lsp_server.dialects import DIALECTS, TURN_END, TURN_START, Dialect, Plain, Replay, Special, dialect_named
from lsp_server.engine.base import Message, ToolCall, ToolSpec
from support.scripted_backend import byte_chat

ALL = [DIALECTS[name] for name in sorted(DIALECTS)]
MARKS = ["```json\n", "\n```", "<tool_call>", "</tool_call>", '"}', '{"name": "', "\n", "<tool_response>", "é", "x"]
TEXT = st.text(max_size=20) | st.lists(st.sampled_from(MARKS), max_size=6).map("".join)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
CALLS = st.builds(ToolCall, TEXT, st.dictionaries(TEXT, JSON, max_size=3))


def ids(dialect: Dialect) -> str:
    return dialect.name


def written(dialect: Dialect, *messages: Message) -> str:
    """Return a transcript as one text."""
    pieces: list[str] = []
    for segment in dialect.segments(messages):
        match segment:
            case Special(token):
                pieces.append(token)
            case Plain(text):
                pieces.append(text)
            case Replay(token_ids):
                pieces.append(str(token_ids))
    return "".join(pieces)


@given(st.sampled_from(ALL), CALLS)
def test_a_call_that_was_written_reads_back(dialect: Dialect, call: ToolCall) -> None:
    """Whatever names and arguments hold, fences and markers included."""
    assert dialect.parse_call(dialect.render_call(call)) == call


@given(st.sampled_from(ALL), TEXT)
def test_other_text_is_no_call(dialect: Dialect, text: str) -> None:
    """Text that does not begin as a call never reads as one, nor does a call with anything around it."""
    if not text.startswith(dialect.call_start):
        assert dialect.parse_call(text) is None
    call = dialect.render_call(ToolCall("search", {}))
    assert dialect.parse_call(f"x{text}{call}") is None
    assert dialect.parse_call(f"{call}{text}x") is None


@pytest.mark.parametrize("dialect", ALL, ids=ids)
@pytest.mark.parametrize(
    "body",
    [
        '{"name": "search"}',
        '{"name": "search", "arguments": []}',
        '{"name": "search", "arguments": "x"}',
        '{"name": "", "arguments": {}',
        '{"name": "search", "arguments": {}} {}',
        "",
    ],
)
def test_a_body_that_is_no_call_is_none(dialect: Dialect, body: str) -> None:
    """Open and close alone do not make a call."""
    assert dialect.parse_call(f"{dialect.call_open}{body}{dialect.call_close}") is None


@given(st.sampled_from(ALL), TEXT)
def test_an_escaped_result_cannot_close_or_open_one(dialect: Dialect, text: str) -> None:
    """The wrapper's own words do not stand in it, and text without them is as it was."""
    hostile = f"{text}</tool_response>{text}<tool_response>"
    escaped = dialect.escape_result(hostile)
    assert "</tool_response>" not in escaped
    assert "<tool_response>" not in escaped
    assert dialect.escape_result(escaped) == escaped
    plain = text.replace("<tool_response>", "")
    assert dialect.escape_result(plain) == plain


@pytest.mark.parametrize("dialect", ALL, ids=ids)
def test_a_transcript_is_written_in_turns(dialect: Dialect) -> None:
    """Each role has its turn, a result stands in the user's, and the assistant's is opened at the end."""
    call = ToolCall("search", {"pattern": "x"})
    transcript = (
        Message("system", "S"),
        Message("user", "U"),
        Message("assistant", call=call),
        Message("tool", "</tool_response>"),
        Message("assistant", "A"),
    )
    assert written(dialect, *transcript) == (
        "<|im_start|>system\nS<|im_end|>\n"
        "<|im_start|>user\nU<|im_end|>\n"
        f"<|im_start|>assistant\n{dialect.render_call(call)}<|im_end|>\n"
        "<|im_start|>user\n<tool_response>\n<\\/tool_response>\n</tool_response><|im_end|>\n"
        "<|im_start|>assistant\nA<|im_end|>\n"
        "<|im_start|>assistant\n"
    )


@given(st.sampled_from(ALL), st.sampled_from(["system", "user", "tool", "assistant"]), TEXT)
def test_text_makes_no_special_segments(dialect: Dialect, role: Any, text: str) -> None:
    """In a spoken turn only the turn's own marks are special, whatever the text holds."""
    special = [piece.token for piece in dialect.segments([Message(role, text)]) if isinstance(piece, Special)]
    assert special == [TURN_START, TURN_END, TURN_START]


@pytest.mark.parametrize("dialect", ALL, ids=ids)
def test_a_call_s_markers_are_special_segments(dialect: Dialect) -> None:
    """A dialect's call markers stand as tokens around the call that the transcript holds."""
    segments = dialect.segments([Message("assistant", call=ToolCall("search", {}))])
    special = [piece.token for piece in segments if isinstance(piece, Special)]
    assert special == [TURN_START, *dialect.call_markers, TURN_END, TURN_START]


@pytest.mark.parametrize("dialect", ALL, ids=ids)
def test_generated_ids_are_replayed(dialect: Dialect) -> None:
    """A turn with ids is those ids, its end among them, and no text beside them."""
    segments = list(dialect.segments([Message("assistant", "other", token_ids=(1, 2))]))
    assert segments[:4] == [Special(TURN_START), Plain("assistant\n"), Replay((1, 2)), Plain("\n")]


@pytest.mark.parametrize("dialect", ALL, ids=ids)
@pytest.mark.parametrize(
    "tools", [*((tool,) for tool in TOOLS), TOOLS], ids=lambda tools: "+".join(t.name for t in tools)
)
def test_the_grammar_of_each_tool_compiles(dialect: Dialect, tools: tuple[ToolSpec, ...]) -> None:
    """The grammar compiler takes the tools as they are, alone and together, without a complaint."""
    matcher = LLMatcher(byte_chat(dialect.name).matching, dialect.grammar(tools), log_level=0)
    assert not matcher.is_error(), matcher.get_error()
    assert matcher.get_grammar_warnings() == []


@pytest.mark.parametrize("dialect", ALL, ids=ids)
def test_the_grammar_takes_calls_as_they_are_written(dialect: Dialect) -> None:
    """What `render_call` writes is what the grammar wants, byte for byte, up to the end."""
    chat = byte_chat(dialect.name)
    call = ToolCall("search", {"pattern": 'a "quoted" é', "regex": True, "glob": "*.py"})
    segments = [
        chat.marker_id(piece.token) if isinstance(piece, Special) else piece.text
        for piece in dialect.segments([Message("assistant", call=call)])
        if not isinstance(piece, Replay)
    ]
    matcher = LLMatcher(chat.matching, dialect.grammar(TOOLS), log_level=0)
    body = [*segments[1:-3]]
    body[0] = str(body[0]).removeprefix("assistant\n")
    for piece in body:
        for token in [piece] if isinstance(piece, int) else chat.encode_text(piece):
            assert matcher.consume_token(token), chat.token_bytes(token)
    assert matcher.is_accepting()


@pytest.mark.parametrize("dialect", ALL, ids=ids)
def test_a_dialect_is_found_by_its_name(dialect: Dialect) -> None:
    """The table's key is the dialect's name, and a turn that must be spoken cannot begin as a call."""
    assert dialect_named(dialect.name) is dialect
    assert dialect.render_call(ToolCall("x", {})).startswith(dialect.call_start)
    assert dialect.call_start.startswith(dialect.speech_bans)


def test_an_unknown_dialect_is_a_key_error() -> None:
    """A name that no row has is not guessed at."""
    with pytest.raises(KeyError):
        dialect_named("klingon")

"""Transcripts to ids: text is data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.dialects import DIALECTS
from lsp_server.engine.base import Message, Role, ToolCall
from lsp_server.errors import ModelRefused
from lsp_server.resident.chat import Chat
from support.scripted_backend import SPECIAL, byte_chat, byte_tokenizer

CHAT = byte_chat()
ROLES: st.SearchStrategy[Role] = st.sampled_from(("system", "user", "tool", "assistant"))
HOSTILE = st.lists(
    st.sampled_from([*SPECIAL, "</tool_response>", "<tool_response>", '```json\n{"name": "', "x", "\n"]), max_size=8
).map("".join)


@given(ROLES, HOSTILE)
def test_special_tokens_in_text_stay_text(role: Role, text: str) -> None:
    """Whatever a turn's text holds, the only special tokens are those that open and close the turns."""
    ids = CHAT.encode([Message(role, text)])
    special = [number for number in ids if CHAT.is_special(number)]
    start = CHAT.marker_id("<|im_start|>")
    assert special == [start, CHAT.turn_end, start]


@given(HOSTILE)
def test_a_result_cannot_close_its_wrapper(text: str) -> None:
    """A file that holds the result wrapper does not end the result."""
    data = b"".join(map(CHAT.token_bytes, CHAT.encode([Message("tool", text)])))
    assert data.count(b"</tool_response>") == 1
    assert data.count(b"<tool_response>") == 1


def test_hermes_markers_are_tokens_in_calls_and_text_elsewhere() -> None:
    """The markers of a call are special; the same words in its arguments are not."""
    chat = byte_chat("hermes")
    ids = chat.encode([Message("assistant", call=ToolCall("search", {"pattern": "plain"}))])
    assert ids.count(chat.marker_id("<tool_call>")) == 1
    assert chat.marker_id("<tool_call>") not in chat.encode([Message("tool", "<tool_call>")])


def test_generated_ids_are_replayed_as_they_are() -> None:
    """An assistant turn with ids is not tokenised again."""
    ids = CHAT.encode([Message("assistant", "ignored", token_ids=(1, 2, 3))])
    assert ids[-6:-3] != [1, 2, 3]
    assert (1, 2, 3) in [tuple(ids[at : at + 3]) for at in range(len(ids))]


def test_a_tokenizer_without_the_markers_is_refused() -> None:
    """A dialect cannot be spoken without its special tokens."""
    bare = byte_tokenizer().replace("<|im_end|>", "<|other|>")
    with pytest.raises(ModelRefused, match="im_end"):
        Chat(bare, DIALECTS["json-fence"])

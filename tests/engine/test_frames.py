"""What passes between client and resident process."""

import json
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.engine.base import (
    CallChunk,
    DoneChunk,
    Job,
    Message,
    PrefillChunk,
    Priority,
    Sampling,
    TextChunk,
    ToolCall,
    ToolSpec,
    TurnTiming,
)
from lsp_server.engine.frames import (
    Count,
    Counted,
    Emitted,
    Failed,
    Frame,
    Generate,
    Hello,
    StatusChanged,
    Unload,
    Watch,
    decode,
    encode,
)
from lsp_server.errors import BadRequest, EngineDied
from lsp_server.wire import EngineState, EngineStatus

NUMBERS = st.integers(0, 2**53)
SECONDS = st.floats(0, 1e6, allow_nan=False)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.text(), JSON, max_size=3)
IDS = st.lists(NUMBERS, max_size=4).map(tuple)
TOOLS = st.builds(ToolSpec, st.text(), st.text(), st.text(), OBJECTS)
CALLS = st.builds(ToolCall, st.text(), OBJECTS)
MESSAGES = st.builds(
    Message, st.sampled_from(["system", "user", "assistant", "tool"]), st.text(), st.none() | CALLS, IDS
)
SAMPLINGS = st.builds(
    Sampling, NUMBERS, SECONDS, SECONDS, st.none() | NUMBERS, st.lists(st.text(), max_size=3).map(tuple)
)
JOBS = st.builds(
    Job,
    st.lists(MESSAGES, max_size=3).map(tuple),
    st.lists(TOOLS, max_size=2).map(tuple),
    st.sampled_from(["free", "demanded", "forbidden"]),
    SAMPLINGS,
    st.sampled_from(Priority),
)
TIMINGS = st.builds(TurnTiming, NUMBERS, NUMBERS, NUMBERS, SECONDS, SECONDS, SECONDS, SECONDS, SECONDS, NUMBERS)
CHUNKS = (
    st.builds(PrefillChunk, NUMBERS, NUMBERS)
    | st.builds(TextChunk, st.text())
    | st.builds(CallChunk, CALLS)
    | st.builds(DoneChunk, st.sampled_from(["stop", "length", "call"]), IDS, TIMINGS)
)
STATES: st.SearchStrategy[EngineState] = st.sampled_from(
    ("notSetUp", "unloaded", "starting", "loading", "ready", "busy", "failed")
)
WORDS = st.none() | st.text()
STATUSES = st.builds(
    EngineStatus, STATES, WORDS, WORDS, st.none() | NUMBERS, NUMBERS, st.none() | NUMBERS, WORDS, WORDS, st.none()
)
FRAMES: dict[type[Frame], st.SearchStrategy[Frame]] = {
    Hello: st.builds(Hello, NUMBERS, st.text(), TOOLS),
    Generate: st.builds(Generate, JOBS),
    Watch: st.just(Watch()),
    Count: st.builds(Count, st.text()),
    Unload: st.just(Unload()),
    Counted: st.builds(Counted, NUMBERS),
    Emitted: st.builds(Emitted, CHUNKS),
    StatusChanged: st.builds(StatusChanged, STATUSES),
    Failed: st.builds(Failed, st.dictionaries(st.text(), st.text(), max_size=3)),
}


@pytest.mark.parametrize("kind", FRAMES, ids=lambda kind: cast("type", kind).__name__)
@given(data=st.data())
def test_every_frame_comes_back_as_it_was(kind: type[Frame], data: st.DataObject) -> None:
    """A frame is one line, and reading the line gives an equal frame of the same kind."""
    frame = data.draw(FRAMES[kind])
    line = encode(frame)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode(line) == frame


@given(st.binary(max_size=60))
def test_garbage_is_a_value_error(line: bytes) -> None:
    """Bytes that are no frame raise ValueError and nothing else."""
    with pytest.raises(ValueError, match="Not a frame"):
        decode(line)


@given(JSON)
def test_json_that_is_no_frame_is_a_value_error(value: Any) -> None:
    """So does any JSON that lacks a known tag."""
    with pytest.raises(ValueError, match="Not a frame"):
        decode(json.dumps(value).encode())


@pytest.mark.parametrize(
    "line",
    [
        b'{"is": "Nothing"}',
        b'{"is": "Count"}',
        b'{"is": "Counted", "tokens": "many"}',
        b'{"is": "Emitted", "chunk": {"is": "Count", "text": "x"}}',
        b'{"is": "Generate", "job": {"messages": [{"role": "king"}]}}',
        b'{"is": ["Count"]}',
    ],
)
def test_a_frame_with_wrong_parts_is_a_value_error(line: bytes) -> None:
    """A known tag over the wrong content is refused."""
    with pytest.raises(ValueError, match="Not a frame"):
        decode(line)


def test_an_error_survives_the_socket() -> None:
    """A failure is raised at the other end as the class it was, with its words."""
    raised = Failed(BadRequest("No.", "Try again.").to_wire()).raised()
    assert (type(raised), raised.sentence, raised.hint) == (BadRequest, "No.", "Try again.")
    assert Failed(EngineDied("Gone.").to_wire()).raised().hint == EngineDied.default_hint


def test_text_that_utf8_cannot_hold_is_sent_all_the_same() -> None:
    """Half a surrogate pair, as names of files bring it, reaches the other end as a question mark."""
    assert decode(encode(Count("caf\udce9 é"))) == Count("caf? é")

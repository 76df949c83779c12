"""What stands on the wire is what the protocol says, defaults included."""

from __future__ import annotations

from typing import Any

import cattrs
import pytest
from lsprotocol.types import Position, ProgressParams, Range

from lsp_server.lsp.converter import LONGEST_TEXT, make_converter, make_strict_converter
from lsp_server.trace import Citation, Span, Timing
from lsp_server.wire import AskParams, EngineStatus, ModelParams, StatusParams, TextPart, TrustParams


def test_defaults_are_written():
    """A field that equals its default is written all the same: clients know no defaults of ours."""
    written = make_converter().unstructure(Citation("file:///a", "a", Range(Position(0, 0), Position(0, 3))))
    assert written == {
        "uri": "file:///a",
        "path": "a",
        "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 3}},
        "text": "",
        "verified": False,
    }


def test_none_is_left_out():
    """A field without value is absent."""
    assert make_converter().unstructure(StatusParams(EngineStatus("ready"))) == {
        "engine": {"state": "ready", "queued": 0},
        "index": {"state": "off", "files": 0, "stale": 0},
    }


def test_kinds_of_partial_results_are_written():
    """A partial result inside a standard message keeps its kind."""
    assert make_converter().unstructure(ProgressParams(token=1, value=TextPart("a"))) == {
        "token": 1,
        "value": {"delta": "a", "kind": "text"},
    }


def test_names_are_camel_case():
    """Field names are camelCase on the wire."""
    assert set(make_converter().unstructure(Timing())) == {
        "promptTokens",
        "cachedTokens",
        "outputTokens",
        "ttftMs",
        "prefillTokensPerSecond",
        "decodeTokensPerSecond",
        "peakMemoryBytes",
    }


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (AskParams, {"question": 5}),
        (AskParams, {"question": None}),
        (AskParams, {}),
        (AskParams, []),
        (AskParams, "why"),
        (AskParams, {"question": "q", "workDoneToken": [1]}),
        (AskParams, {"question": "q", "workDoneToken": True}),
        (AskParams, {"question": "q", "conversationId": 3}),
        (AskParams, {"question": "q", "context": {}}),
        (AskParams, {"question": "q", "context": {"textDocument": {"uri": 1}}}),
        (AskParams, {"question": "q", "context": {"textDocument": {"uri": "a"}, "range": {"start": 1}}}),
        (ModelParams, {"action": "explode"}),
        (ModelParams, {"action": None}),
        (TrustParams, {"trusted": "no"}),
        (TrustParams, {"trusted": 0}),
    ],
)
def test_nothing_is_bent_into_its_type(kind: type[Any], data: Any):
    """A value of the wrong type is refused, never converted."""
    with pytest.raises((cattrs.BaseValidationError, ValueError, TypeError)):
        make_strict_converter().structure(data, kind)


def test_well_formed_params_are_taken():
    """All fields of ask arrive; unknown ones are ignored, for clients that are newer than the server."""
    data = {
        "question": "q",
        "context": {
            "textDocument": {"uri": "file:///a"},
            "range": {"start": {"line": 1, "character": 0}, "end": {"line": 2.0, "character": 0}},
        },
        "conversationId": "c",
        "workDoneToken": 1,
        "partialResultToken": "p",
        "mood": "curious",
    }
    params = make_strict_converter().structure(data, AskParams)
    assert (params.question, params.conversation_id, params.work_done_token, params.partial_result_token) == (
        "q",
        "c",
        1,
        "p",
    )
    assert params.context is not None
    assert params.context.range == Range(Position(1, 0), Position(2, 0))


def test_the_text_of_a_place_is_cut():
    """A line of megabytes travels as its beginning; a line of code travels whole, also inside a result."""
    place = Range(Position(0, 0), Position(0, 3))
    long, short = Citation("file:///a", "a", place, "x" * 2_000_000), Citation("file:///a", "a", place, "x = 1")
    span = Span("search", "", 0.0, 0.0, locations=(long, short))
    texts = [location["text"] for location in make_converter().unstructure(span)["locations"]]
    assert texts == ["x" * (LONGEST_TEXT - 1) + "…", "x = 1"]

"""An answer as the command line writes it: one-based lines, paths relative to the workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lsp_server.errors import InglenookError
from lsp_server.trace import TOOL_SPANS

Json = Mapping[str, Any]


def as_object(result: Json) -> dict[str, Any]:
    """Return the object of `--json` from an AskResult as the server sent it."""
    return {
        "answer": result["answer"],
        "outcome": result["outcome"],
        "citations": [_place(citation) | {"verified": citation["verified"]} for citation in result["citations"]],
        "evidence": _places(result["evidence"]),
        "trace": _trace(result["trace"]),
    }


def as_explanation(result: Json) -> dict[str, Any]:
    """Return the object of `explain --json` from an ExplainResult as the server sent it."""
    return {
        "markdown": result["markdown"],
        "cached": result["cached"],
        "citations": [_place(citation) | {"verified": citation["verified"]} for citation in result["citations"]],
        "trace": _trace(result["trace"]),
    }


def as_batch_line(name: Any, result: Json, seconds: float) -> dict[str, Any]:
    """Return the line of one answered question; `seconds` is what the caller waited."""
    answered = as_object(result)
    trace = answered.pop("trace")
    tools = [span["name"] for span in trace["spans"] if span["name"] in TOOL_SPANS]
    return {"id": name, **answered, "tools": tools, "seconds": round(seconds, 3), "trace": trace}


def as_error_line(name: Any, error: InglenookError) -> dict[str, Any]:
    """Return the line of a question that failed."""
    return {"id": name, "error": error.to_wire()}


def _trace(trace: Json) -> dict[str, Any]:
    spans = [dict(span) | {"locations": _places(span["locations"])} for span in trace["spans"]]
    return dict(trace) | {"spans": spans}


def _places(citations: Sequence[Json]) -> list[dict[str, Any]]:
    return [_place(citation) for citation in citations]


def _place(citation: Json) -> dict[str, Any]:
    lines = citation["range"]
    return {"path": citation["path"], "start": lines["start"]["line"] + 1, "end": lines["end"]["line"] + 1}

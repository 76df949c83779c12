"""Every word that the model is told, and the version of them all. No framework here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from lsp_server.dialects import DIALECTS, Dialect, call_body, schema
from lsp_server.engine.base import ToolCall, ToolSpec

RESULT_FORMAT = 2
"""Version of how results are written (results.py); raise it when a row's form changes."""

_TEXT: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 200}
_LINE: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": 9_999_999}
_KIND: dict[str, Any] = {"enum": ["class", "function", "method", "constant"]}

# The order of properties is the order of generation: what identifies comes before what narrows.
TOOLS: tuple[ToolSpec, ...] = (
    ToolSpec(
        name="search",
        signature="search(pattern, regex?, glob?)",
        summary="text in files, or its words",
        parameters=schema({"pattern": _TEXT, "regex": {"type": "boolean"}, "glob": _TEXT}, ["pattern"]),
    ),
    ToolSpec(
        name="symbols",
        signature="symbols(name?, kind?, inherits?, decorated_by?, calls?, raises?)",
        summary="definitions, subclasses, callers",
        parameters=schema(
            {
                "name": _TEXT,
                "kind": _KIND,
                "inherits": _TEXT,
                "decorated_by": _TEXT,
                "calls": _TEXT,
                "raises": _TEXT,
            },
            [],
        ),
    ),
    ToolSpec(
        name="read_file",
        signature="read_file(path, start?, end?)",
        summary="lines",
        parameters=schema({"path": _TEXT, "start": _LINE, "end": _LINE}, ["path"]),
    ),
    ToolSpec(
        name="run_command",
        signature="run_command(command)",
        summary="git log, show, blame, diff; ls, find, wc, head",
        parameters=schema({"command": _TEXT}, ["command"]),
    ),
)

PROBE_TOOL: ToolSpec = TOOLS[0]
"""The tool whose forced call proves, when a model is loaded, that it speaks its dialect."""

_FIRST_EXAMPLE = ("Where is Shape defined?", ToolCall("symbols", {"name": "Shape"}))

# One name throughout, so that only what is asked of it tells the calls apart: small models copy what differs.
_EXAMPLES = (
    ("Which classes inherit from Shape?", ToolCall("symbols", {"inherits": "Shape"})),
    ("Where is Shape used?", ToolCall("symbols", {"calls": "Shape"})),
    ("Where is Shape raised?", ToolCall("symbols", {"raises": "Shape"})),
    ("How are shapes drawn?", ToolCall("search", {"pattern": "draw shape"})),
)

_OPENING = """\
You answer questions about this workspace and about programming. \
For this workspace, first look with a tool:"""
_CALL_IN_WORDS = "A call is nothing but its fence:"
_CALL_NATIVELY = "Call in your own way, or reply with just a fence:"
_CLOSING = """\
Then answer in one to three short sentences. The rows of your last call are shown below your words: \
do not repeat them. Name places as `path:line`, from results only."""


def system_prompt(dialect: Dialect | None) -> str:
    """Return the system message: the task, the tools as signatures, and the rules of an answer.

    Args:
        dialect: How the model writes calls; None for a server that has its own way.
    """
    tools = "\n".join(f"{tool.signature}: {tool.summary}" for tool in TOOLS)
    how = _CALL_NATIVELY if dialect is None else _CALL_IN_WORDS
    question, call = _FIRST_EXAMPLE
    first = f"{question} {(dialect or DIALECTS['json-fence']).render_call(call)}"
    others = "\n".join(f"{question} {call_body(call)}" for question, call in _EXAMPLES)
    return f"{_OPENING}\n{tools}\n{how}\n{first}\n{others}\n{_CLOSING}"


def lookup_line(hits: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Return the line that names what of the question exists, or nothing where nothing does.

    Args:
        hits: Pairs of an identifier or path and the files that hold it; a path names itself.
    """
    named = [
        f"`{name}`" if tuple(paths) == (name,) or not paths else f"`{name}` in {', '.join(paths)}"
        for name, paths in hits
    ]
    return f"In this workspace: {'; '.join(named)}" if named else ""


def user_turn(question: str, *, lookup: str = "", selection: str = "") -> str:
    """Return the user's message: the question, then what was looked up, then the selection."""
    return "\n\n".join(piece for piece in (question, lookup, selection) if piece)


def selection_block(path: str, start: int, end: int, text: str, *, cut: int = 0) -> str:
    """Return a selection as the model sees it; `cut` is the number of lines that were left out."""
    note = f"\n({cut} more lines were left out)" if cut else ""
    return f"Selected, {path}:{start}-{end}:\n{text}{note}"


REPEATED = "(You have made this very call before; this is its result again. Answer now with what was found.)"
OUT_OF_CALLS = "(No more calls are possible. Answer now with what was found.)"
NO_WORDS = "The model found no words for this."


def unknown_tool(name: str) -> tuple[str, str]:
    """Return sentence and hint for a call of a tool that does not exist."""
    return f"There is no tool `{name[:60]}`.", "Tools: " + ", ".join(tool.signature for tool in TOOLS)


def _version() -> str:
    everything = {
        "system": [system_prompt(None), _CALL_IN_WORDS, _CALL_NATIVELY],
        "tools": [[tool.name, tool.signature, tool.summary, tool.parameters] for tool in TOOLS],
        "user": [
            lookup_line([("a", ["b"]), ("c", ["c"])]),
            user_turn("q", lookup="l", selection="s"),
            selection_block("p", 1, 2, "t", cut=3),
        ],
        "notes": [REPEATED, OUT_OF_CALLS, *unknown_tool("x")],
        "results": RESULT_FORMAT,
    }
    return hashlib.sha256(json.dumps(everything).encode()).hexdigest()[:16]


PROMPT_VERSION: str = _version()
"""Changes with any word that a model may have been tuned on."""

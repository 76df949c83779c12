"""What an example says before the product's tools have run: questions, calls and answers."""

from __future__ import annotations

from typing import Literal

import attrs

from lsp_server.engine.base import ToolCall

ToolKind = Literal[
    "subclasses",
    "definition",
    "callers",
    "decorated",
    "raised",
    "default",
    "constant",
    "signature",
    "where",
    "how",
    "implementation",
    "file",
    "folder",
    "history",
    "retry",
    "failure",
    "not-found",
    "follow-up",
    "selection-tool",
    "near-miss-tool",
]
"""Shapes of a question that only the workspace can answer."""

DirectKind = Literal[
    "concept",
    "comparison",
    "practice",
    "syntax",
    "architecture",
    "how-to",
    "snippet",
    "greeting",
    "near-miss-direct",
    "selection-direct",
    "follow-up-direct",
]
"""Shapes of a question that needs no look at the workspace."""

Kind = ToolKind | DirectKind | Literal["explanation"]


@attrs.frozen
class Lines:
    """Lines of a file of the codebase: a selection, or the symbol that begins there."""

    path: str
    start: int
    end: int


@attrs.frozen
class Ask:
    """One exchange."""

    question: str
    calls: tuple[ToolCall, ...]
    """In order; none for a direct answer."""
    answer: str
    """One to three sentences; places as `path:line`, each of them shown by a call or a selection."""
    selection: Lines | None = None


@attrs.frozen
class Example:
    """One conversation about one codebase."""

    kind: Kind
    codebase: str
    asks: tuple[Ask, ...]
    wording: str = ""
    """Which way of asking it was made with; empty where it was written by hand."""


@attrs.frozen
class Explanation:
    """What the model should say of a symbol that a person points at."""

    codebase: str
    symbol: Lines
    answer: str

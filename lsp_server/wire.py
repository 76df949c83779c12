"""Every message of ours on the language-server wire, once: names and typed shapes.

Field names are snake_case here and camelCase on the wire (the protocol's converter renames them).
"""

from __future__ import annotations

from typing import Literal

import attrs
from lsprotocol.types import Range, TextDocumentIdentifier

from lsp_server.trace import Citation, Span, Trace

ASK = "inglenook/ask"
MODEL = "inglenook/model"
TRUST = "inglenook/trust"
CLEAR_TRACE = "inglenook/clearTrace"
STATUS = "inglenook/status"

ASK_COMMAND = "inglenook.ask"
CLEAR_TRACE_COMMAND = "inglenook.clearTrace"

Outcome = Literal["answered", "notFound", "limit"]
EngineState = Literal["notSetUp", "unloaded", "starting", "loading", "ready", "busy", "failed"]
ModelAction = Literal["list", "plan", "build", "use", "unload", "remove"]
ProgressToken = int | str


@attrs.frozen
class AskContext:
    """Where the question was asked from."""

    text_document: TextDocumentIdentifier
    range: Range | None = None


@attrs.frozen
class AskParams:
    """Parameters of `inglenook/ask`."""

    question: str
    context: AskContext | None = None
    conversation_id: str | None = None
    work_done_token: ProgressToken | None = None
    partial_result_token: ProgressToken | None = None


@attrs.frozen
class AskResult:
    """A whole answer."""

    conversation_id: str
    answer: str
    """Markdown."""
    outcome: Outcome
    citations: tuple[Citation, ...]
    """The places that the model's own words name."""
    evidence: tuple[Citation, ...]
    """The rows that answer the question."""
    trace: Trace


@attrs.frozen
class TextPart:
    """A piece of the answer as the model speaks."""

    delta: str
    kind: Literal["text"] = "text"


@attrs.frozen
class CitationPart:
    """A place that was just checked."""

    citation: Citation
    kind: Literal["citation"] = "citation"


@attrs.frozen
class SpanPart:
    """A step that just ended."""

    span: Span
    kind: Literal["span"] = "span"


@attrs.frozen
class ResetPart:
    """Withdraws the text so far: the turn became a call."""

    kind: Literal["reset"] = "reset"


AskPart = TextPart | CitationPart | SpanPart | ResetPart


@attrs.frozen
class ModelParams:
    """Parameters of `inglenook/model`."""

    action: ModelAction
    recipe: str | None = None
    work_done_token: ProgressToken | None = None


@attrs.frozen
class ModelInfo:
    """One recipe and what is on disk of it."""

    recipe: str
    title: str
    built: bool
    path: str | None = None
    bytes_on_disk: int | None = None
    plan: str | None = None
    """Download, disk and memory needs, for a person; present after the action `plan`."""


@attrs.frozen
class ModelResult:
    """Result of `inglenook/model`."""

    models: tuple[ModelInfo, ...]
    current: str | None


@attrs.frozen
class TrustParams:
    """Parameters of `inglenook/trust`."""

    trusted: bool


@attrs.frozen
class ClearTraceParams:
    """Parameters of `inglenook/clearTrace`: none."""


@attrs.frozen
class EngineStatus:
    """What the engine is doing."""

    state: EngineState
    model: str | None = None
    device: str | None = None
    percent: int | None = None
    """Loading progress, 0 to 100."""
    queued: int = 0
    """Requests that wait behind the one that runs."""
    memory_bytes: int | None = None
    message: str | None = None
    """One sentence for a person; set when the state is `failed` or `notSetUp`."""
    hint: str | None = None
    pid: int | None = None


@attrs.frozen
class StatusParams:
    """Parameters of `inglenook/status`."""

    engine: EngineStatus

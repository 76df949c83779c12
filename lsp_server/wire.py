"""Every message of ours on the language-server wire, once: names and typed shapes.

Field names are snake_case here and camelCase on the wire (the protocol's converter renames them).
"""

from __future__ import annotations

from typing import Literal

import attrs
from lsprotocol.types import Position, Range, TextDocumentIdentifier

from lsp_server.errors import InglenookError, ModelMissing
from lsp_server.kinds import HitKind, SearchKind
from lsp_server.trace import Citation, Span, Trace

ASK = "inglenook/ask"
EXPLAIN = "inglenook/explain"
SEARCH = "inglenook/search"
MODEL = "inglenook/model"
TRUST = "inglenook/trust"
CLEAR_TRACE = "inglenook/clearTrace"
STATUS = "inglenook/status"

ASK_COMMAND = "inglenook.ask"
EXPLAIN_COMMAND = "inglenook.explain"
SEARCH_COMMAND = "inglenook.search"
CLEAR_TRACE_COMMAND = "inglenook.clearTrace"

Outcome = Literal["answered", "notFound", "limit"]
EngineState = Literal["notSetUp", "unloaded", "starting", "loading", "ready", "busy", "failed"]
IndexState = Literal["off", "starting", "indexing", "ready", "direct"]
"""`direct`: there is no index to be had, and every search reads the files; `off`: no folder is open."""
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
class ExplainParams:
    """Parameters of `inglenook/explain`."""

    text_document: TextDocumentIdentifier
    position: Position
    range: Range | None = None
    """Explain this selection instead of the symbol at `position`."""
    refresh: bool = False
    """Make a new explanation although there is one."""
    work_done_token: ProgressToken | None = None
    partial_result_token: ProgressToken | None = None
    """Partial results are those of ask."""


@attrs.frozen
class ExplainResult:
    """The model's words about a symbol or selection."""

    markdown: str
    """The model's own words, as in an answer: what renders them must load no remote image and trust no command link."""
    cached: bool
    """Whether the words were there before the request."""
    citations: tuple[Citation, ...]
    trace: Trace


@attrs.frozen
class SearchParams:
    """Parameters of `inglenook/search`."""

    query: str
    kind: SearchKind = "auto"
    limit: int | None = None
    """The most hits to return; the server's own limit by default."""
    wait: bool = False
    """Search when everything is indexed, however long that takes, instead of what is there now."""
    work_done_token: ProgressToken | None = None
    partial_result_token: ProgressToken | None = None


@attrs.frozen
class SearchHit:
    """One place that matches."""

    uri: str
    path: str
    """Relative to the workspace folder, forward slashes; what tells same-named files apart."""
    range: Range
    """The match itself or the name of the definition, in the client's position encoding."""
    text: str
    """The line of code; for a definition its signature's line."""
    kind: HitKind
    score: float
    """Higher is better; comparable within one result."""
    marks: tuple[tuple[int, int], ...] = ()
    """What to highlight in `text`: start and end in UTF-16 units."""
    name: str | None = None
    """The definition's qualified name, or that of the one around the hit."""
    by_name: bool = False
    """A reference that was matched by its name alone: imports do not decide what it means."""


@attrs.frozen
class IndexFreshness:
    """How true a result is."""

    files: int
    stale: int
    note: str | None = None


@attrs.frozen
class SearchResult:
    """Hits, best first."""

    hits: tuple[SearchHit, ...]
    total: int
    """How many there are, also beyond `hits`."""
    elapsed_ms: float
    """Of the search itself, without waiting for the index."""
    freshness: IndexFreshness
    kind: SearchKind = "auto"
    """What the query was taken as; never `auto` in an answer."""
    note: str | None = None
    """One sentence about what was left out, or how the query was read."""


@attrs.frozen
class HitsPart:
    """The best hits so far; each replaces the one before."""

    hits: tuple[SearchHit, ...]
    kind: Literal["hits"] = "hits"


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
    outdated: bool = False
    """It was built for an earlier version; building it again makes the one of this version."""
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
    kind: str | None = None
    """The kind of the failure (errors.py), for those who act on it."""
    pid: int | None = None

    @classmethod
    def of_failure(cls, error: InglenookError) -> EngineStatus:
        """Return the status of an engine that does not serve because of `error`."""
        state = "notSetUp" if isinstance(error, ModelMissing) else "failed"
        return cls(state, message=error.sentence, hint=error.hint, kind=error.kind)


@attrs.frozen
class IndexStatus:
    """What the index is doing."""

    state: IndexState
    files: int = 0
    """Files whose present text is indexed."""
    stale: int = 0
    """Files that wait to be."""
    percent: int | None = None
    """Of the work at hand, 0 to 100."""
    message: str | None = None
    """One sentence for a person; set when the state is `direct`, or when not everything fits."""


@attrs.frozen
class StatusParams:
    """Parameters of `inglenook/status`."""

    engine: EngineStatus
    index: IndexStatus = IndexStatus("off")

"""src/protocol.ts: every message on the wire, every setting and every kind of failure, for TypeScript."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs
from lsprotocol.types import Position, Range, TextDocumentIdentifier

from generate_typescript import Names, alias, comment, documented, interface, type_of
from lsp_server import kinds, trace, wire
from lsp_server.errors import InglenookError
from lsp_server.lsp.options import Options
from lsp_server.settings import CLIENT_DECLARATIONS, DECLARATIONS, ClientSettings, Declaration, Settings

HEADER = """\
// Made by generate.py from lsp_server/wire.py, trace.py, kinds.py, settings.py and errors.py. Do not edit.

"""

ALIASES: Mapping[str, Any] = {
    "ProgressToken": wire.ProgressToken,
    "SearchKind": kinds.SearchKind,
    "HitKind": kinds.HitKind,
    "SpanName": trace.SpanName,
    "Outcome": wire.Outcome,
    "EngineState": wire.EngineState,
    "IndexState": wire.IndexState,
    "ModelAction": wire.ModelAction,
}
NAMES: Names = {value: name for name, value in ALIASES.items()}

STANDARD: Mapping[type[Any], str] = {
    Position: "A place in a document: zero-based line, and UTF-16 code units from its beginning.",
    Range: "A stretch of a document; the end is exclusive.",
    TextDocumentIdentifier: "A document, by its URI.",
}

RECEIVED: tuple[type[Any], ...] = (
    trace.Citation,
    trace.Span,
    trace.Timing,
    trace.Trace,
    wire.AskResult,
    wire.TextPart,
    wire.CitationPart,
    wire.SpanPart,
    wire.ResetPart,
    wire.ExplainResult,
    wire.SearchHit,
    wire.IndexFreshness,
    wire.SearchResult,
    wire.HitsPart,
    wire.ModelInfo,
    wire.ModelResult,
    wire.EngineStatus,
    wire.IndexStatus,
    wire.StatusParams,
)
SENT: tuple[type[Any], ...] = (
    wire.AskContext,
    wire.AskParams,
    wire.ExplainParams,
    wire.SearchParams,
    wire.ModelParams,
    wire.ClearTraceParams,
    wire.TrustParams,
)

REQUESTS: tuple[tuple[str, type[Any], str, str], ...] = (
    (wire.ASK, wire.AskParams, "AskResult", "AskPart"),
    (wire.EXPLAIN, wire.ExplainParams, "ExplainResult", "AskPart"),
    (wire.SEARCH, wire.SearchParams, "SearchResult", "HitsPart"),
    (wire.MODEL, wire.ModelParams, "ModelResult", "never"),
    (wire.CLEAR_TRACE, wire.ClearTraceParams, "null", "never"),
)
"""Method, parameters, result, partial results."""

SERVER_ONLY_KINDS = ("cancelled", "superseded", "protocol")
"""Kinds of failure that the server's door adds to the family in errors.py."""


def protocol() -> str:
    """Return the whole file."""
    blocks = [*_aliases(), *_messages(), _methods(), _requests(), *_failures(), _options(), _settings()]
    return HEADER + "\n".join(blocks)


def _aliases() -> Iterator[str]:
    docs = {**documented(wire), **documented(trace), **documented(kinds)}
    for name, value in ALIASES.items():
        yield alias(name, value, {}, docs.get(name, ""))


def _messages() -> Iterator[str]:
    for cls, doc in STANDARD.items():
        yield interface(cls, NAMES, sent=False, doc=doc)
    for cls in RECEIVED:
        yield interface(cls, NAMES, sent=False)
    yield alias("AskPart", wire.AskPart, NAMES, "A partial result of ask and of explain.")
    for cls in SENT:
        yield interface(cls, NAMES, sent=True)


def _methods() -> str:
    methods = {
        "ask": wire.ASK,
        "explain": wire.EXPLAIN,
        "search": wire.SEARCH,
        "model": wire.MODEL,
        "clearTrace": wire.CLEAR_TRACE,
        "trust": wire.TRUST,
        "status": wire.STATUS,
    }
    lines = "".join(f"  {name}: '{method}',\n" for name, method in methods.items())
    return f"{comment('The names of our messages.')}export const METHODS = {{\n{lines}}} as const;\n"


def _requests() -> str:
    lines = "".join(
        f"  readonly '{method}': {{ readonly params: {params.__name__}; readonly result: {result}; "
        f"readonly part: {part} }};\n"
        for method, params, result, part in REQUESTS
    )
    return f"{comment('What each request takes, returns and streams.')}export interface Requests {{\n{lines}}}\n"


def _failures() -> Iterator[str]:
    family = [InglenookError, *_below(InglenookError)]
    members = (*(error.kind for error in family), *SERVER_ONLY_KINDS)
    kinds = "".join(f"  '{kind}',\n" for kind in members)
    yield f"{comment('Every kind of failure.')}export const ERROR_KINDS = [\n{kinds}] as const;\n"
    yield (
        f"{comment('What a failure is, for those who act on it.')}"
        "export type ErrorKind = (typeof ERROR_KINDS)[number];\n"
    )
    yield (
        f"{comment('The `data` of every error that the server answers with.')}export interface ErrorData {{\n"
        "  readonly kind: ErrorKind;\n"
        f"{comment('What to do about it; may be empty.', '  ')}  readonly hint: string;\n}}\n"
    )


def _below(cls: type[InglenookError]) -> Iterator[type[InglenookError]]:
    for error in cls.__subclasses__():
        if error.__module__ == InglenookError.__module__:
            yield error
            yield from _below(error)


def _options() -> str:
    return interface(Options, NAMES, sent=True).replace("interface Options", "interface InitializationOptions")


def _settings() -> str:
    lines = "".join(_setting(declared, Settings) for declared in DECLARATIONS)
    lines += "".join(_setting(declared, ClientSettings) for declared in CLIENT_DECLARATIONS)
    return f"{comment('Every setting below `inglenook.`, by its key.')}export interface Settings {{\n{lines}}}\n"


def _setting(declared: Declaration, cls: type[Any]) -> str:
    hint = attrs.resolve_types(cls) and attrs.fields_dict(cls)[declared.field].type
    return f"{comment(declared.description, '  ')}  readonly '{declared.key}': {type_of(hint, {})};\n"

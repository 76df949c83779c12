"""The envelopes of our own messages, so that their parameters arrive typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from lsp_server import wire

MessageId = int | str


@attrs.define
class AskRequest:
    """`inglenook/ask`."""

    id: MessageId
    params: wire.AskParams
    method: str = wire.ASK
    jsonrpc: str = "2.0"


@attrs.define
class ExplainRequest:
    """`inglenook/explain`."""

    id: MessageId
    params: wire.ExplainParams
    method: str = wire.EXPLAIN
    jsonrpc: str = "2.0"


@attrs.define
class SearchRequest:
    """`inglenook/search`."""

    id: MessageId
    params: wire.SearchParams
    method: str = wire.SEARCH
    jsonrpc: str = "2.0"


@attrs.define
class ModelRequest:
    """`inglenook/model`."""

    id: MessageId
    params: wire.ModelParams
    method: str = wire.MODEL
    jsonrpc: str = "2.0"


@attrs.define
class ClearTraceRequest:
    """`inglenook/clearTrace`."""

    id: MessageId
    params: wire.ClearTraceParams | None = None
    method: str = wire.CLEAR_TRACE
    jsonrpc: str = "2.0"


@attrs.define
class TrustNotification:
    """`inglenook/trust`."""

    params: wire.TrustParams
    method: str = wire.TRUST
    jsonrpc: str = "2.0"


@attrs.define
class StatusNotification:
    """`inglenook/status`."""

    params: wire.StatusParams
    method: str = wire.STATUS
    jsonrpc: str = "2.0"


OUR_MESSAGES: Mapping[str, type[Any]] = {
    wire.ASK: AskRequest,
    wire.EXPLAIN: ExplainRequest,
    wire.SEARCH: SearchRequest,
    wire.MODEL: ModelRequest,
    wire.CLEAR_TRACE: ClearTraceRequest,
    wire.TRUST: TrustNotification,
    wire.STATUS: StatusNotification,
}

"""Our kinds of definitions in the protocol's words."""

from __future__ import annotations

from collections.abc import Mapping

from lsprotocol.types import SymbolKind

_KINDS: Mapping[str, SymbolKind] = {
    "class": SymbolKind.Class,
    "function": SymbolKind.Function,
    "method": SymbolKind.Method,
    "constant": SymbolKind.Constant,
    "heading": SymbolKind.String,
    "module": SymbolKind.Module,
    "file": SymbolKind.File,
}


def symbol_kind(kind: str, *, minor: bool = False) -> SymbolKind:
    """Return the protocol's kind; `minor` is an assignment that is no constant by its name."""
    return SymbolKind.Variable if minor else _KINDS.get(kind, SymbolKind.Variable)

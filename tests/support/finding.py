"""Hits of the search engine, as a test reads them."""

from __future__ import annotations

from lsp_server.workspace.hits import Found, Hit
from lsp_server.workspace.workspace import Workspace


def shown(found: Found) -> list[str]:
    """Return each hit as `kind path:line marked`."""
    return [f"{hit.kind} {hit.located.relative}:{hit.line} {marked(hit)}" for hit in found.hits]


def marked(hit: Hit) -> str:
    """Return the marked characters, pieces joined by `+`."""
    return "+".join(hit.text[start:end] for start, end in hit.marks)


def in_range(workspace: Workspace, hit: Hit) -> str:
    """Return the text that a hit's bytes hold."""
    return workspace.files.data(hit.located)[hit.start : hit.end].decode()

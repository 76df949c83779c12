"""What a search finds, as values that know neither editor nor encoding."""

from __future__ import annotations

import attrs

from lsp_server.kinds import HitKind, SearchKind
from lsp_server.workspace.places import Located
from lsp_server.workspace.view import Freshness


@attrs.frozen
class Hit:
    """One place that matches."""

    located: Located
    start: int
    """First byte of the match, or of the definition's name, in the file's normal text."""
    end: int
    line: int
    """One-based, of `start`."""
    text: str
    """That line, cut around the match."""
    marks: tuple[tuple[int, int], ...]
    """What matches in `text`: start and end in characters."""
    kind: HitKind
    score: float
    """Higher is better; comparable within one answer only."""
    name: str = ""
    """Qualified name of the definition, or of the one around the hit."""
    by_name: bool = False
    """Whether it was matched by its name alone, imports deciding nothing."""


@attrs.frozen
class Found:
    """The answer to one query."""

    hits: tuple[Hit, ...]
    """Best first."""
    total: int
    """How many there are, also beyond `hits`."""
    kind: SearchKind
    """What the query was taken as; never `auto`."""
    freshness: Freshness
    note: str = ""
    """One sentence about what was left out, or how the query was read."""

"""What can be searched for, and what a hit can be."""

from __future__ import annotations

from typing import Literal, get_args

SearchKind = Literal["auto", "words", "exact", "regex", "symbol"]
SEARCH_KINDS: tuple[SearchKind, ...] = get_args(SearchKind)

HitKind = Literal[
    "class",
    "function",
    "method",
    "constant",
    "heading",
    "module",
    "call",
    "raise",
    "text",
    "passage",
    "file",
]
"""`module` is code outside any definition, `passage` a stretch that matches words."""

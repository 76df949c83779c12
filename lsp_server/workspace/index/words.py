"""Splits identifiers into the words they are made of: `parse_HTTPRequest` is parse, HTTP, Request."""

from __future__ import annotations

import re

_SEAM = re.compile(r"[A-Z](?:(?<=[a-z0-9].)|(?<=[A-Z].)(?=[a-z]))")
"""The capital after a seam; it begins with what is rare, so that most of a text is passed over quickly."""
_WORD = re.compile(r"[^\W_]+")
_MAX_WORDS = 64
"""Further words of a query are left out."""


def spaced(text: str) -> str:
    """Return a text with a space at each seam of camel case; what is no letter or digit separates words anyway."""
    return _SEAM.sub(r" \g<0>", text)


def words(text: str) -> list[str]:
    """Return the words of a query, identifiers split, each once."""
    return list(dict.fromkeys(word.lower() for word in _WORD.findall(spaced(text))))[:_MAX_WORDS]

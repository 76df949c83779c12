"""Small pieces of English that all generators use."""

from __future__ import annotations

from collections.abc import Sequence


def capital(text: str) -> str:
    """Return the text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def listed(names: Sequence[str], link: str = "and") -> str:
    """Return names as code in words: "`a`, `b` and `c`"."""
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {link} {quoted[-1]}"

"""The words that the index's processes share: states, limits, what may fail, and how roles are written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import attrs

from lsp_server.workspace.facts import Role
from lsp_server.workspace.ignoring import IGNORE_FILES

State = Literal["starting", "indexing", "ready", "direct"]

MAX_FILES = 200_000
"""Further files of one workspace folder are not indexed."""
MAX_TEXT_BYTES = 2_000_000_000
"""Nor are those that would make its texts longer than this."""
MAX_PARSED_BYTES = 4_000_000
"""Larger files are data, not code: text alone."""
MAX_RANKED_BYTES = 400_000
"""Only so much of a file's beginning is searched by ranked words."""

EXCLUDE_FILE = ".git/info/exclude"
"""The one file among version control's own whose changes matter: it says what is ignored."""

_RULES = frozenset({*IGNORE_FILES, "exclude"})

ROLE_BITS: dict[Role, int] = {"define": 1, "call": 2, "raise": 4, "inherit": 8, "decorate": 16, "import": 32}


def decides_about_others(path: str) -> bool:
    """Say whether a change at a relative path may change which other files are seen: the folder, or ignore rules."""
    return not path or path.rpartition("/")[2] in _RULES


def role_bits(roles: Iterable[Role]) -> int:
    """Return the roles as the bits under which the store keeps them."""
    bits = 0
    for role in roles:
        bits |= ROLE_BITS[role]
    return bits


@attrs.frozen
class IndexState:
    """What the index is doing."""

    state: State = "starting"
    files: int = 0
    """Files whose present text is indexed."""
    stale: int = 0
    """Files that wait to be."""
    percent: int | None = None
    """Of the work at hand, 0 to 100."""
    message: str | None = None
    """One sentence for a person, when something is not as it should be."""
    unranked: int = 0
    """Files that are found by names and text, and not yet by ranked words: those follow when it is ready."""


class CacheUnusable(Exception):
    """The cache folder cannot be written: full, denied or gone. Its text is one sentence for a person."""


class StoreCorrupt(Exception):
    """What lies in the cache folder is damaged, or was written by something else."""


class RootGone(Exception):
    """The workspace folder is no longer there. Its text is one sentence for a person."""

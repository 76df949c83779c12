"""What tools return: rows with their places, counted, and slices and outputs with their notes."""

from __future__ import annotations

from typing import Generic, Literal, TypeVar, get_args

import attrs

from lsp_server.workspace.places import Place

MAX_ROWS = 2000
"""No result holds more rows than this; `Rows.total` still counts them all."""
MAX_LINE = 300
"""Longer lines are cut to this many characters when shown."""

Kind = Literal["class", "function", "method", "constant"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@attrs.frozen
class TextRow:
    """A line that a pattern matched."""

    place: Place
    text: str
    """The line without trailing white space, cut to `MAX_LINE` characters around the match."""
    within: str = ""
    """Qualified name of the definition around, of a row that was found by words."""


@attrs.frozen
class SymbolRow:
    """A definition, or a call or raise site inside one."""

    place: Place
    """A definition's whole extent, from its `def` or `class` line; a site's one line."""
    kind: Kind | Literal["heading", "module"]
    """Of the definition, or of the one that encloses the site; `module` for a site outside any."""
    name: str
    """Qualified within the file: `Registry.register_factory`; the file's stem for kind `module`."""
    signature: str
    """One line to show after the kind: `Registry.get(self, key: str = "") -> int`, `Foo(Base)`, `MAX = 3`."""
    relation: str = ""
    """A site's line of code; empty for a definition."""


RowT = TypeVar("RowT", TextRow, SymbolRow)


@attrs.frozen
class Rows(Generic[RowT]):
    """The rows of one call."""

    rows: tuple[RowT, ...]
    """Complete up to `MAX_ROWS`, in the order of `ranking`, then by line; what is nearest by words, by its nearness."""
    total: int
    """How many there are, also beyond `rows`."""
    files: int
    """How many files were looked through."""
    note: str = ""
    """One sentence when the result is not the whole truth."""
    in_code: bool = True
    """Whether any row stands in code, not in prose, tests, vendored files or records alone; of a search for text."""
    by_words: int = 0
    """How many rows, the first ones, do not hold the pattern but are nearest to it by its words, best first."""


@attrs.frozen
class FileSlice:
    """Consecutive lines of a file or of its unsaved buffer."""

    place: Place
    lines: tuple[str, ...]
    """Without line ends, each cut to `MAX_LINE` characters."""
    total_lines: int


@attrs.frozen
class CommandOutput:
    """What a read-only command printed."""

    argv: tuple[str, ...]
    """The command as it was understood."""
    text: str
    exit_code: int
    note: str = ""
    """What was left out and why; empty when nothing was."""


@attrs.frozen
class LookupHit:
    """A name of a question that exists in the workspace."""

    name: str
    """As the question writes it."""
    paths: tuple[str, ...]
    """The files that define it, or the file itself; most telling first."""


def cut(text: str, around: int = 0, limit: int = MAX_LINE) -> str:
    """Return at most `limit` characters of `text`, such that the character at index `around` stays visible."""
    if len(text) <= limit:
        return text
    start = 0 if around < limit - 40 else min(around - 40, len(text) - limit)
    piece = text[start : start + limit]
    return ("…" if start else "") + piece + ("…" if start + limit < len(text) else "")

"""What passes between a window and the indexer: one JSON object a line, tagged by its kind."""

from __future__ import annotations

import json
from functools import cache
from typing import cast

import attrs
from cattrs import Converter
from cattrs.strategies import configure_tagged_union

from lsp_server.workspace.index.base import IndexState

MAX_LINE_BYTES = 256 * 2**20


@attrs.frozen
class Hello:
    """The first message of a window."""

    watch: bool
    """The window's editor cannot tell of changed files: the indexer watches them."""


@attrs.frozen
class Changed:
    """Paths relative to the folder that may have changed; answered by Done."""

    number: int
    paths: tuple[str, ...]


@attrs.frozen
class ParseText:
    """A buffer's text, to be parsed before anything else; answered by ParsedText."""

    number: int
    path: str
    text: str


@attrs.frozen
class Cancel:
    """Stop indexing until something changes."""


@attrs.frozen
class Corrupt:
    """The window cannot read a generation."""

    generation: str


@attrs.frozen
class Told:
    """What the indexer does, and what there is to read."""

    state: IndexState
    generation: str = ""
    """Empty while there is nothing to read."""
    revision: int = 0
    parsed: int = 0
    """Texts that were parsed since the indexer began."""
    pid: int = 0


@attrs.frozen
class Done:
    """What Changed named is indexed as it stands."""

    number: int


@attrs.frozen
class ParsedText:
    """The facts of a buffer as `fact_json` writes them; empty where they could not be made."""

    number: int
    facts: str


Message = Hello | Changed | ParseText | Cancel | Corrupt | Told | Done | ParsedText


@cache
def _converter() -> Converter:
    converter = Converter()
    configure_tagged_union(Message, converter, tag_name="is")
    return converter


def encode(message: Message) -> bytes:
    """Return the message as one line."""
    return json.dumps(_converter().unstructure(message, Message)).encode() + b"\n"


def decode(line: bytes) -> Message:
    """Return the message that a line holds.

    Raises:
        ValueError: the line is no message of ours.
    """
    try:
        return _converter().structure(json.loads(line), cast("type[Message]", Message))
    except Exception as error:
        raise ValueError(f"Not a message: {line[:80]!r}") from error

"""What stands nearest to a phrase that no line holds: the lines that hold most of its words."""

from __future__ import annotations

import re
from collections.abc import Callable

from lsp_server.workspace.globs import file_filter
from lsp_server.workspace.hits import Hit
from lsp_server.workspace.rows import Rows, TextRow
from lsp_server.workspace.searching.find import find
from lsp_server.workspace.searching.word_hits import asked_words
from lsp_server.workspace.view import View

MOST_ROWS = 6
"""More would drown the one that answers."""
_LOOKED_AT = 60
"""Hits among which a glob chooses."""
_PHRASE = re.compile(r"[\w'-]+(?:\s+[\w'-]+)+")


def is_phrase(pattern: str) -> bool:
    """Say whether a pattern is several words that say what is looked for, and no code."""
    return _PHRASE.fullmatch(pattern.strip()) is not None and len(asked_words(pattern)) > 1


def nearest(view: View, phrase: str, glob: str | None, files: int, cancelled: Callable[[], bool]) -> Rows[TextRow]:
    """Return the lines that match the words of `phrase` best, best first.

    Args:
        view: the files.
        phrase: words that no line holds as they stand.
        glob: only files that match it.
        files: how many files were looked through.
        cancelled: ends the search, which returns what it has.
    """
    wanted = file_filter(glob, view.files.scope.show)
    limit = _LOOKED_AT if glob else MOST_ROWS
    found = find(view, phrase.strip(), "words", limit=limit, cancelled=cancelled, first=None)
    rows = [
        TextRow(view.files.place(hit.located, hit.line, hit.line), hit.text.strip(), within=_owner(hit))
        for hit in found.hits
        if wanted(hit.located)
    ][:MOST_ROWS]
    return Rows(tuple(rows), len(rows), files, by_words=True)


def _owner(hit: Hit) -> str:
    """Return the name of the definition around a hit; nothing where its line says it already."""
    return "" if hit.name.rpartition(".")[2] in hit.text else hit.name

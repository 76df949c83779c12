"""What stands nearest to a phrase that no line of code holds: the lines that hold most of its words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

import attrs

from lsp_server.workspace.globs import file_filter
from lsp_server.workspace.hits import Hit
from lsp_server.workspace.places import Located
from lsp_server.workspace.ranking import is_own_code
from lsp_server.workspace.rows import MAX_ROWS, Rows, TextRow
from lsp_server.workspace.searching.find import find
from lsp_server.workspace.searching.word_hits import asked_words, asks_for_tests, has_words
from lsp_server.workspace.view import View

MOST_ROWS = 6
"""More would drown the one that answers."""
_MOST_OF_A_FILE = 3
_SHARED = 2
_LOOKED_AT = 60
"""Hits from which the rows are taken."""
_MOST_ABOUT = 8
"""Words of a question: more would drown the phrase."""
_LONGEST = 40
"""Letters of a word; what is longer, such as a key, is no word."""
_PHRASE = re.compile(r"[\w'-]+(?:\s+[\w'-]+)+")


def is_phrase(pattern: str) -> bool:
    """Say whether a pattern is several words that say what is looked for, and no code."""
    return _PHRASE.fullmatch(pattern.strip()) is not None and len(asked_words(pattern)) > 1


def nearest(  # noqa: PLR0913 - each is a different thing
    view: View, phrase: str, found: Rows[TextRow], *, about: str, glob: str | None, cancelled: Callable[[], bool]
) -> Rows[TextRow]:
    """Return the lines that match the words of `phrase` best, best first, and below them what was found.

    Args:
        view: the files.
        phrase: words that no line of code holds as they stand.
        found: where they stand outside of code. It is returned alone to who looks there: by a glob, or for tests.
        about: the question that they were taken from; its words count as well. May be empty.
        glob: only files that match it.
        cancelled: ends the search, which returns what it has.
    """
    words = asked_words(phrase)
    if found.total and (glob or asks_for_tests(words)):
        return found
    wanted = file_filter(glob, view.files.scope.show)
    beside = [word for word in asked_words(about) if len(word) <= _LONGEST]
    near = find(
        view,
        " ".join((phrase.strip(), *beside[:_MOST_ABOUT])),
        "words",
        limit=_LOOKED_AT,
        cancelled=cancelled,
        first=None,
    )
    hits = [hit for hit in near.hits if wanted(hit.located)]
    if found.total:  # a word alone is no reason to stand before the phrase itself
        hits = [hit for hit in hits if is_own_code(hit.located.relative) and has_words(hit.text, words, _SHARED)]
    rows = tuple(
        TextRow(view.files.place(hit.located, hit.line, hit.line), hit.text.strip(), within=_owner(hit))
        for hit in _of_many_files(hits)
    )
    together = (*rows, *found.rows)[:MAX_ROWS]
    return attrs.evolve(found, rows=together, total=len(rows) + found.total, by_words=len(rows))


def _of_many_files(hits: Sequence[Hit]) -> Sequence[Hit]:
    """Return the best hits, so many of each file that it hides no other."""
    of_file: Counter[Located] = Counter()
    kept: list[Hit] = []
    for hit in hits:
        of_file[hit.located] += 1
        if of_file[hit.located] <= _MOST_OF_A_FILE and len(kept) < MOST_ROWS:
            kept.append(hit)
    return kept


def _owner(hit: Hit) -> str:
    """Return the name of the definition around a hit; nothing where its line says it already."""
    return "" if hit.name.rpartition(".")[2] in hit.text else hit.name

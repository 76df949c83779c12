"""Ranked words for the few files that changed since the index ranked them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from lsp_server.workspace.facts import Facts
from lsp_server.workspace.index.passages import Stretch, stretches
from lsp_server.workspace.index.words import words
from lsp_server.workspace.places import Located
from lsp_server.workspace.view import Passage

_STEM = 5
"""Letters of a word that must be found: what follows may be an ending."""


def rank_changed(
    query: str, best: float, texts: Iterable[tuple[Located, bytes]], facts: Callable[[Located], Facts]
) -> Iterator[Passage]:
    """Yield passages scored by the share of the query's words that they hold, `best` for all of them.

    A library's score weighs words by how rare they are everywhere, which a few files cannot tell; squaring the share
    keeps passages with one common word below those that the index ranks high.
    """
    asked = [word[:_STEM].encode() for word in words(query)]
    for located, data in texts:
        folded = data.lower()
        if not any(word in folded for word in asked):
            continue
        for stretch in stretches(located.relative, data, facts(located)):
            share = _share(asked, located.relative, stretch)
            if share:
                yield Passage(located, stretch.start, stretch.end, stretch.name, best * share * share)


def _share(asked: list[bytes], path: str, stretch: Stretch) -> float:
    body = stretch.body.lower().encode("utf-8", "replace")
    if not any(word in body for word in asked):
        return 0.0
    around = f"{path} {stretch.name}".lower().encode("utf-8", "replace")
    return sum(word in body or word in around for word in asked) / len(asked)

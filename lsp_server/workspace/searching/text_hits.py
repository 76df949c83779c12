"""Finds lines that hold a text or match an expression: whole words first, definitions before uses."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterator
from itertools import groupby, islice
from operator import itemgetter

import attrs

from lsp_server.workspace.hits import Hit
from lsp_server.workspace.patterns import Finder, Spot
from lsp_server.workspace.places import Located
from lsp_server.workspace.ranking import is_record, order, rank
from lsp_server.workspace.searching.excerpts import excerpt, whole
from lsp_server.workspace.searching.hit_lists import HitList, around
from lsp_server.workspace.symbols import holds_code
from lsp_server.workspace.view import Cancelled, View

MOST_COUNTED = 20_000
"""Matching lines; beyond these, one of each further file is counted."""
_MOST_MARKS = 20
_AT_ONCE = 5
"""Lines of one file that are shown before those of the next."""
_TELL_SECONDS = 0.1
"""The first list is told after this time, the next after twice as long, and so on."""
_TOLD_HITS = 20
"""Of the lists that are told on the way."""

Told = Callable[[HitList], None]
_RECORD = 2
"""The rank of a changelog and its like, as if it were vendored."""
_Before = tuple[int, bool, bool]
"""Rank of a file, whether others come first, and whether it is no code."""


@attrs.define
class _Gathered:
    """What was found so far: a few lines of each file, and how many there are."""

    limit: int
    spots: dict[Located, list[Spot]] = attrs.field(factory=dict[Located, list[Spot]])
    total: int = 0

    def add(self, finder: Finder, located: Located, data: bytes) -> None:
        """Take the lines of one file."""
        found = finder.spots(data)
        kept = list(islice(found, self.limit if self.total < MOST_COUNTED else 1))
        self.total += len(kept)
        if len(kept) == self.limit and self.total < MOST_COUNTED:
            self.total += sum(1 for _ in islice(found, MOST_COUNTED - self.total))
        if kept:
            self.spots[located] = kept

    def best(self, first: Container[Located]) -> Iterator[tuple[_Before, Located, list[Spot]]]:
        """Yield lines in the order in which they are shown: a few of each file before many of one."""
        files = [(_before(located, first), order(located), located) for located in self.spots]
        for before, group in groupby(sorted(files, key=itemgetter(0, 1)), key=itemgetter(0)):
            alike = [located for _, _, located in group]
            for at in range(0, self.limit, _AT_ONCE):
                for located in alike:
                    spots = self.spots[located][at : at + _AT_ONCE]
                    if spots:
                        yield before, located, spots


def _before(located: Located, first: Container[Located]) -> _Before:
    last = _RECORD if is_record(located.relative) else 0
    return max(rank(located.relative), last), located not in first, not holds_code(located)


def text_list(  # noqa: PLR0913 - each is a different thing
    view: View,
    finder: Finder,
    limit: int,
    stop: Cancelled,
    *,
    tell: Told | None = None,
    first: Container[Located] = (),
) -> HitList:
    """Return the matching lines, code before tests before vendored, and a few of each file before many of one.

    Args:
        view: the files.
        finder: matches lines.
        limit: how many lines are wanted.
        stop: ends the search early.
        tell: hears better and better lists.
        first: files whose lines come before others of their rank.
    """
    gathered = _Gathered(limit)
    wait, told = _TELL_SECONDS, time.monotonic()
    for located, data in view.holding(finder.sieve, _any_file, stop):
        gathered.add(finder, located, data)
        if tell is not None and gathered.total and time.monotonic() - told > wait:
            tell(_list(view, finder, gathered, first, min(limit, _TOLD_HITS)))
            wait, told = 2 * wait, time.monotonic()
    return _list(view, finder, gathered, first, limit)


def _list(view: View, finder: Finder, gathered: _Gathered, first: Container[Located], limit: int) -> HitList:
    note = "" if gathered.total < MOST_COUNTED else f"At least {gathered.total:,} lines match; not all were counted."
    hits: list[tuple[tuple[_Before, bool], Hit]] = []
    for before, located, spots in gathered.best(first):
        if len(hits) >= limit:
            break
        hits += [((before, not defines), hit) for defines, hit in _hits(view, finder, located, spots)]
    hits.sort(key=itemgetter(0))  # definitions of a rank before its uses
    return HitList(1.0, tuple(hit for _, hit in hits[:limit]), max(gathered.total, len(hits)), note)


def _hits(view: View, finder: Finder, located: Located, spots: list[Spot]) -> Iterator[tuple[bool, Hit]]:
    """Yield the hits of one file's lines, and whether each is a definition's."""
    data = view.data(located) or b""
    definitions = view.definitions(located)
    for spot in spots:
        if spot.line_end > len(data) or b"\n" in data[spot.line_start : spot.line_end]:
            return  # the file has changed meanwhile
        spans = [whole(data, span) for span in islice(finder.spans(data, spot), _MOST_MARKS)]
        if not spans:
            return
        start, end = spans[0]
        shown = excerpt(data, spans)
        inside = around(definitions, start)
        defines = inside is not None and any(
            inside.name_start < max(after, begin + 1) and begin < inside.name_end for begin, after in spans
        )
        name = "" if inside is None else inside.name
        yield defines, Hit(located, start, end, shown.line, shown.text, shown.marks, "text", 0.0, name)


def _any_file(_located: Located) -> bool:
    return True

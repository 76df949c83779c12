"""Finds definitions by name: exact before prefix before the beginnings of words before scattered letters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import attrs

from lsp_server.workspace.facts import Definition
from lsp_server.workspace.hits import Hit
from lsp_server.workspace.names import bare, named
from lsp_server.workspace.places import Located
from lsp_server.workspace.ranking import order, rank
from lsp_server.workspace.scope import never
from lsp_server.workspace.searching.excerpts import excerpt
from lsp_server.workspace.searching.hit_lists import HitList
from lsp_server.workspace.searching.matching_names import Closeness, Marks, NameMatch, aligned, matching_names
from lsp_server.workspace.symbols import SymbolQuery, defines
from lsp_server.workspace.view import Cancelled, View

WEIGHTS: Mapping[Closeness, float] = {"exact": 16.0, "spelt": 12.0, "prefix": 6.0, "words": 3.0, "letters": 1.5}
"""Of the lists that are fused; text has 1."""
_PART = re.compile(r"[^\W\d][\w$]*")


_OF_TESTS, _OF_VARIABLES = 0.3, 0.4
"""What remains of the weight of what tests and vendored files define, and of variables and fields."""
_ELSEWHERE = 7.0
"""Of what bears the name, though not what was asked to be around it: a namespace, a package."""


@attrs.frozen
class _Found:
    located: Located
    definition: Definition
    match: NameMatch

    @property
    def share(self) -> float:
        """The part of its list's weight that it has."""
        share = _OF_TESTS if rank(self.located.relative) else 1.0
        return share * _OF_VARIABLES if self.definition.kind == "constant" and self.definition.minor else share

    @property
    def key(self) -> tuple[int, bool, bool, tuple[int, int, int, str], int, tuple[int, str, str], int]:
        """Sorts code before tests before vendored, then what is no heading, then the closer name, then by place.

        Of classes of one name, the one that is inside no other comes first.
        """
        inside = self.definition.name.count(".") if self.definition.kind == "class" else 0
        return (
            rank(self.located.relative),
            self.definition.kind == "heading",
            self.definition.minor,
            self.match.key,
            inside,
            order(self.located),
            self.definition.name_start,
        )


def symbol_lists(  # noqa: PLR0913 - the last two are named
    view: View,
    text: str,
    limit: int,
    stop: Cancelled,
    *,
    only: SymbolQuery | None = None,
    close: bool = False,
    least: float = 0.0,
) -> Iterator[HitList]:
    """Yield the definitions that answer to a name, a list for each closeness, until there are `limit`.

    Args:
        view: the files.
        text: a bare or qualified name, or letters of one.
        limit: how many are wanted.
        stop: ends the search early.
        only: what the definitions must be besides.
        close: nothing but the name itself and its beginning, once there is such a name in code.
        least: the weight that a closeness must have.
    """
    *owners, name = [part for part in bare(text).split(".") if part] or [text]
    wanted = 0
    settled = False
    for matches in matching_names(view.symbol_names(stop), name, stop):
        by_closeness: dict[Closeness, list[_Found]] = {}
        elsewhere: list[_Found] = []
        for match in matches:
            if wanted >= limit or stop():
                break
            found = list(_definitions(view, match, owners, limit, only))
            if owners and not found and match.closeness == "exact":
                elsewhere = list(_definitions(view, match, [], limit, only))
            wanted += len(found)
            by_closeness.setdefault(match.closeness, []).extend(found)
        for closeness, found in by_closeness.items():
            settled = settled or any(item.share >= 1 for item in found)
            if WEIGHTS[closeness] >= least:
                yield from _lists(view, found, closeness, limit)
        for found in _lists(view, elsewhere, "exact", limit):
            yield attrs.evolve(found, weight=_ELSEWHERE)
        if wanted >= limit or (close and settled):
            return


def _lists(view: View, found: list[_Found], closeness: Closeness, limit: int) -> Iterator[HitList]:
    """Yield what was found in lists of their own: definitions of code, variables and fields, tests and the like."""
    for share in sorted({item.share for item in found}, reverse=True):
        alike = sorted((item for item in found if item.share == share), key=lambda item: item.key)
        hits = (definition_hit(view, item.located, item.definition, item.match) for item in alike[: 2 * limit])
        kept = tuple(hit for hit in hits if hit is not None)
        yield HitList(share * WEIGHTS[closeness], kept, len(alike), loose=closeness == "letters")


def definition_hit(view: View, located: Located, definition: Definition, match: NameMatch | None = None) -> Hit | None:
    """Return the hit of a definition's name; None when the file has changed since it was parsed."""
    data = view.data(located)
    start, end = definition.name_start, definition.name_end
    if data is None or not start < end <= len(data) or b"\n" in data[start:end]:
        return None
    token = data[start:end].decode("utf-8", "replace")
    marks = _in_token(token, match)
    spans = [(start + len(token[:first].encode()), start + len(token[:after].encode())) for first, after in marks] or [
        (start, end)
    ]
    shown = excerpt(data, spans)
    return Hit(located, start, end, shown.line, shown.text, shown.marks, definition.kind, 0.0, definition.name)


def _in_token(token: str, match: NameMatch | None) -> Marks:
    """Return the marks in the name as the code writes it, which may be longer: `Registry::close`."""
    at = -1 if match is None else token.rfind(match.name)
    if match is None or at < 0 or "\ufffd" in token:
        return ()
    return tuple((at + start, at + end) for start, end in match.marks)


def _definitions(
    view: View, match: NameMatch, owners: list[str], limit: int, only: SymbolQuery | None
) -> Iterator[_Found]:
    for located in view.naming(match.name, ("define",), never)[: 2 * limit]:
        for definition in view.definitions(located, match.name):
            if definition.minor and definition.kind == "class":
                continue  # Rust's `impl`
            if definition.kind == "heading" and match.closeness == "letters":
                continue  # prose holds any letters
            if only is not None and not defines(only, definition, located.relative):
                continue
            if not owners or _owned(definition.name, owners, match.name, located.relative):
                yield _Found(located, definition, match)


def _owned(qualified: str, owners: list[str], name: str, relative: str) -> bool:
    """Say whether the asked owners are, or begin, the names around a definition or the parts of its path."""
    if named(qualified, ".".join((*owners, name)), relative, fold=True):
        return True
    around = [*_PART.findall(relative.rpartition(".")[0]), *qualified.split(".")[:-1]]
    places = iter(around)
    return all(any(part.lower() == owner.lower() or aligned(part, owner) for part in places) for owner in owners)

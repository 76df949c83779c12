"""Runs a query: the lists that suit it, fused into one, better and better as they come."""

from __future__ import annotations

import time
from collections.abc import Callable

import attrs

from lsp_server.kinds import SearchKind
from lsp_server.workspace.hits import Found, Hit
from lsp_server.workspace.names import last
from lsp_server.workspace.patterns import compile_pattern, has_upper
from lsp_server.workspace.places import Located
from lsp_server.workspace.problems import ToolProblem
from lsp_server.workspace.ranking import is_aside
from lsp_server.workspace.searching.asking import Asked, read
from lsp_server.workspace.searching.file_hits import file_lists
from lsp_server.workspace.searching.hit_lists import HitList, fuse
from lsp_server.workspace.searching.structure_hits import structure_list
from lsp_server.workspace.searching.symbol_hits import WEIGHTS, symbol_lists
from lsp_server.workspace.searching.text_hits import text_list
from lsp_server.workspace.searching.word_hits import asked_words, word_list
from lsp_server.workspace.view import Cancelled, View

SECONDS = 8.0
"""A search stops after this time and shows what it has."""
MAX_HITS = 1000
_MOST_NAMES = 6
"""Code names of a question that are looked up."""
_JOINED_WORDS = 4
"""So few words may also be one name: `register factory`."""
_WORDS_WEIGHT, _PHRASE_WEIGHT = 2.0, 4.0
"""Of stretches that match words, and of lines that hold them as they were typed."""

_PHRASE_IN_PROSE = 1.2
"""Of such lines in tests, in vendored files and in the like of changelogs."""
_LOOSE = 0.3
"""What remains of the weight of scattered letters where they also stand together."""

First = Callable[[tuple[Hit, ...]], None]


def find(  # noqa: PLR0913 - the parameters of `Workspace.find` and the view
    view: View, query: str, kind: SearchKind, *, limit: int, cancelled: Cancelled, first: First | None
) -> Found:
    """Return the hits of a query, best first.

    Raises:
        ToolProblem: the query cannot be used.
    """
    asked = read(query, kind)
    if limit < 1:
        raise ToolProblem("A search for no hits finds none.", "Ask for at least one.")
    return _Search(view, asked, min(limit, MAX_HITS), cancelled, first).run()


@attrs.define
class _Search:
    """One query on its way."""

    view: View
    asked: Asked
    limit: int
    cancelled: Cancelled
    first: First | None
    lists: list[HitList] = attrs.field(factory=list[HitList])
    notes: list[str] = attrs.field(factory=list[str])
    deadline: float = attrs.field(factory=lambda: time.monotonic() + SECONDS)
    late: bool = False
    cut: bool = False
    """Whether definitions were not looked for everywhere."""

    def run(self) -> Found:
        """Run the lists of the kind; a guessed kind that finds nothing gives way to others."""
        kind = self.asked.kind
        match kind:
            case "symbol":
                kind = self._symbols()
            case "words":
                self._words(self.asked.text)
            case _:
                kind = self._lines()
        hits, total = fuse(self.lists, self.limit)
        self.notes += [found.note for found in self.lists]
        if self.cut and not self.late:
            self.notes.append("Not every file was looked through for definitions: that would have taken too long.")
        if self.late:
            self.notes.append(f"Stopped after {SECONDS:.0f} seconds; there may be more.")
        return Found(hits, total, kind, self.view.freshness, " ".join(dict.fromkeys(filter(None, self.notes))))

    def _stop(self) -> bool:
        self.late = self.late or time.monotonic() > self.deadline
        return self.late or self.cancelled()

    def _add(self, found: HitList) -> None:
        if not found.hits:
            return
        self.lists.append(found)
        self._tell(self.lists)

    def _tell(self, lists: list[HitList]) -> None:
        if self.first is not None and not self.cancelled():
            self.first(fuse(lists, self.limit)[0])

    def _symbols(self) -> SearchKind:
        """Look for definitions; a guess also looks for files and for text, and may find words alone."""
        asked = self.asked
        if asked.structure is not None:
            self._structure()
            return "symbol"
        if not asked.auto:
            for found in symbol_lists(self.view, asked.text, self.limit, self._stop):
                self._add(found)
            return "symbol"
        self._definitions(asked.text, 0.0)
        for found in file_lists(self.view, asked.text, self.limit, self._stop):
            self._add(found)
        known = bool(self.lists)
        self._text()
        if not all(found.loose for found in self.lists):  # what holds the letters together is what was meant
            self.lists = [attrs.evolve(it, weight=it.weight * _LOOSE) if it.loose else it for it in self.lists]
        if known:
            return "symbol"
        if not self.lists:
            self._words(asked.text)
            return "words" if self.lists else "symbol"
        return "exact"

    def _structure(self) -> None:
        asked = self.asked
        structure = asked.structure
        if structure is None:
            return
        sites = structure.calls or structure.raises or structure.inherits or structure.decorated_by
        if asked.text and not sites:
            for found in symbol_lists(self.view, asked.text, self.limit, self._stop, only=structure):
                self._add(found)
            return
        found = structure_list(self.view, structure, self.limit, self._stop)
        if asked.text:
            kept = tuple(hit for hit in found.hits if asked.text.lower() in f"{hit.name}\n{hit.text}".lower())
            found = attrs.evolve(found, hits=kept, total=len(kept))
        if not found.hits:
            self.notes.append(found.note)
        self._add(found)

    def _words(self, text: str) -> None:
        """Look for passages, after the definitions of the names among the words, and exact text for a few words."""
        asked = self.asked
        for name in asked.names[:_MOST_NAMES]:
            self._definitions(name, WEIGHTS["spelt"])
        words = asked_words(text)
        if asked.auto and 1 < len(words) <= _JOINED_WORDS:
            self._definitions("_".join(words), WEIGHTS["prefix"])
        self._add(attrs.evolve(word_list(self.view, text, self.limit, self._stop), weight=_WORDS_WEIGHT))
        if asked.auto and asked.kind == "words":
            for found in _code_first(self._found_text()):
                self._add(found)

    def _definitions(self, name: str, least: float) -> None:
        """Look for definitions that answer to a name; without an index, files may take no more than half the time."""
        until = (time.monotonic() + self.deadline) / 2

        def stop() -> bool:
            self.cut = self.cut or time.monotonic() > until
            return self.cut or self._stop()

        for found in symbol_lists(self.view, name, self.limit, stop, close=True, least=least):
            self._add(found)

    def _lines(self) -> SearchKind:
        """Look for text or an expression; a guess that finds nothing is taken as plain text, then as words."""
        asked = self.asked
        self._text()
        if self.lists or not asked.auto or self._stop():
            return asked.kind
        if asked.kind == "regex":
            self.asked = attrs.evolve(asked, kind="exact", finder=compile_pattern(asked.text, regex=False))
            self._text()
            if self.lists:
                self.notes.append("Nothing matches that as a regular expression; it was taken as plain text.")
                return "exact"
        self._words(asked.text)
        if self.lists:
            self.notes.append("Nothing holds exactly that; these match its words.")
            return "words"
        return asked.kind

    def _text(self) -> None:
        """Look for lines; when none is found in the letter case of the query, in any."""
        found = self._found_text()
        sensitive = has_upper(self.asked.text, regex=self.asked.kind == "regex")
        if not found.hits and sensitive and not self._stop():
            regex = self.asked.kind == "regex"
            self.asked = attrs.evolve(self.asked, finder=compile_pattern(self.asked.text, regex=regex, fold=True))
            found = self._found_text()
            if found.hits and not self.lists:
                self.notes.append("Nothing in that letter case; case was ignored.")
        self._add(found)

    def _found_text(self) -> HitList:
        finder = self.asked.finder
        if finder is None:
            return HitList(1.0, ())
        name = last(self.asked.text)
        defining: frozenset[Located] = frozenset()
        if name.isidentifier() and self.asked.kind == "exact":
            defining = frozenset(self.view.naming(name, ("define",), self._stop))
        return text_list(
            self.view,
            finder,
            self.limit,
            self._stop,
            tell=lambda found: self._tell([*self.lists, found]),
            first=defining,
        )


def _code_first(found: HitList) -> tuple[HitList, HitList]:
    """Return the hits of a phrase in code and its documentation, and those of less weight elsewhere."""
    aside = tuple(hit for hit in found.hits if is_aside(hit.located.relative))
    main = tuple(hit for hit in found.hits if hit not in aside)
    unseen = found.total - len(found.hits)
    return (
        HitList(_PHRASE_WEIGHT, main, len(main) + unseen, found.note),
        HitList(_PHRASE_IN_PROSE, aside, len(aside)),
    )

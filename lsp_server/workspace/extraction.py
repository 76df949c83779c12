"""Turns the matches of a tag query into facts: nesting gives names, captures give signatures."""

from __future__ import annotations

from collections.abc import Iterable

from tree_sitter import Node

from lsp_server.workspace.definitions import Found, definitions
from lsp_server.workspace.doc_places import DocPlaces
from lsp_server.workspace.facts import Facts, Import
from lsp_server.workspace.headings import headings
from lsp_server.workspace.imports import imports_of
from lsp_server.workspace.languages import Captures, Grammar, Tagger
from lsp_server.workspace.macros import without_macros
from lsp_server.workspace.sites import AROUND, Reference, Region, raise_of, sites, with_object
from lsp_server.workspace.source_text import OF_CALL, OF_TYPE, Name, SourceText

_DEFINING = ("class", "function", "constant", "scope", "field", "alias")
_OF_NAME = frozenset({"field", "alias"})
"""Definitions of which one statement may hold several."""
_TELLING = (
    *_DEFINING, "owner", "callee", "raised", "taken", "text", "comment", "attribute",
    "inner", "heading",
)  # fmt: skip
"""Captures that say what a match is about; see queries/python.scm."""


def extract(tagger: Tagger, grammar: Grammar, data: bytes) -> Facts:
    """Return the facts of normal bytes; where syntax errors stand, those of the text around them."""
    reading = _Reading(SourceText(data), grammar)
    reading.take(tagger.matches(without_macros(data) if grammar.name in {"c", "cpp"} else data))
    return reading.facts()


class _Reading:
    """One file while its matches are sorted by what they tell."""

    def __init__(self, source: SourceText, grammar: Grammar) -> None:
        self._source = source
        self._grammar = grammar
        self._docs = DocPlaces(source, grammar.name)
        self._found: dict[int, Found] = {}
        self._owners: list[Captures] = []
        self._references: list[Reference] = []
        self._imports: list[Import] = []
        self._headings: list[Captures] = []

    def take(self, matches: Iterable[tuple[int, Captures]]) -> None:
        """Sort the matches; most are calls."""
        panics = self._grammar.panics
        name, add = self._source.name, self._references.append
        tells: dict[int, str] = {}
        for pattern, captures in matches:
            telling = tells.get(pattern)
            if telling is None:
                telling = tells[pattern] = next(name for name in _TELLING if name in captures)
            if telling == "callee":
                node = captures["callee"][0]
                target, start, end = name(node.start_byte, node.end_byte)
                if len(captures) > 1:
                    target = with_object(self._source, target, captures)
                add((start, "call", target, end, 0, AROUND))
                if target in panics:
                    add((start, "raise", target, end, 0, AROUND))
            elif telling in _DEFINING:
                self._open(telling, captures)
            else:
                self._take_other(telling, captures)

    def facts(self) -> Facts:
        """Return everything that was told."""
        self._docs.ready()
        if self._headings:
            return Facts(headings(self._source, self._headings))
        for captures in self._owners:
            self._relate(captures)
        found = definitions(self._source, self._grammar.name, self._found.values(), self._docs)
        regions: list[Region] = []
        for item in found:
            for base, start, end in item.bases:
                self._references.append((start, "inherit", base, end, 0, item.index))
            if item.definition is not None and item.told in {"class", "function"}:
                regions.append(Region(item.index, item.definition.start, item.end))
        self._imports.sort(key=lambda taken: taken.start)
        return Facts(
            tuple(item.definition for item in found if item.definition is not None),
            sites(self._source, self._references, regions),
            tuple(self._imports),
        )

    def _open(self, telling: str, captures: Captures) -> None:
        node = captures[telling][0]
        key = captures["name"][0].id if telling in _OF_NAME else node.id
        known = self._found.get(key)
        if known is None or len(captures) > len(known.captures):
            self._found[key] = item = Found(telling, captures, node.start_byte, node.end_byte)
            if telling == "scope" and "base" in captures:
                item.bases = (self._base(captures["base"][0]),)

    def _take_other(self, telling: str, captures: Captures) -> None:
        node = captures[telling][0]
        match telling:
            case "owner":
                self._owners.append(captures)
            case "raised":
                self._references.append(raise_of(self._source, captures))
            case "taken":
                self._imports += imports_of(self._source, self._grammar.name, captures)
            case "text":
                self._docs.add_string(node.start_byte, node.end_byte)
            case "inner":
                self._docs.add_around(node.start_byte, captures["around"][0].start_byte)
            case "attribute":
                self._docs.add_above(node.start_byte, node.end_byte, self._decorator(captures["decorator"][0]))
            case "heading":
                self._headings.append(captures)
            case _:
                self._docs.add_above(node.start_byte, node.end_byte)

    def _relate(self, captures: Captures) -> None:
        """Give a definition the bases or decorators that are told of it."""
        owner = self._found.get(captures["owner"][0].id)
        bases = tuple(base for base in map(self._base, captures.get("base", ())) if base[0])
        decorators = tuple(map(self._decorator, captures.get("decorator", ())))
        if owner is None:  # a class without a name, an annotated declaration that is no definition
            for base, start, end in bases:
                self._references.append((start, "inherit", base, end, 0, AROUND))
            return
        owner.bases += bases
        owner.decorators += decorators
        owner.marks += tuple((node.start_byte, node.end_byte) for node in captures.get("mark", ()))

    def _base(self, node: Node) -> Name:
        return self._source.name_before(node.start_byte, node.end_byte, OF_TYPE)

    def _decorator(self, node: Node) -> str:
        target, start, end = self._source.name_before(node.start_byte, node.end_byte, OF_CALL)
        self._references.append((start, "decorate", target, end, 0, AROUND))
        return target

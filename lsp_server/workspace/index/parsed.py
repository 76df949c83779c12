"""What a worker makes of one file: facts to keep, names to find it by, stretches to rank."""

from __future__ import annotations

import attrs

from lsp_server.workspace.extraction import extract
from lsp_server.workspace.facts import Facts
from lsp_server.workspace.index import fact_json
from lsp_server.workspace.index.base import MAX_PARSED_BYTES, ROLE_BITS
from lsp_server.workspace.index.passages import stretches
from lsp_server.workspace.languages import Languages, grammar_of
from lsp_server.workspace.names import last

NameRow = tuple[str, int, int]
"""A bare name, the bits of its roles in a file, and how often the file uses it."""
StretchRow = tuple[int, int, str, str, str]
"""The fields of `passages.Stretch`."""


@attrs.frozen
class Parsed:
    """What is kept of one file's text."""

    blob: bytes
    """Facts, as `fact_json` writes them; empty where nothing is known."""
    names: list[NameRow]
    stretches: list[StretchRow]


def parse(languages: Languages, name: str, data: bytes) -> Parsed:
    """Parse normal bytes under a file name."""
    grammar = grammar_of(name)
    if grammar is None or len(data) > MAX_PARSED_BYTES:
        return text_only(name, data)
    facts = extract(languages.tagger(grammar), grammar, data)
    return Parsed(fact_json.encode(facts), name_rows(facts), stretch_rows(name, data, facts))


def text_only(name: str, data: bytes) -> Parsed:
    """Return what is kept of a text whose structure is not known."""
    return Parsed(b"", [], stretch_rows(name, data, Facts()))


def stretch_rows(name: str, data: bytes, facts: Facts) -> list[StretchRow]:
    """Return the stretches of a file as plain tuples."""
    return [(it.start, it.end, it.name, it.doc, it.body) for it in stretches(name, data, facts)]


def name_rows(facts: Facts) -> list[NameRow]:
    """Return the names that a file holds, each once."""
    roles: dict[str, int] = {}
    uses: dict[str, int] = {}
    define, take = ROLE_BITS["define"], ROLE_BITS["import"]
    for definition in facts.definitions:
        name = last(definition.name)
        roles[name] = roles.get(name, 0) | define
    for site in facts.sites:
        name = last(site.target)
        roles[name] = roles.get(name, 0) | ROLE_BITS[site.relation]
        uses[name] = uses.get(name, 0) + 1
    for taken in facts.imports:
        for name in {taken.local, last(taken.name), last(taken.module)}:
            if name:
                roles[name] = roles.get(name, 0) | take
    return [(name, bits, uses.get(name, 0)) for name, bits in roles.items()]

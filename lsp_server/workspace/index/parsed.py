"""What a worker makes of one text: facts to keep, and names to find it by."""

from __future__ import annotations

import attrs

from lsp_server.workspace.extraction import extract
from lsp_server.workspace.facts import Facts
from lsp_server.workspace.index import fact_json
from lsp_server.workspace.index.base import MAX_PARSED_BYTES, ROLE_BITS
from lsp_server.workspace.languages import Languages, grammar_of
from lsp_server.workspace.names import last

NameRow = tuple[str, int, int, int]
"""A bare name, the content that holds it, the bits of its roles there, and how often it is used there."""


@attrs.frozen
class Parsed:
    """What is kept of one text beside itself."""

    facts: bytes
    """As `fact_json` writes them; empty where nothing is known."""
    names: list[NameRow]
    """As the store's table has them."""


def parse(languages: Languages, content: int, name: str, data: bytes) -> Parsed:
    """Parse normal bytes under a file name; `content` is the number that they have in the store."""
    grammar = grammar_of(name)
    if grammar is None or len(data) > MAX_PARSED_BYTES:
        return Parsed(b"", [])
    facts = extract(languages.tagger(grammar), grammar, data)
    return Parsed(fact_json.encode(facts), name_rows(content, facts))


def name_rows(content: int, facts: Facts) -> list[NameRow]:
    """Return the names that a text holds, each once."""
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
    return [(name, content, bits, uses.get(name, 0)) for name, bits in roles.items()]

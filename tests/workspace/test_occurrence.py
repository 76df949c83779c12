from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.workspace.facts import Facts
from lsp_server.workspace.occurrence import Occurrence, occurrence_at
from lsp_server.workspace.parse_cache import ParseCache
from lsp_server.workspace.places import Located
from support.looking import MARK

PYTHON = '''"""Module words."""
from shop.core import Registry as Reg, other


@decorate
class Shop(Reg):
    """Class words."""

    def run(self, given):
        # a comment
        name = "text"
        raise Failed(self.pool.get(given))


TOTAL = 3
'''


def at(snippet: str, name: str = "a.py", text: str = PYTHON) -> Occurrence | None:
    """The occurrence at the mark of a snippet."""
    before, _, after = snippet.partition(MARK)
    data = text.encode()
    offset = len(text[: text.index(before + after) + len(before)].encode())
    return occurrence_at(Located(Path("/w"), name), data, ParseCache().facts(name, data), offset)


@pytest.mark.parametrize(
    "snippet",
    [
        f"{MARK}Module words", f"{MARK}class Shop", f"# a {MARK}comment", f'"te{MARK}xt"', f' = {MARK}"',
        f"{MARK}raise", f"{MARK}\n\nTOTAL", f")){MARK}\n", f"Class {MARK}words",
    ],
)  # fmt: skip
def test_silence(snippet: str):
    """Comments, strings, keywords, operators and space are no identifiers."""
    assert at(snippet) is None


def test_a_token_ends_behind_its_last_character():
    """A cursor right behind a name is on it."""
    found = at(f"Shop{MARK}(Reg)")
    assert found is not None
    assert found.name == "Shop"


def test_an_occurrence_knows_what_it_is():
    """The name of a definition, a reference, an import or a mention, and the definition around it."""
    definition, site, imported = at(f"class Sh{MARK}op"), at(f"{MARK}Failed"), at(f"{MARK}Registry as")
    chain, base, decorator, mention = (
        at(f"pool.ge{MARK}t"),
        at(f"({MARK}Reg)"),
        at(f"@{MARK}decorate"),
        at(f"{MARK}given))"),
    )
    assert definition is not None
    assert (definition.name, definition.defines >= 0) == ("Shop", True)
    assert site is not None
    assert (site.name, site.relation in {"call", "raise"}, site.defines) == ("Failed", True, -1)
    assert imported is not None
    assert imported.imported is not None
    assert (imported.imported.module, imported.imported.name) == ("shop.core", "Registry")
    assert chain is not None
    assert (chain.chain, chain.name, chain.relation) == ("self.pool.get", "get", "call")
    assert base is not None
    assert base.relation == "inherit"
    assert decorator is not None
    assert decorator.relation == "decorate"
    assert mention is not None
    assert (mention.relation, mention.imported, mention.defines) == (None, None, -1)


def test_the_enclosing_definition_is_the_innermost():
    """Constants enclose nothing; decorators stand outside what they decorate."""
    data = PYTHON.encode()
    facts = ParseCache().facts("a.py", data)
    inside, outside, constant = at(f"pool.{MARK}get"), at(f"@{MARK}decorate"), at(f"{MARK}TOTAL")
    assert inside is not None
    assert outside is not None
    assert constant is not None
    assert facts.definitions[inside.enclosing].name == "Shop.run"
    assert outside.enclosing == -1
    assert (constant.enclosing, facts.definitions[constant.defines].name) == (-1, "TOTAL")


@given(st.integers(-5, 2 * len(PYTHON)))
def test_a_token_slices_exactly_its_name(offset: int):
    """Whatever the offset, an occurrence covers it and names what stands there."""
    data = PYTHON.encode()
    found = occurrence_at(Located(Path("/w"), "a.py"), data, ParseCache().facts("a.py", data), offset)
    if found is not None:
        assert found.start <= offset <= found.end
        assert data[found.start : found.end].decode() == found.name


def test_facts_of_another_text_tell_less_and_nothing_wrong():
    """While a buffer is ahead of its facts, a token is not taken for what stood there before."""
    old = b"def first(): ...\n"
    facts = ParseCache().facts("a.py", old)
    new = b"def other(): ...\n"
    found = occurrence_at(Located(Path("/w"), "a.py"), new, facts, 5)
    assert found is not None
    assert (found.name, found.defines) == ("other", -1)
    assert occurrence_at(Located(Path("/w"), "a.py"), b"", facts, 5) is None
    bare = occurrence_at(Located(Path("/w"), "a.py"), new, Facts(), 5)
    assert bare is not None
    assert bare.enclosing == -1

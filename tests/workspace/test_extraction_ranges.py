from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.workspace.facts import Definition, Facts
from lsp_server.workspace.files import normal
from lsp_server.workspace.languages import GRAMMARS, grammar_of
from lsp_server.workspace.names import last
from lsp_server.workspace.parse_cache import ParseCache
from support.many_languages import SOURCES

NAMES = st.sampled_from(["größe", "名前", "ответ", "x̄y", "_a1"])
JUNK = st.one_of(
    st.sampled_from([*"(){}'\"#é@<.", "class ", "def ", "/*", "*/", "//", "\r\n", "::"]),
    st.text(max_size=6),
)
PARSED = ParseCache()


@st.composite
def broken(draw: st.DrawFn) -> tuple[str, bytes]:
    """A text of some language with names and signs put in where they do not belong."""
    name = draw(st.sampled_from(sorted(SOURCES)))
    text = SOURCES[name].replace("größe", draw(NAMES)).replace("Base", draw(NAMES))
    for piece in draw(st.lists(st.one_of(JUNK, NAMES), max_size=4)):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + piece + text[at:]
    start = draw(st.integers(0, len(text)))
    if draw(st.booleans()):
        text = text[:start] + text[start + draw(st.integers(0, 30)) :]
    return name, normal(text.encode("utf-8", "replace"))


@settings(max_examples=400)
@given(broken())
def test_every_range_slices_what_it_names(case: tuple[str, bytes]):
    """Names, references and imports stand where they are said to stand, however broken the text around them."""
    name, data = case
    facts = PARSED.facts(name, data)
    for definition in facts.definitions:
        assert_definition(data, facts, definition)
    for site in facts.sites:
        assert text_of(data, site.start, site.end) == last(site.target)
        assert site.relation == "raise" or site.line == line_of(data, site.start)
        assert site.enclosing == -1 or is_within(site.start, facts.definitions[site.enclosing])
    for taken in facts.imports:
        assert squeezed(text_of(data, taken.start, taken.end)) in {taken.name, taken.module, taken.local, "self", "."}
        assert taken.line == line_of(data, taken.start)


@settings(max_examples=150)
@given(broken())
def test_everything_comes_by_position(case: tuple[str, bytes]):
    """Sites and imports are sorted by their first byte; of a definition and what holds it, the outer comes first."""
    facts = PARSED.facts(*case)
    assert [site.start for site in facts.sites] == sorted(site.start for site in facts.sites)
    assert [taken.start for taken in facts.imports] == sorted(taken.start for taken in facts.imports)
    assert all(definition.owner < at for at, definition in enumerate(facts.definitions))


@pytest.mark.parametrize("ending", [grammar.endings[0] for grammar in GRAMMARS])
@settings(max_examples=40)
@given(data=st.binary(max_size=60))
def test_bytes_that_are_no_text_do_no_harm(ending: str, data: bytes):
    """What is not UTF-8 gives facts whose ranges lie within the text."""
    for definition in PARSED.facts(f"x{ending}", normal(data)).definitions:
        assert 0 <= definition.start < definition.end <= len(normal(data))


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_an_unbroken_text_gives_every_thing(name: str):
    """Each language has definitions with docs, and all but Markdown have sites; all but tsx and Markdown, imports."""
    data = SOURCES[name].encode()
    facts = PARSED.facts(name, data)
    assert [item.name for item in facts.definitions if item.doc_end] or name == "a.md"
    assert bool(facts.sites) == (name != "a.md")
    assert bool(facts.imports) == (name not in {"a.md", "a.tsx"})


def test_a_definition_begins_behind_its_decorators():
    """Decorators, annotations and attributes stand outside; a doc comment above them is the definition's."""
    begins = {
        "a.py": ("Größe", "class Größe("),
        "a.ts": ("Foo", "abstract class Foo"),
        "a.rs": ("P", "pub struct P"),
        "A.java": ("A", "public class A"),
        "a.cpp": ("A.f", "int f("),
    }
    for name, (wanted, beginning) in begins.items():
        data = SOURCES[name].encode()
        definition = next(item for item in PARSED.facts(name, data).definitions if item.name == wanted)
        assert text_of(data, definition.start, definition.end).startswith(beginning)
        assert definition.decorators
        assert definition.doc_end > definition.doc_start


def test_headings_reach_to_the_next_of_their_level():
    """Or of a higher one; deeper ones are within; what is code is none."""
    data = SOURCES["a.md"].encode()
    found = PARSED.facts("a.md", data).definitions
    assert [(item.kind, item.signature, item.line, item.end_line, item.owner) for item in found] == [
        ("heading", "# Größe", 1, 4, -1),
        ("heading", "# Second 日本", 5, 13, -1),
        ("heading", "## Deep", 8, 13, 1),
        ("heading", "# Last", 14, 14, -1),
    ]
    assert [text_of(data, item.name_start, item.name_end) for item in found] == ["Größe", "Second 日本", "Deep", "Last"]


def assert_definition(data: bytes, facts: Facts, definition: Definition) -> None:
    """Hold a definition to its text."""
    assert 0 <= definition.start <= definition.name_start < definition.name_end <= definition.end <= len(data)
    token = squeezed(text_of(data, definition.name_start, definition.name_end))
    assert squeezed(definition.name) == token or squeezed(definition.name).endswith(f".{token}")
    assert definition.line == line_of(data, definition.start)
    assert definition.end_line == line_of(data, max(definition.start, definition.end - 1))
    assert definition.doc_start <= definition.doc_end
    doc = text_of(data, definition.doc_start, definition.doc_end)
    assert doc == doc.lstrip().removesuffix("\n")
    assert not doc or doc.lstrip("rRuU").startswith(("'", '"', "/"))
    if definition.owner >= 0:
        assert is_within(definition.name_start, facts.definitions[definition.owner])


def is_within(offset: int, definition: Definition) -> bool:
    return definition.start <= offset < definition.end


def text_of(data: bytes, start: int, end: int) -> str:
    return data[start:end].decode("utf-8", "replace")


def line_of(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_there_is_a_text_for_every_language():
    """No language is left out of these tests."""
    assert {grammar_of(name) for name in SOURCES} == set(GRAMMARS)

from __future__ import annotations

import pytest

from lsp_server.kinds import SearchKind
from lsp_server.workspace.problems import ToolProblem
from lsp_server.workspace.searching.asking import MAX_QUERY, read


@pytest.mark.parametrize(
    ("query", "kind", "text"),
    [
        ("Registry", "symbol", "Registry"),
        ("regfac", "symbol", "regfac"),
        ("Registry.register_factory()", "symbol", "Registry.register_factory()"),
        ("std::vector", "symbol", "std::vector"),
        ("`make registry`", "words", "make registry"),
        ("`make_registry`", "symbol", "make_registry"),
        ("src/shop/core.py:12", "symbol", "src/shop/core.py:12"),
        ("core.py", "symbol", "core.py"),
        ("größe", "symbol", "größe"),
        ('"class Registry"', "exact", "class Registry"),
        ("'x'", "exact", "x"),
        ("foo(bar)", "exact", "foo(bar)"),
        ("a[0]", "exact", "a[0]"),
        ("x || y", "exact", "x || y"),
        ("List[int]", "exact", "List[int]"),
        ("**kwargs", "exact", "**kwargs"),
        ("(unclosed.*", "exact", "(unclosed.*"),
        ("/(unclosed/", "exact", "/(unclosed/"),
        ("/def \\w+/", "regex", "def \\w+"),
        ("raise .*Missing", "regex", "raise .*Missing"),
        ("^import", "regex", "^import"),
        ("get|set", "regex", "get|set"),
        ("retry logic", "words", "retry logic"),
        ("where is the retry logic?", "words", "where is the retry logic?"),
        ("What does Registry.check() do?", "words", "What does Registry.check() do?"),
    ],
)
def test_a_query_is_taken_as_what_it_looks_like(query: str, kind: SearchKind, text: str):
    """Names, quoted text, expressions that compile, code and words are told apart."""
    asked = read(query, "auto")
    assert (asked.kind, asked.text, asked.auto) == (kind, text, True)


def test_a_given_kind_is_kept():
    """Whatever a query looks like, a kind that is given decides, and takes quotes and signs as they are."""
    assert [read('"a.*"', kind).kind for kind in ("exact", "regex", "words", "symbol")] == [
        "exact",
        "regex",
        "words",
        "symbol",
    ]
    assert read('"a"', "exact").text == '"a"'


def test_conditions_are_read_out_of_a_query():
    """`calls:` and its like become a structural question; the rest of the query is a name."""
    asked = read('kind:class inherits:"Base" Reg', "auto")
    assert asked.structure is not None
    assert (asked.structure.kind, asked.structure.inherits, asked.text) == ("class", "Base", "Reg")
    assert read("std::calls::x", "auto").structure is None


@pytest.mark.parametrize(
    ("query", "kind", "said"),
    [
        ("", "auto", "empty"),
        (" \n", "exact", "empty"),
        ("a\0b", "auto", "NUL"),
        ("a\nb", "auto", "lines"),
        ("a\rb", "words", "lines"),
        ("x\ud800", "auto", "Unicode"),
        ("x" * (MAX_QUERY + 1), "auto", "longer"),
        ("x" * 10_000, "symbol", "longer"),
        ("(a", "regex", "not understood"),
        ("(?=x)", "regex", "not understood"),
        ("(x{1000}){1000}", "regex", "not understood"),
        ("kind:thing", "auto", "no kind"),
        ("calls:a raises:b", "auto", "different rows"),
        ("calls:a calls:b", "auto", "twice"),
        ("calls: x", "auto", "names nothing"),
        ("x", "nonsense", "no kind"),
    ],
)
def test_a_query_that_cannot_be_used_is_a_problem(query: str, kind: SearchKind, said: str):
    """Each has a sentence and a hint."""
    with pytest.raises(ToolProblem, match=said) as caught:
        read(query, kind)
    assert caught.value.hint

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.workspace.identifiers import chain_at, identifier_at
from support.many_languages import SOURCES

CHAINS = [
    # in each text the place asked about stands before the mark
    ("a.py", "self.registry.ge¦t(1)", "self.registry.get"),
    ("a.py", "self.regis¦try.get(1)", "self.registry"),
    ("a.py", "make(1).ge¦t", "?.get"),
    ("a.py", "import a.b¦.c", "a.b"),
    ("a.py", "f'no {self.na¦me} no'", "self.name"),
    ("a.py", "@app.com¦mand\ndef f(): pass", "app.command"),
    ("a.py", "größe.名¦前", "größe.名前"),
    ("a.js", "this.a?.b¦(1)", "this.a.b"),
    ("a.js", "x = `no ${a.b¦} no`", "a.b"),
    ("a.js", "class A { #p; m() { this.#p¦ } }", "this.p"),
    ("a.ts", "let x: ns.Typ¦e", "ns.Type"),
    ("a.tsx", "x = <View size={a.b¦}/>", "a.b"),
    ("a.tsx", "x = <Vie¦w/>", "View"),
    ("a.rs", "fn f() { a::b::c¦() }", "a.b.c"),
    ("a.rs", "fn f() { self.x.y¦ }", "self.x.y"),
    ("a.rs", 'fn f() { println!("no {}", valu¦e) }', "value"),
    ("a.go", "package p\nfunc f() { s.x.Do¦() }", "s.x.Do"),
    ("a.go", "package p\nvar x pkg.Typ¦e", "pkg.Type"),
    ("A.java", "class A { void f() { this.q.go¦(1); } }", "this.q.go"),
    ("A.java", "class A { void f() { q.go(1).the¦n(); } }", "?.then"),
    ("A.java", "import a.b.C¦;", "a.b.C"),
    ("a.c", "int f() { return p->g.h¦; }", "p.g.h"),
    ("a.cpp", "int x = ns::A::k¦();", "ns.A.k"),
    ("a.cpp", "int f() { return x.g¦<int>(1); }", "x.g"),
]

SILENT = [
    ("a.py", "# commen¦t"),
    ("a.py", "'strin¦g'"),
    ("a.py", '"""doc¦"""'),
    ("a.py", "f'lit¦ {x}'"),
    ("a.py", "whi¦le x: pass"),
    ("a.py", "Tru¦e"),
    ("a.py", "12¦34"),
    ("a.py", "x +¦ y"),
    ("a.py", "x = (\n  els¦e"),
    ("a.js", "// commen¦t"),
    ("a.js", "`lit¦ ${x}`"),
    ("a.js", "/rege¦x/"),
    ("a.js", "retur¦n 1"),
    ("a.js", "thi¦s.x"),
    ("a.ts", "let x: strin¦g"),
    ("a.tsx", "x = <b>word¦s</b>"),
    ("a.rs", "/// do¦c\nfn f() {}"),
    ("a.rs", "fn f<'lif¦e>() {}"),
    ("a.rs", "p¦ub fn f() {}"),
    ("a.go", "package p\n// commen¦t"),
    ("a.go", 'package p\nvar x = "strin¦g"'),
    ("a.go", "package p\nfun¦c f() {}"),
    ("A.java", "/** do¦c */ class A {}"),
    ("A.java", "pub¦lic class A {}"),
    ("a.c", "#inclu¦de <a.h>"),
    ("a.c", "#include <stdi¦o.h>"),
    ("a.c", "in¦t x;"),
    ("a.cpp", "x = 'c¦';"),
    ("a.md", "# Headin¦g"),
    ("a.txt", "wor¦d"),
]


def marked(text: str) -> tuple[bytes, int]:
    """Return a text without its mark, and the offset of the byte before it."""
    before, after = text.split("¦")
    return (before + after).encode(), len(before.encode()) - 1


@pytest.mark.parametrize(("name", "text", "chain"), CHAINS)
def test_an_identifier_is_told_with_what_it_is_taken_from(name: str, text: str, chain: str):
    """The token's own range, and the dotted name that ends with it; interpolated code is code."""
    data, offset = marked(text)
    token = identifier_at(name, data, offset)
    assert token is not None
    assert data[token[0] : token[1]].decode() == chain.rpartition(".")[2]
    assert chain_at(name, data, offset) == chain


@pytest.mark.parametrize(("name", "text"), SILENT)
def test_what_is_no_identifier_is_silent(name: str, text: str):
    """Comments, strings, keywords, numbers, operators and files of unknown languages."""
    data, offset = marked(text)
    assert identifier_at(name, data, offset) is None
    assert chain_at(name, data, offset) == ""


def test_the_place_behind_a_token_is_the_tokens():
    """A caret behind a word asks about the word; between two, about the one it stands before."""
    assert identifier_at("a.py", b"abc", 3) == (0, 3)
    assert identifier_at("a.py", b"a.b", 1) == (0, 1)
    assert identifier_at("a.py", b"a(b)", 2) == (2, 3)


@pytest.mark.parametrize("offset", [-1, 4, 10_000])
def test_a_place_outside_the_text_is_silent(offset: int):
    """Before the first byte and past the end."""
    assert identifier_at("a.py", b"abc", offset) is None


@settings(max_examples=200)
@given(st.sampled_from(sorted(SOURCES)), st.data())
def test_every_token_is_a_name_of_the_text(name: str, draws: st.DataObject):
    """At any byte of a text that was cut anywhere, what is told is a whole token that holds the byte."""
    data = SOURCES[name].encode()
    data = data[: draws.draw(st.integers(0, len(data)))] + data[draws.draw(st.integers(0, len(data))) :]
    offset = draws.draw(st.integers(0, len(data)))
    token = identifier_at(name, data, offset)
    if token is not None:
        assert token[0] <= offset <= token[1]
        text = data[token[0] : token[1]].decode("utf-8", "replace")
        assert text.split() == [text]
        assert chain_at(name, data, offset).endswith(text)

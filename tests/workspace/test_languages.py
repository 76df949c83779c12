from __future__ import annotations

import time

import pytest

from lsp_server.workspace import languages as languages_room
from lsp_server.workspace.facts import Facts
from lsp_server.workspace.languages import GRAMMARS, Languages, grammar_of, is_code
from lsp_server.workspace.parse_cache import ParseCache

SOURCES = {
    "a.js": """\
class A extends B.C {
  get(a = 1) { throw new Oops('x'); }
}
const f = (a) => this.g?.(a);
const MAX = 3;
""",
    "a.ts": """\
abstract class Foo<T> extends Bar<T> implements A.B {
  get(k: string): T { return this.x.go(k); }
}
interface I extends J<K> { m(a: string): void }
export const f = async (n: number): Promise<void> => {};
""",
    "a.tsx": """\
function View(p: Props): JSX.Element { return <div>{render(p)}</div>; }
""",
    "a.rs": """\
struct P<T> { a: T }
trait Tr: Clone { fn q(&self) -> i32; }
impl<T> Tr for P<T> {
    fn q(&self) -> i32 { self.a.go::<u8>(); panic!("x") }
}
const MAX: usize = 3;
""",
    "a.go": """\
package x
type S struct {
	Base
	*pkg.Other
}
func (s *S) Get(a int) (int, error) {
	return fmt.Sum(a)
}
func F() {}
const Max = 3
""",
    "A.java": """\
@Service
class A<T> extends B<T> implements C, d.E {
  static final int MAX = 3;
  List<T> get(String a) { foo.bar(a); throw new Oops("x"); }
}
""",
    "a.c": """\
#define MAX 3
struct s { int a; };
static int *f(int a, char *b) {
  return p->g(a);
}
""",
    "a.cpp": """\
class A : public B, private c::D<T> {
  int f(int a = 1) { return g(a); }
};
int A::k(int z) { x->go(); throw std::runtime_error("x"); }
""",
}

FOUND: dict[str, tuple[list[str], dict[str, tuple[str, ...]], list[str]]] = {
    "a.js": (
        ["class A extends B.C", "method A.get(a = 1)", "function f(a)", "constant MAX = 3"],
        {"A": ("B.C",)},
        ["inherit B.C 1 A", "call Oops 2 A.get", "raise Oops 2 A.get", "call this.g 4 f"],
    ),
    "a.ts": (
        [
            "class Foo<T> extends Bar<T> implements A.B",
            "method Foo.get(k: string): T",
            "class I extends J<K>",
            "method I.m(a: string): void",
            "function f(n: number): Promise<void>",
        ],
        {"Foo": ("Bar", "A.B"), "I": ("J",)},
        ["inherit Bar 1 Foo", "inherit A.B 1 Foo", "call this.x.go 2 Foo.get", "inherit J 4 I"],
    ),
    "a.tsx": (["function View(p: Props): JSX.Element"], {}, ["call render 1 View"]),
    "a.rs": (
        [
            "class P<T>",
            "constant P.a: T",
            "class Tr: Clone",
            "method Tr.q(&self) -> i32",
            "class P(Tr)",
            "method P.q(&self) -> i32",
            "constant MAX: usize = 3",
        ],
        {"Tr": ("Clone",)},
        ["inherit Clone 2 Tr", "inherit Tr 3 P", "call self.a.go 4 P.q", "call panic 4 P.q", "raise panic 4 P.q"],
    ),
    "a.go": (
        ["class S(Base, pkg.Other)", "method S.Get(a int) (int, error)", "function F()", "constant Max = 3"],
        {"S": ("Base", "pkg.Other")},
        ["inherit Base 3 S", "inherit pkg.Other 4 S", "call fmt.Sum 7 S.Get"],
    ),
    "A.java": (
        ["class A<T>(B, C, d.E)", "constant A.MAX = 3", "method A.get(String a): List<T>"],
        {"A": ("B", "C", "d.E")},
        [
            "decorate Service 1 -",
            "inherit B 2 A",
            "inherit C 2 A",
            "inherit d.E 2 A",
            "call foo.bar 4 A.get",
            "call Oops 4 A.get",
            "raise Oops 4 A.get",
        ],
    ),
    "a.c": (
        ["constant MAX 3", "class s", "constant s.a: int", "function f(int a, char *b): int"],
        {},
        ["call p.g 4 f"],
    ),
    "a.cpp": (
        ["class A : public B, private c::D<T>", "method A.f(int a = 1): int", "method A.k(int z): int"],
        {"A": ("B", "c.D")},
        [
            "inherit B 1 A",
            "inherit c.D 1 A",
            "call g 2 A.f",
            "call x.go 4 A.k",
            "call std.runtime_error 4 A.k",
            "raise std.runtime_error 4 A.k",
        ],
    ),
}


def facts(name: str, text: str) -> Facts:
    return ParseCache().facts(name, text.encode())


@pytest.mark.parametrize("name", FOUND)
def test_each_language_gives_definitions_bases_calls_and_raises(name: str):
    """Definitions with signatures, direct bases, and sites with line and enclosing definition."""
    definitions, bases, sites = FOUND[name]
    found = facts(name, SOURCES[name])
    assert [f"{item.kind} {item.signature}" for item in found.definitions] == definitions
    assert {item.name: item.bases for item in found.definitions if item.bases and not item.minor} == bases
    around = [found.definitions[site.enclosing].name if site.enclosing >= 0 else "-" for site in found.sites]
    assert [
        f"{site.relation} {site.target} {site.line} {name}" for site, name in zip(found.sites, around, strict=True)
    ] == sites


def test_every_grammar_loads_and_bears_broken_text():
    """Each query compiles; text that is no program gives facts without failing."""
    languages = Languages()
    for grammar in GRAMMARS:
        assert languages.tagger(grammar).query.pattern_count > 0
        for text in ("", "\0\0", "class", "((((", "}" * 50, "é日本\u2028" * 20, "a." * 500):
            facts(f"x{grammar.endings[0]}", text)


def test_deep_nesting_does_no_harm():
    """Thousands of nested brackets and definitions parse without recursion of ours."""
    facts("deep.py", "(" * 5000 + ")" * 5000)
    nested = "".join("    " * depth + f"def f{depth}():\n" for depth in range(90)) + "    " * 90 + "pass\n"
    assert facts("nested.py", nested).definitions[2].name == "f0.f1.f2"


@pytest.mark.parametrize("text", ["(" * 100_000, "f(" * 50_000 + ")" * 50_000, "a" + ".b()" * 50_000, "[" * 50_000])
@pytest.mark.parametrize("name", ["deep.py", "deep.js", "deep.cpp"])
def test_texts_made_to_be_hard_take_bounded_time(name: str, text: str):
    """Deep and wide nesting neither crashes the process nor takes time that grows with its square."""
    started = time.process_time()
    facts(name, f"{text}\n")
    assert time.process_time() - started < 10


def test_a_parse_that_takes_too_long_gives_no_facts(monkeypatch: pytest.MonkeyPatch):
    """Time is bounded by size; a text that takes longer is one of an unknown language."""
    monkeypatch.setattr(languages_room, "_MIN_SECONDS", -10.0)
    assert facts("a.py", "class A: pass\n" * 10_000) == Facts()


def test_many_symbols_in_one_file():
    """Thousands of definitions in one file are all found."""
    found = facts("many.py", "".join(f"def f{at}(a): return g(a)\n" for at in range(5000)))
    assert (len(found.definitions), len(found.sites)) == (5000, 5000)


def test_a_syntax_error_leaves_the_rest():
    """What stands before and after broken code is found."""
    text = "class A:\n    def f(self): pass\n\ndef (:\n  ]]\n\nclass B(A):\n    def g(self): return self.f()\n"
    found = facts("broken.py", text)
    assert {"A", "A.f", "B", "B.g"} <= {item.name for item in found.definitions}
    assert ("call", "self.f") in {(site.relation, site.target) for site in found.sites}


def test_unknown_languages_have_no_grammar():
    """Endings decide, in any letter case; a dotfile has none; Markdown is parsed and is no code."""
    assert grammar_of("README.txt") is None
    assert grammar_of(".py") is None
    assert is_code("a.rs")
    assert not is_code("README.md")
    found = grammar_of("A.PY")
    assert found is not None
    assert found.name == "python"


def test_newer_python_is_understood():
    """Type parameters, type aliases, match statements and nested calls."""
    found = facts(
        "new.py", "type Pair[T] = tuple[T, T]\nclass A[T](B[T]):\n    def f[U](self, x: U) -> U: return g(h(x))\n"
    )
    assert [item.signature for item in found.definitions] == [
        "Pair[T] = tuple[T, T]", "A[T](B[T])", "A.f[U](self, x: U) -> U",
    ]  # fmt: skip
    assert [(site.relation, site.target) for site in found.sites] == [("inherit", "B"), ("call", "g"), ("call", "h")]


VARIABLES = {
    "a.go": """\
package a
var (
	X = 1
)
type H map[string]int
type G = H
type S struct { A, b int; *E }
type I interface { M(a int) string }
""",
    "A.java": """\
class A {
  private int x = 1, y;
  static final int Z = 1;
  enum E { P, Q(1) { void f() {} } }
  @interface N { int v() default 1; }
}
""",
    "a.rs": "struct A { pub x: u32 }\nenum E { V(u8), W }\nmacro_rules! m { () => {} }\n",
    "a.c": """\
typedef struct S S;
typedef struct S { int *a, b[2]; } S;
typedef struct { int k; } U;
typedef int (*cb)(int);
enum e { P, Q = 2 };
enum { R };
""",
    "a.cc": """\
using F = int(*)(int);
class C { std::string name_; int& r; void f(int); ~C(); };
C::~C() {}
""",
    "a.ts": """\
export declare const a: X;
export declare function f(a: X): Y;
class C { private x: number = 1; y; }
interface I { p: string }
enum E { A, B = 2 }
type R<T> = { a: T };
""",
    "a.js": """\
class C { x = 1; #y; }
module.exports.f = function (a) {};
Foo.prototype.bar = (a) => a;
this.k = () => 1;
""",
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.go", "X = 1; H map[string]int; G H; S(E); -S.A int; -S.b int; I; I.M(a int) string"),
        ("A.java", "A; -A.x: int; -A.y: int; A.Z = 1; A.E; A.E.P; A.E.Q(1); A.E.f(): void; A.N; A.N.v: int"),
        ("a.rs", "A; -A.x: u32; E; E.V(u8); E.W; m"),
        ("a.c", "S; -S.a: int; -S.b: int; U; -U.k: int; cb = int (*)(int); e; e.P; e.Q = 2; R"),
        ("a.cc", "F = int(*)(int); C; -C.name_: std::string; -C.r: int; C.f(int): void; C.~C()"),
        ("a.ts", "a: X; f(a: X): Y; C; -C.x: number; -C.y; I; -I.p: string; E; E.A; E.B = 2; R<T> = { a: T }"),
        ("a.js", "C; -C.x; -C.y; f(a); Foo.bar(a); k()"),
    ],
)
def test_fields_and_other_names_of_types(name: str, expected: str):
    """Fields are variables, found by name only; an enum's constants and other names of types are constants."""
    found = facts(name, VARIABLES[name]).definitions
    assert "; ".join(f"{'-' if item.minor else ''}{item.signature}" for item in found) == expected

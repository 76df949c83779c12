from __future__ import annotations

import pytest

from lsp_server.workspace.facts import Facts
from lsp_server.workspace.languages import GRAMMARS, Languages, grammar_of
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
        ["raise Oops 2 A.get", "call Oops 2 A.get", "call this.g 4 f"],
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
        ["call this.x.go 2 Foo.get"],
    ),
    "a.tsx": (["function View(p: Props): JSX.Element"], {}, ["call render 1 View"]),
    "a.rs": (
        [
            "class P<T>",
            "class Tr: Clone",
            "method Tr.q(&self) -> i32",
            "class P(Tr)",
            "method P.q(&self) -> i32",
            "constant MAX: usize = 3",
        ],
        {"Tr": ("Clone",)},
        ["call self.a.go 4 P.q", "call panic 4 P.q", "raise panic 4 P.q"],
    ),
    "a.go": (
        ["class S(Base, pkg.Other)", "method S.Get(a int) (int, error)", "function F()", "constant Max = 3"],
        {"S": ("Base", "pkg.Other")},
        ["call fmt.Sum 7 S.Get"],
    ),
    "A.java": (
        ["class A<T>(B, C, d.E)", "constant A.MAX = 3", "method A.get(String a): List<T>"],
        {"A": ("B", "C", "d.E")},
        ["call foo.bar 4 A.get", "raise Oops 4 A.get", "call Oops 4 A.get"],
    ),
    "a.c": (["constant MAX 3", "class s", "function f(int a, char *b): int"], {}, ["call p.g 4 f"]),
    "a.cpp": (
        ["class A : public B, private c::D<T>", "method A.f(int a = 1): int", "method A.k(int z): int"],
        {"A": ("B", "c.D")},
        ["call g 2 A.f", "call x.go 4 A.k", "raise std.runtime_error 4 A.k", "call std.runtime_error 4 A.k"],
    ),
}


def facts(name: str, text: str) -> Facts:
    return ParseCache().facts(name, text.encode())


@pytest.mark.parametrize("name", FOUND)
def test_each_language_gives_definitions_bases_calls_and_raises(name: str):
    """Definitions with signatures, direct bases, and sites with their enclosing definition."""
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


def test_unknown_languages_have_no_grammar():
    """Endings decide, in any letter case; a dotfile has none."""
    assert grammar_of("README.md") is None
    assert grammar_of(".py") is None
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
    assert [site.target for site in found.sites] == ["g", "h"]

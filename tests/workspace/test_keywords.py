"""How a card calls what it shows: by the keyword of its language."""

from __future__ import annotations

import pytest

from support.looking import MARK, Looking

FILES = {
    "a.py": "class A:\n    def f(self): ...\n    async def g(self): ...\nMAX = 1\ntype X = int\n",
    "a.ts": "export interface I { p: string }\nexport abstract class C {}\nenum E { P }\n"
    "type T = I\nexport const K = 1\nexport function f(): void {}\n",
    "a.rs": "pub struct S { a: u8 }\npub enum E { V }\ntrait T {}\npub(crate) fn f() {}\nconst K: u8 = 1;\n"
    "macro_rules! m { () => {} }\ntype X = S;\n",
    "a.go": "package a\ntype S struct { A int }\ntype I interface { M() }\ntype H map[string]int\nfunc (s S) M() {}\n"
    "const K = 1\n",
    "A.java": "public class A { interface I {} enum E { P } record R(int a) {} @interface N {}\n"
    "static final int K = 1;\n void f() {} }\n",
    "a.c": "struct s { int a; };\ntypedef struct { int b; } t;\n#  define K 1\nint f(void) { return 0; }\n"
    "typedef int (*cb)(int);\n",
    "a.cc": "class C {};\nunion U { int a; };\nenum class E { P };\nusing X = C;\n",
}


@pytest.fixture(scope="module")
def looking(tmp_path_factory: pytest.TempPathFactory) -> Looking:
    return Looking(tmp_path_factory.mktemp("keywords") / "w", FILES)


@pytest.mark.parametrize(
    ("path", "snippet", "keyword", "spoken"),
    [
        ("a.py", f"class {MARK}A", "class", "class"),
        ("a.py", f"def {MARK}f", "def", "method"),
        ("a.py", f"async def {MARK}g", "def", "method"),
        ("a.py", f"{MARK}MAX", "", "constant"),
        ("a.py", f"type {MARK}X", "type", "type"),
        ("a.ts", f"interface {MARK}I", "interface", "interface"),
        ("a.ts", f"{{ {MARK}p:", "", "field"),
        ("a.ts", f"class {MARK}C", "class", "class"),
        ("a.ts", f"enum {MARK}E", "enum", "enum"),
        ("a.ts", f"type {MARK}T", "type", "type"),
        ("a.ts", f"const {MARK}K", "const", "constant"),
        ("a.ts", f"function {MARK}f", "function", "function"),
        ("a.rs", f"struct {MARK}S", "struct", "struct"),
        ("a.rs", f"enum {MARK}E", "enum", "enum"),
        ("a.rs", f"trait {MARK}T", "trait", "trait"),
        ("a.rs", f"fn {MARK}f", "fn", "function"),
        ("a.rs", f"const {MARK}K", "const", "constant"),
        ("a.rs", f"! {MARK}m", "macro_rules!", "macro"),
        ("a.rs", f"type {MARK}X", "type", "type"),
        ("a.go", f"type {MARK}S", "type", "struct"),
        ("a.go", f"type {MARK}I", "type", "interface"),
        ("a.go", f"type {MARK}H", "type", "type"),
        ("a.go", f"S) {MARK}M", "func", "method"),
        ("a.go", f"{{ {MARK}A int", "", "field"),
        ("a.go", f"const {MARK}K", "const", "constant"),
        ("A.java", f"class {MARK}A", "class", "class"),
        ("A.java", f"interface {MARK}I", "interface", "interface"),
        ("A.java", f"enum {MARK}E", "enum", "enum"),
        ("A.java", f"record {MARK}R", "record", "record"),
        ("A.java", f"@interface {MARK}N", "@interface", "annotation"),
        ("A.java", f"int {MARK}K", "", "constant"),
        ("A.java", f"void {MARK}f", "", "method"),
        ("a.c", f"struct {MARK}s", "struct", "struct"),
        ("a.c", f"}} {MARK}t;", "struct", "struct"),
        ("a.c", f"define {MARK}K", "#define", "macro"),
        ("a.c", f"int {MARK}f", "", "function"),
        ("a.c", f"(*{MARK}cb)", "typedef", "type"),
        ("a.cc", f"class {MARK}C", "class", "class"),
        ("a.cc", f"union {MARK}U", "union", "union"),
        ("a.cc", f"enum class {MARK}E", "enum", "enum"),
        ("a.cc", f"using {MARK}X", "using", "type"),
    ],
)
def test_the_keyword_and_what_a_person_says(looking: Looking, path: str, snippet: str, keyword: str, spoken: str):
    """A card leads with the language's own keyword and calls things by it; fields have none."""
    card = looking.card(path, snippet)
    assert card is not None
    assert (card.keyword, card.spoken) == (keyword, spoken)

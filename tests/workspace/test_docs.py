from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.workspace.docs import doc_text
from lsp_server.workspace.parse_cache import ParseCache

RAW = [
    ("python", '"""One.\n\n    Two\n      deeper\n    """', "One.\n\nTwo\n  deeper"),
    ("python", "r'raw \\n'", "raw \\n"),
    ("python", '"a \\"b\\" \\\\ c"', 'a "b" \\ c'),
    ("javascript", "/**\n * One.\n *\n *   code\n * @param a\n */", "One.\n\n  code\n@param a"),
    ("javascript", "/** One. */", "One."),
    ("typescript", "// one\n// two", "one\ntwo"),
    ("rust", "/// One\n///\n///     code", "One\n\n    code"),
    ("rust", "/// One\n#[derive(Debug)]\n/// two", "One\ntwo"),
    ("rust", "/** One\n    two */", "One\ntwo"),
    ("go", "// S is it.\n//go:generate x\n// And more.", "S is it.\nAnd more."),
    ("go", "/*\nBlock\n\tof text\n*/", "Block\n        of text"),
    ("java", "/**\n   * Größe {@code x}.\n   */", "Größe x."),
    ("c", "/* f does\n * things */", "f does\nthings"),
    ("cpp", "//! brief\n//!< more", "brief\nmore"),
    ("cpp", "/*! brief */\n// and more", "brief\nand more"),
    ("cpp", "// see /* this */ here", "see /* this */ here"),
    ("cpp", "", ""),
]


@pytest.mark.parametrize(("language", "raw", "text"), RAW)
def test_the_signs_go_and_the_words_stay(language: str, raw: str, text: str):
    """Quotes, comment signs, stars and common indentation are gone; the rest is as it was written."""
    assert doc_text(language, raw) == text


@given(st.sampled_from(["python", "rust", "cpp"]), st.text(alphabet="/*! #'\"\\\nab", max_size=40))
def test_any_text_is_borne(language: str, raw: str):
    """What is no doc gives some text without failing."""
    assert doc_text(language, raw) == doc_text(language, raw).strip()


FOUND = [
    ("a.js", "// about f\nfunction f() {}", "// about f"),
    ("a.js", "// about no one\n\nfunction f() {}", ""),
    ("a.js", "let a = 1; // about a\nfunction f() {}", ""),
    ("a.js", "/** about f */\nexport default function f() {}", "/** about f */"),
    ("a.js", "/** about f */\nexport const f = () => 1;", "/** about f */"),
    ("a.ts", "/** about f */\nexport declare class f {}", "/** about f */"),
    ("a.ts", "// about f\n@a\n@b()\nexport class f {}", "// about f"),
    ("a.rs", "//! about the module\nfn f() {}", ""),
    ("a.rs", "/// about f\n#[a]\n#[b]\npub fn f() {}", "/// about f"),
    ("a.go", "package p\n// about f\ntype f struct {}", "// about f"),
    ("a.go", "package p\n// about f\nconst f = 1", "// about f"),
    ("a.go", "package p\n// about all\nconst (\n\te = 1\n\tf = 2\n)", ""),
    ("A.java", "/** about f */\n@A\nclass f {}", "/** about f */"),
    ("a.c", "/* about f */\ntypedef struct f { int a; } t;", "/* about f */"),
    ("a.cpp", "// about f\ntemplate <class T>\nvoid f() {}", "// about f"),
    ("a.py", "def f():\n    # not this\n    'about f'\n", "'about f'"),
    ("a.py", "def f():\n    x = 1\n    'not about f'\n", ""),
    ("a.py", "def f():\n    b'not text'\n", ""),
    ("a.py", "def f():\n    f'not fixed {x}'\n", ""),
    ("a.py", "f = 1  # see\n'''about f'''\n", "'''about f'''"),
    ("a.py", "f = 1\n\n'''about no one'''\n", ""),
]


@pytest.mark.parametrize(("name", "text", "doc"), FOUND)
def test_the_doc_of_a_definition_is_found(name: str, text: str, doc: str):
    """Directly above, also above decorators and `export`; in Python within, or below an assignment; nothing else."""
    definition = next(item for item in ParseCache().facts(name, text.encode()).definitions if item.name == "f")
    assert text.encode()[definition.doc_start : definition.doc_end].decode() == doc


def test_a_javadoc_is_read_as_plain_words():
    """Inline tags give their words, markup goes, and paragraphs and items stand apart."""
    raw = """/** <p>Counts {@code x} for {@link Till#sum the till} of {@link Shop}, <b>now</b>.</p>
     * <ul><li>one</li>
     * <li>two</li></ul>
     */"""
    assert doc_text("java", raw) == "Counts x for the till of Shop, now.\n\n- one\n- two"


def test_signs_of_regions_are_no_words():
    """They fold an editor's lines."""
    assert doc_text("typescript", "//#region src/a.ts\n// Adds.") == "Adds."

from __future__ import annotations

import pytest

from lsp_server.workspace.parse_cache import ParseCache

TAKEN: list[tuple[str, str, list[tuple[str, str, str]]]] = [
    # file name, text, (local name, module, member)
    ("a.py", "import a", [("a", "a", "")]),
    ("a.py", "import a.b.c, d as e", [("a", "a.b.c", ""), ("e", "d", "")]),
    ("a.py", "from a.b import c, d as e", [("c", "a.b", "c"), ("e", "a.b", "d")]),
    ("a.py", "from . import a\nfrom ..p.q import b", [("a", ".", "a"), ("b", "..p.q", "b")]),
    ("a.py", "from a import *", [("", "a", "*")]),
    ("a.py", "from __future__ import annotations as x", [("x", "__future__", "annotations")]),
    ("a.js", "import a from './m'", [("a", "./m", "default")]),
    ("a.js", "import a, { b, c as d } from 'm'", [("a", "m", "default"), ("b", "m", "b"), ("d", "m", "c")]),
    ("a.js", "import { default as a } from 'm'", [("a", "m", "default")]),
    ("a.js", "import * as a from 'm'", [("a", "m", "")]),
    ("a.js", "import 'm'", [("", "m", "")]),
    ("a.js", "export { a as b, c } from 'm'", [("b", "m", "a"), ("c", "m", "c")]),
    ("a.js", "export * from 'm'; export * as n from 'o'", [("", "m", "*"), ("n", "o", "")]),
    ("a.js", "const a = require('m'), { b, c: d } = require('n')", [("a", "m", ""), ("b", "n", "b"), ("d", "n", "c")]),
    ("a.js", "const a = require('m').b; const no = other('m')", [("a", "m", "b")]),
    ("a.ts", "import type { A as B } from './a'", [("B", "./a", "A")]),
    ("a.ts", "import { default as A } from './a'", [("A", "./a", "default")]),
    ("a.ts", "import a = require('m')", [("a", "m", "")]),
    ("a.tsx", "import * as React from 'react'", [("React", "react", "")]),
    ("a.rs", "use a::b::c;", [("c", "a.b", "c")]),
    ("a.rs", "use a::{self, b::{c, d as e}, f::*};", [
        ("a", "a", ""), ("c", "a.b", "c"), ("e", "a.b", "d"), ("", "a.f", "*"),
    ]),
    ("a.rs", "pub use crate::a::B; use super::c;", [("B", "crate.a", "B"), ("c", "super", "c")]),
    ("a.rs", "use ::std::io as x; extern crate y as z; use w;", [("x", "std", "io"), ("z", "y", ""), ("w", "w", "")]),
    ("a.go", 'import "net/http"', [("http", "net/http", "")]),
    ("a.go", 'import (\n\tf "fmt"\n\t. "a"\n\t_ "b"\n\t"x/y/v2"\n)', [
        ("f", "fmt", ""), ("", "a", "*"), ("", "b", ""), ("y", "x/y/v2", ""),
    ]),
    ("A.java", "import a.b.C;", [("C", "a.b", "C")]),
    ("A.java", "import a.b.*;", [("", "a.b", "*")]),
    ("A.java", "import static a.B.c; import static a.B.*;", [("c", "a.B", "c"), ("", "a.B", "*")]),
    ("a.c", '#include <sys/types.h>\n#include "a/b.h"', [("", "sys/types.h", "*"), ("", "a/b.h", "*")]),
    ("a.cpp", "#include <vector>", [("", "vector", "*")]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "taken"), TAKEN)
def test_imports_tell_local_name_module_and_member(name: str, text: str, taken: list[tuple[str, str, str]]):
    """Each name that a file takes from elsewhere, in every language's way of taking it."""
    found = ParseCache().facts(name, text.encode()).imports
    assert [(item.local, item.module, item.name) for item in found] == taken


def test_an_import_stands_where_its_name_stands():
    """The member's place where one is named, else the module's, without quotes."""
    data = b"import os\nfrom a import (\n    b as c,\n)\n"
    found = ParseCache().facts("a.py", data).imports
    assert [(item.line, data[item.start : item.end]) for item in found] == [(1, b"os"), (3, b"b")]
    script = b'import "./side"'
    (side,) = ParseCache().facts("a.js", script).imports
    assert script[side.start : side.end] == b"./side"

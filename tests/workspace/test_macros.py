from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.workspace.macros import without_macros
from lsp_server.workspace.parse_cache import ParseCache
from support.looking import MARK, Looking


def names(text: str) -> list[str]:
    """Return the kinds and names of what a C++ text defines."""
    found = ParseCache().facts("a.cc", text.encode())
    return [f"{item.kind} {item.name}" for item in found.definitions]


@pytest.mark.parametrize(
    ("line", "gone"),
    [
        ("class SHOP_API Till {", "SHOP_API"),
        ("class SHOP_API Till : public Base {", "SHOP_API"),
        ("struct SHOP_ALIGN(8) Till {", "SHOP_ALIGN(8)"),
        ("SHOP_INLINE void Till::open(int a)", "SHOP_INLINE"),
        ("SHOP_INLINE std::shared_ptr<Till> make()", "SHOP_INLINE"),
        ("static SHOP_API int count(void);", "SHOP_API"),
        ("void SHOP_CALL Till::open(int a)", "SHOP_CALL"),
        ("struct BIG_TYPE value;", ""),
        ("SOME_TYPE make(int a);", ""),
        ("const SOME_TYPE make(int a);", ""),
        ("  return SOME_MACRO make(1);", ""),
        ("#define SHOP_API inline void (", ""),
        ("  SOME_TYPE value = make(1);", ""),
    ],
)
def test_only_words_that_no_grammar_knows_are_taken_out(line: str, gone: str):
    """Export macros and calling conventions go; types, values and the definitions of macros stay."""
    expected = line.replace(gone, " " * len(gone), 1) if gone else line
    assert without_macros(line.encode()).decode() == expected


def test_definitions_behind_macros_are_found():
    """A class behind an export macro has its members, and a function its own name."""
    text = "class SHOP_API Till : public Base {\n  void open();\n  int sum_;\n};\n"
    text += "SHOP_INLINE std::shared_ptr<Till> make() {}\n"
    assert names(text) == ["class Till", "method Till.open", "constant Till.sum_", "function make"]


def test_a_macro_can_be_asked_about(tmp_path_factory: pytest.TempPathFactory):
    """Taken out for the parser, it stays a name to a person."""
    text = "#define SHOP_API\nclass SHOP_API Till {\n  Till();\n};\n"
    looking = Looking(tmp_path_factory.mktemp("macros") / "w", {"till.h": text})
    assert looking.meaning("till.h", f"class {MARK}SHOP_API") == "till.h:SHOP_API"
    assert looking.meaning("till.h", f"SHOP_API {MARK}Till") == "till.h:Till"


@given(data=st.lists(st.sampled_from(["A_B", "class ", "void ", "x::y<z>", "(", ")", "{", "\n", " ", "#", "ä"])))
def test_nothing_moves(data: list[str]):
    """The text keeps its length and its lines; what changes becomes space."""
    text = "".join(data).encode()
    plain = without_macros(text)
    assert len(plain) == len(text)
    assert all(new in (old, ord(" ")) for old, new in zip(text, plain, strict=True))
    assert plain.count(b"\n") == text.count(b"\n")

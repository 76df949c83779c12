from __future__ import annotations

from lsp_server.workspace.facts import Facts
from lsp_server.workspace.parse_cache import MAX_PARSED_BYTES, ParseCache


def test_one_text_is_parsed_once():
    """The same content gives the same facts object, under any name of the language."""
    parsed = ParseCache()
    assert parsed.facts("a.py", b"x = 1\n") is parsed.facts("b.py", b"x = 1\n")


def test_memory_is_bounded():
    """Beyond the limit the text used longest ago is forgotten."""
    parsed = ParseCache(limit=20)
    first = parsed.facts("a.py", b"a = 1 # 0123")
    second = parsed.facts("b.py", b"b = 1 # 0123")
    assert parsed.facts("b.py", b"b = 1 # 0123") is second
    assert parsed.facts("a.py", b"a = 1 # 0123") is not first


def test_data_and_unknown_languages_are_not_parsed():
    """A very large file, or one without a grammar, has no facts."""
    parsed = ParseCache()
    assert parsed.facts("a.txt", b"class A: pass") == Facts()
    assert parsed.facts("a.py", b"#" * (MAX_PARSED_BYTES + 1)) == Facts()

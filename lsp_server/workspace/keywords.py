"""The keyword that a definition stands behind in its language: `def`, `struct`, `interface`, `fn`."""

from __future__ import annotations

import re

from lsp_server.workspace.facts import Definition

_WORDS = {
    "class": frozenset({
        "class", "struct", "enum", "union", "trait", "interface", "@interface", "record", "type", "typedef", "mixin",
    }),
    "function": frozenset({"def", "fn", "func", "function", "macro_rules!", "#define"}),
    "method": frozenset({"def", "fn", "func"}),
    "constant": frozenset({"const", "static", "let", "var", "type", "typedef", "using", "#define"}),
}  # fmt: skip
_WORD = re.compile(r"[#@]?[a-z_]+\b!?")
_APART = re.compile(rb"[{};]")
_DEFINE = re.compile(rb"#\s*define\b")
_BEHIND = re.compile(rb"\s*(?:\[[^\]\n]*\]\s*)?(struct|interface)\b")
_NEAR = re.compile(rb"(?:\b(?:const|static|let|var|type|using|mut)|#\s*define)\s+$|\btypedef\b")
_MOST = 80
"""Bytes at the beginning of a definition that are read for its keyword."""
_SPOKEN = {
    "struct": "struct", "enum": "enum", "union": "union", "trait": "trait", "interface": "interface",
    "@interface": "annotation", "record": "record", "type": "type", "typedef": "type", "using": "type",
    "macro_rules!": "macro", "#define": "macro",
}  # fmt: skip


def keyword_of(data: bytes, item: Definition) -> str:
    """Return the keyword in front of a definition's name; empty where its language has none.

    Args:
        data: the file's normal text.
        item: a definition in it.
    """
    words = _WORDS.get(item.kind)
    if words is None or item.minor:
        return ""
    line = data[data.rfind(b"\n", 0, item.name_start) + 1 : item.name_start]
    line = _DEFINE.sub(b"#define", _APART.split(line)[-1])
    found = [word for word in _WORD.findall(line.decode("utf-8", "replace")) if word in words]
    if item.kind == "constant" and found and not _NEAR.search(line):
        return ""  # of a type that is written before the name
    if not found:
        head = data[item.start : min(item.name_start, item.start + _MOST)].decode("utf-8", "replace")
        found = [word for word in _WORD.findall(re.split(r"[({=;]", head)[0]) if word in words]
    return next(iter(found[-2:] if found[-2:-1] == ["enum"] else found[-1:]), "")  # C++ has `enum class` too


def spoken_kind(data: bytes, item: Definition, keyword: str) -> str:
    """Return what a person calls a definition: its kind, or by its keyword a struct, an interface, a type."""
    if keyword == "type" and (behind := _BEHIND.match(data, item.name_end)) is not None:
        return behind[1].decode()
    if item.kind == "constant" and item.minor:
        return "field" if item.owner >= 0 else "variable"
    return _SPOKEN.get(keyword, item.kind)

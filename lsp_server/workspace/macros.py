"""Macros that stand where C and C++ know none, such as `class API Name {`: taken out before a text is parsed.

A parser that does not run the preprocessor loses the definition behind such a word. In its place stands white space,
so that nothing moves.
"""

from __future__ import annotations

import re

_MACRO = rb"[A-Z][A-Z0-9]*_[A-Z0-9_]+"
_WORD = rb"(?:[A-Za-z_][\w:]*(?:<[^<>;(){}\n]*>)?)"
_FUNCTION = rb"[A-Za-z_~][\w:~<>]*[ \t]*\("
_CANDIDATE = re.compile(rb"\b%b(?:\([^()\n]*\))?(?=\s+[A-Za-z_~])" % _MACRO)
_CLASS = re.compile(rb"\b(?:class|struct|union)[ \t]+$")
_CLASS_NAME = re.compile(rb"\s+[A-Za-z_]\w*(?:<[^<>;(){}]*>)?\s*(?:final\s*)?[:{]")
_QUALIFIERS = re.compile(rb"[ \t]*(?:(?:static|extern|inline|virtual|constexpr|friend|explicit)[ \t]+)*$")
_TYPED_FUNCTION = re.compile(rb"[ \t]+%b[ \t*&]+(?:%b[ \t*&]+)*%b" % (_WORD, _WORD, _FUNCTION))
"""At least two words stand between the macro and the parameters."""
_TYPE = re.compile(rb"[ \t]*(?!#|(?:return|else|case|using|typedef|goto|new|delete|throw)\b)(?:%b[ \t*&]+)*$" % _WORD)
_NO_TYPE = re.compile(rb"(?:static|extern|inline|virtual|constexpr|friend|const|unsigned|signed|struct)\s+$|^[ \t]*$")
_NAMED = re.compile(rb"[ \t]+%b" % _FUNCTION)
_MOST_BEFORE, _MOST_AFTER = 200, 400
"""Bytes around a macro that are looked at: a declaration has no more, a hostile line may have millions."""


def without_macros(data: bytes) -> bytes:
    """Return a C or C++ text of the same length without the words that only compilers of some platform read."""
    plain: bytearray | None = None
    for found in _CANDIDATE.finditer(data):
        start, end = found.span()
        before = data[max(data.rfind(b"\n", 0, start) + 1, start - _MOST_BEFORE) : start]
        if _is_export(data, before, end):
            plain = plain or bytearray(data)
            plain[start:end] = b" " * (end - start)
    return data if plain is None else bytes(plain)


def _is_export(data: bytes, before: bytes, end: int) -> bool:
    """Say whether a macro stands between `class` and a name, before a result type, or between that and a name."""
    last = end + _MOST_AFTER
    if _CLASS.search(before):
        return _CLASS_NAME.match(data, end, last) is not None
    if _QUALIFIERS.match(before):
        return _TYPED_FUNCTION.match(data, end, last) is not None
    return _NAMED.match(data, end, last) is not None and not _NO_TYPE.search(before) and _TYPE.match(before) is not None

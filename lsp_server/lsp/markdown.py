"""Markdown that holds text of others: nothing of theirs becomes a link, an image, HTML or a command.

Letters, digits and a few signs pass; every other sign of ASCII is escaped, so no construct can begin.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

_SIGNS = re.compile(r"""([^\w\s,;"'?%/]|_)""", re.ASCII)
"""What is escaped, beyond letters: also the signs of bare links (`:`, `.`, `@`), icons and formulas."""
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_TICKS = re.compile(r"`+")
_TAB = "    "
_HARD_BREAK = "  \n"
_NO_BREAK = "\N{NO-BREAK SPACE}"
_JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
"""Invisible, and part of how some scripts and signs are written."""


def plain(text: str) -> str:
    """Return text without what no one sees: control characters, and those that turn the order of others round."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", _TAB)
    return "".join(char for char in text if char == "\n" or not _is_invisible(char))


def _is_invisible(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and char not in _JOINERS


def inline(text: str) -> str:
    """Return one line of text, escaped."""
    return _escaped(" ".join(plain(text).split()))


def prose(text: str, *, code: bool = False) -> str:
    """Return text of several lines, escaped, with its line ends and its indentation.

    Args:
        text: of a doc comment, or of the model.
        code: let single back ticks mark code, as they do in the model's words.
    """
    lines = [_line(line, code=code) for line in plain(text).strip("\n").split("\n")]
    paragraphs = re.split(r"\n{2,}", "\n".join(lines).strip("\n"))
    return "\n\n".join(paragraph.replace("\n", _HARD_BREAK) for paragraph in paragraphs)


def _line(line: str, *, code: bool) -> str:
    indent = _NO_BREAK * (len(line) - len(line.lstrip()))
    line = line.strip()
    if not code:
        return indent + _escaped(line) if line else ""
    pieces = _CODE.split(line)
    shown = [code_span(piece) if at % 2 else _escaped(piece) for at, piece in enumerate(pieces)]
    return indent + "".join(shown) if line else ""


def _escaped(text: str) -> str:
    return "".join(f"\\{char}" if char.isascii() and _SIGNS.match(char) else char for char in text)


def code_span(text: str) -> str:
    """Return one line of code within a sentence."""
    text = " ".join(plain(text).split())
    if not text:
        return ""
    ticks = _longer_than_any(text, 1)
    pad = " " if "`" in (text[0], text[-1]) else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def code_block(text: str, language: str) -> str:
    """Return lines of code as a block; `language` is a word of ours."""
    text = plain(text)
    fence = _longer_than_any(text, 3)
    return f"{fence}{language}\n{text}\n{fence}"


def _longer_than_any(text: str, least: int) -> str:
    return "`" * max(least, *(len(ticks) + 1 for ticks in _TICKS.findall(text)), least)


def link(text: str, uri: str) -> str:
    """Return a link of ours; its text may be of others, its target is percent-encoded once more where it must be."""
    return f"[{inline(text)}]({quote(uri, safe=_URI_SIGNS)})"


_URI_SIGNS = "%/:#?&=,;@+$!~*'-._"
"""No parentheses, angle brackets or spaces: they would end the target."""


def command_link(text: str, command: str, arguments: Sequence[Any]) -> str:
    """Return a link that has the editor run a command of ours."""
    return f"[{inline(text)}](command:{command}?{quote(json.dumps(list(arguments)), safe='')})"

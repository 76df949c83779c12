"""The words of a docstring or doc comment, without quotes, comment signs and common indentation."""

from __future__ import annotations

import re
import textwrap

_STRING = re.compile(r"[rRuU]?(\"\"\"|'''|\"|')(.*)\1", re.DOTALL)
_BLOCK = re.compile(r"/\*+!?<?(.*?)\**\*/", re.DOTALL)
_STAR = re.compile(r"^[ \t]*\*+(?:[ \t]|$)?", re.MULTILINE)
_LINE = re.compile(r"^[ \t]*(?://[/!]*<?|#+)", re.MULTILINE)
# signs to tools rather than words to readers
_DIRECTIVE = re.compile(
    r"^(?://(?:go:|line |export |nolint|eslint|prettier-|@ts-|\s*#(?:end)?region\b)|/\*\s*eslint).*$", re.MULTILINE
)
_INLINE = re.compile(
    r"\{@(?:code|literal|value)\s+(?P<code>[^{}]*)\}"
    r"|\{@link(?:plain)?\s+(?P<link>[^{}\s]*)(?:\s+(?P<shown>[^{}]*))?\}"
)
_PARAGRAPH = re.compile(r"\s*</?(?:p|pre|ul|ol|br|h\d)\b[^<>\n]*>\s*", re.IGNORECASE)
_ITEM = re.compile(r"<li\b[^<>\n]*>\s*", re.IGNORECASE)
_TAG = re.compile(r"</?(?:code|em|i|b|tt|strong|a|sup|sub|var|span)\b[^<>\n]*>|</li>", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(?:\n|(['\"\\nt]))")
_ESCAPED = {"n": "\n", "t": "\t"}


def doc_text(grammar_name: str, raw: str) -> str:
    """Return the plain text of a doc as it is written in a language.

    Args:
        grammar_name: see `languages.GRAMMARS`.
        raw: a Python string, or comments with the space between them, attributes among them left out.
    """
    if grammar_name == "python":
        return _docstring(raw)
    pieces: list[str] = []
    rest = _DIRECTIVE.sub("", raw)
    position = 0
    for block in _BLOCK.finditer(rest):
        if rest.rfind("//", rest.rfind("\n", 0, block.start()) + 1, block.start()) >= 0:
            continue  # a sign of blocks within a line comment
        pieces += [_lines(rest[position : block.start()]), _block(block.group(1))]
        position = block.end()
    pieces.append(_lines(rest[position:]))
    text = "\n".join(filter(None, pieces))
    return _without_tags(text) if grammar_name == "java" else text


def _without_tags(text: str) -> str:
    """Return a Javadoc text in plain words: `{@code x}` and `<code>x</code>` as `x`, paragraphs apart."""
    plain = _INLINE.sub(lambda tag: tag["shown"] or tag["code"] or tag["link"] or "", text)
    plain = _PARAGRAPH.sub("\n\n", plain)
    plain = _ITEM.sub("- ", _TAG.sub("", plain))
    return re.sub(r"\n{3,}", "\n\n", plain).strip()


def _docstring(raw: str) -> str:
    string = _STRING.fullmatch(raw.strip())
    if string is None:
        return ""
    text = string.group(2)
    if raw[:1] not in "rR":
        text = _ESCAPE.sub(lambda escape: _ESCAPED.get(escape[1] or "", escape[1] or ""), text)
    return _dedented(text)


def _block(text: str) -> str:
    """Return the words of a block comment, whose lines may begin with stars."""
    first, *others = text.split("\n")
    starred = all(not line.strip() or line.lstrip().startswith("*") for line in others)
    return _dedented("\n".join([first, *(_STAR.sub("", line, count=1) for line in others)]) if starred else text)


def _lines(text: str) -> str:
    """Return the words of line comments; other lines, such as attributes, are left out."""
    kept = [_LINE.sub("", line, count=1) for line in text.split("\n") if line.lstrip().startswith("//")]
    return textwrap.dedent("\n".join(kept)).strip()


def _dedented(text: str) -> str:
    """Return a text whose first line begins behind a sign: the others tell the common indentation."""
    first, newline, others = text.expandtabs().partition("\n")
    lines = f"{first.strip()}{newline}{textwrap.dedent(others)}".split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()

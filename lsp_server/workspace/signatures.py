"""One-line spellings of names, parameter lists and values."""

from __future__ import annotations

import re

from tree_sitter import Node

_SPACE = re.compile(r"\s+")
_ARROWS = re.compile(r"\s*(?:\?\.|::|->|!\.|\.)\s*")
_CHAIN = re.compile(r"[\w$]+(?:\.[\w$]+)*$")
UNKNOWN = "?."
"""Stands before a name whose owner has none."""
_MAX_TAIL = 400
_MAX_VALUE = 160


def one_line(text: str) -> str:
    """Return the text with every run of white space as one space."""
    return _SPACE.sub(" ", text).strip()


def dotted(text: str, cut_at: str) -> str:
    """Return the dotted name that `text` ends with: `a?.b`, `a::b` and `a->b` all read `a.b`.

    Args:
        text: an expression or type.
        cut_at: characters (opening brackets) at which it ends first.

    Returns:
        The name; `?.name` where it is taken from something unnamed, such as the result of another call; empty when the
        text ends with no name.
    """
    if cut_at:
        ends = [index for char in cut_at if (index := text.find(char)) > 0]
        text = text[: min(ends)] if ends else text
    plain = _ARROWS.sub(".", text[-_MAX_TAIL:].strip())
    found = _CHAIN.search(plain)
    if found is None:
        return ""
    return f"{UNKNOWN}{found.group()}" if plain[: found.start()].endswith(".") else found.group()


def parameters(node: Node) -> str:
    """Return a parameter list on one line, defaults and annotations included, comments left out."""
    inner = [child for child in node.named_children if "comment" not in child.type]
    pieces = [one_line((child.text or b"").decode("utf-8", "replace")) for child in inner]
    return f"({', '.join(pieces)})"


def returns(text: str, language: str) -> str:
    """Return a result type as it stands behind the parameters in its language."""
    plain = one_line(text)
    if language == "python":
        return f" -> {plain}"
    if language in {"typescript", "tsx"}:
        return plain if plain.startswith((":", "[")) else f": {plain}"
    if language == "rust":
        return f" -> {plain}"
    return f" {plain}" if language == "go" else f": {plain}"


def constant_line(qualified: str, name: str, text: str) -> str:
    """Return an assignment on one line under its qualified name, a long value cut."""
    head, found, tail = text.partition(name)
    plain = one_line((tail if found else head)[: 4 * _MAX_VALUE]).rstrip(";,")
    if len(plain) > _MAX_VALUE:
        plain = plain[:_MAX_VALUE] + "…"
    return f"{qualified}{plain}" if plain.startswith((":", "[")) else f"{qualified} {plain}".rstrip()

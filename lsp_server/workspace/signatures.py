"""One-line spellings of parameter lists, result types and values."""

from __future__ import annotations

import re

from tree_sitter import Node

from lsp_server.workspace.source_text import SourceText, one_line

_MAX_VALUE = 160
_VALUE_BYTES = 4 * 4 * _MAX_VALUE
# nothing in it that could hold a comma of its own, or a comment
_DOC = re.compile(r"/\*\*.*?\*/", re.DOTALL)
_PLAIN_PARAMETERS = re.compile(rb"\(([\w\s:=*&.,|?\x80-\xff-]*)\)")


def parameters(source: SourceText, node: Node) -> str:
    """Return a parameter list on one line, defaults and annotations included, comments left out."""
    plain = _PLAIN_PARAMETERS.fullmatch(source.data, node.start_byte, node.end_byte)
    if plain is not None:
        inside = one_line(plain.group(1).decode("utf-8", "replace"))
        pieces = inside.replace(" ,", ",").replace(", ", ",").rstrip(",").split(",")
        return f"({', '.join(pieces)})"
    inner = [child for child in node.named_children if "comment" not in child.type]
    return f"({', '.join(source.one_line(child.start_byte, child.end_byte) for child in inner)})"


def returns(text: str, language: str) -> str:
    """Return a result type, given on one line, as it stands behind the parameters in its language."""
    if language in {"python", "rust"}:
        return f" -> {text}"
    if language in {"typescript", "tsx"}:
        return text if text.startswith((":", "[")) else f": {text}"
    return f" {text}" if language == "go" else f": {text}"


def field_line(qualified: str, declared: str, language: str) -> str:
    """Return a field with its type, given on one line, as it stands behind a name in its language."""
    if not declared or declared.startswith(":"):
        return f"{qualified}{declared}"
    declared = declared.partition("{")[0].rstrip() or declared
    return f"{qualified} {declared}" if language == "go" else f"{qualified}: {declared}"


def constant_line(source: SourceText, qualified: str, name_end: int, end: int) -> str:
    """Return an assignment on one line under its qualified name, a long value cut.

    Args:
        source: the file.
        qualified: the name to show.
        name_end: the byte after the name in the assignment.
        end: the byte after the assignment.
    """
    tail = source.text(name_end, min(end, name_end + _VALUE_BYTES))
    plain = one_line(_DOC.sub("", tail[: 4 * _MAX_VALUE])).rstrip(";,")
    if len(plain) > _MAX_VALUE:
        plain = plain[:_MAX_VALUE] + "…"
    attached = plain.startswith((":", "[")) or (plain.startswith(("(", "<")) and not tail[:1].isspace())
    return f"{qualified}{plain}" if attached else f"{qualified} {plain}".rstrip()

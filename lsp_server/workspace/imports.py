"""What a file takes from elsewhere, in every language."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.workspace.facts import Import
from lsp_server.workspace.languages import Captures
from lsp_server.workspace.source_text import SourceText

_QUOTES = b"\"'`<>"
_MAX_TREE = 2000
"""Nodes of one `use` that are looked at."""
_VERSION = re.compile(r"v\d+")


def imports_of(source: SourceText, language: str, captures: Captures) -> Iterator[Import]:
    """Yield the imports that one match tells."""
    if "tree" in captures:
        yield from _use_tree(source, captures["tree"][0])
        return
    required = captures.get("require")
    if required and source.data[required[0].start_byte : required[0].end_byte] != b"require":
        return
    start, end = _inside_quotes(source, captures["module"][0])
    module = "".join(source.text(start, end).split())
    if not module:
        return
    local, name = "", ""
    if "all" in captures:
        name, start, end = "*", captures["all"][0].start_byte, captures["all"][0].end_byte
    elif "default" in captures:
        name, start, end = "default", captures["default"][0].start_byte, captures["default"][0].end_byte
        local = source.text(start, end)
    elif "name" in captures:
        start, end = _inside_quotes(source, captures["name"][0])
        local = name = source.text(start, end)
    elif language in {"c", "cpp"}:
        name = "*"
    elif "unused" not in captures:
        local = _bound(module, language)
    if "local" in captures:
        local = source.text(captures["local"][0].start_byte, captures["local"][0].end_byte)
    if start < end and (local + name).split() in ([], [local + name]):  # else a syntax error lies within the names
        yield Import(local, module, name, source.line(start), start, end)


def _inside_quotes(source: SourceText, node: Node) -> tuple[int, int]:
    start, end = node.start_byte, node.end_byte
    if end - start > 1 and source.data[start] in _QUOTES and source.data[end - 1] in _QUOTES:
        return start + 1, end - 1
    return start, end


def _bound(module: str, language: str) -> str:
    """Return the name that a module is bound to where none is given."""
    if language == "python":
        return module.partition(".")[0]
    if language == "go":
        parts = module.split("/")
        return parts[-2] if len(parts) > 1 and _VERSION.fullmatch(parts[-1]) else parts[-1]
    return module if language in {"rust", "java"} else ""


def _use_tree(source: SourceText, root: Node) -> Iterator[Import]:
    """Yield the leaves of Rust's `use a::{self, b as c, d::*}`, in order."""
    waiting: list[tuple[Node, list[str]]] = [(root, [])]
    for _ in range(_MAX_TREE):
        if not waiting:
            return
        node, above = waiting.pop()
        if node.type == "scoped_use_list":
            above = [*above, *_path(source, node.child_by_field_name("path"))]
            node = node.child_by_field_name("list") or node
        if node.type in {"use_list", "scoped_use_list"}:
            waiting += [(child, above) for child in reversed(node.named_children) if "comment" not in child.type]
        else:
            yield from _use_leaf(source, node, above)


def _use_leaf(source: SourceText, node: Node, above: list[str]) -> Iterator[Import]:
    local = None
    if node.type == "use_as_clause":
        local = node.child_by_field_name("alias")
        node = node.child_by_field_name("path") or node
    if node.type == "use_wildcard":
        module = [*above, *_path(source, node.named_child(0) if node.named_child_count else None)]
        yield Import("", ".".join(module), "*", source.line(node.end_byte - 1), node.end_byte - 1, node.end_byte)
        return
    path = [*above, *_path(source, node)]
    if not path:
        return
    if len(path) > 1 and path[-1] == "self":  # of a list: the module above, by its own name
        path = path[:-1]
    bound = source.text(local.start_byte, local.end_byte) if local else path[-1]
    member = path[-1] if len(path) > 1 else ""
    _, start, end = source.name(node.start_byte, node.end_byte)
    yield Import(bound, ".".join(path[:-1]) or path[-1], member, source.line(start), start, end)


def _path(source: SourceText, node: Node | None) -> list[str]:
    if node is None:
        return []
    return [part for part in source.name(node.start_byte, node.end_byte)[0].split(".") if part not in {"", "?"}]

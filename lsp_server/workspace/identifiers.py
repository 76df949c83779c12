"""Which identifier stands at a place of a text, and the dotted name that it ends.

Comments, strings, keywords and numbers are none; what is interpolated into a string is code.
"""

from __future__ import annotations

from functools import lru_cache

import attrs
from tree_sitter import Language, Node, Tree

from lsp_server.workspace.languages import GRAMMARS, grammar_of, load, parse
from lsp_server.workspace.source_text import SourceText

_MAX_DEPTH = 4000
_CACHED_TREES = 4
_MAX_CACHED_BYTES = 1_000_000

_NOT_NAMES = frozenset({"blank_identifier", "lifetime"})
_MEMBERS = frozenset(
    {
        "attribute", "dotted_name",
        "member_expression", "nested_identifier", "nested_type_identifier",
        "field_expression", "scoped_identifier", "scoped_type_identifier", "scoped_use_list", "use_wildcard",
        "selector_expression", "qualified_type",
        "field_access", "method_invocation",
        "qualified_identifier", "template_function", "template_method", "template_type", "dependent_name",
    }
)  # fmt: skip
"""Nodes that may end with a name of what stands before it, in the languages that can be parsed."""


@attrs.frozen
class Token:
    """An identifier."""

    start: int
    end: int
    chain: str
    """The dotted name that ends with it: `self.registry.get`; `?.get` for one of a call's result."""


def identifier_at(name: str, data: bytes, offset: int) -> tuple[int, int] | None:
    """Return the first byte of the identifier at a byte offset and the byte after its last; None where there is none.

    Args:
        name: the file's name, which tells the language.
        data: the file's normal text.
        offset: of one of its bytes, or of the byte after its last.
    """
    token = token_at(name, data, offset)
    return None if token is None else (token.start, token.end)


def chain_at(name: str, data: bytes, offset: int) -> str:
    """Return the dotted name up to and including the identifier at a byte offset; empty where there is none."""
    token = token_at(name, data, offset)
    return "" if token is None else token.chain


def token_at(name: str, data: bytes, offset: int) -> Token | None:
    """Return the identifier at a byte offset; None where there is none. The texts asked of last stay parsed."""
    grammar = grammar_of(name)
    if grammar is None or not 0 <= offset <= len(data):
        return None
    tree = _parsed(grammar.name, data) if len(data) <= _MAX_CACHED_BYTES else _parse(grammar.name, data)
    if tree is None:
        return None
    return token_in(tree, data, offset) or (token_in(tree, data, offset - 1) if offset else None)


def token_in(tree: Tree, data: bytes, offset: int) -> Token | None:
    """Return the identifier that holds a byte of a parsed text; None where there is none."""
    path = _path_to(tree, offset)
    leaf = path[-1]
    if leaf.child_count or not leaf.type.endswith("identifier") or leaf.type in _NOT_NAMES:
        return None
    if any(node.type in _NOT_NAMES for node in path[-2:-1]) or _is_stray_keyword(tree.language, path, data):
        return None
    own = start = leaf.start_byte + data.startswith(b"#", leaf.start_byte)  # a private name is known without its sign
    for node in reversed(path[:-1]):
        if node.type not in _MEMBERS:
            break
        start = min(start, node.start_byte)
    word = data[own : leaf.end_byte].decode("utf-8", "replace")
    return Token(own, leaf.end_byte, SourceText(data).name(start, leaf.end_byte)[0] or word)


def _path_to(tree: Tree, offset: int) -> list[Node]:
    """Return the nodes that hold a byte, from the root on."""
    cursor = tree.walk()
    path = [tree.root_node]
    while len(path) < _MAX_DEPTH and cursor.goto_first_child_for_byte(offset) is not None:
        node = cursor.node
        if node is None or not node.start_byte <= offset < node.end_byte:
            break
        path.append(node)
    return path


def _is_stray_keyword(language: Language, path: list[Node], data: bytes) -> bool:
    """Say whether a token within a syntax error was taken for an identifier though it is a keyword elsewhere."""
    if not any(node.is_error for node in path[:-1]):
        return False
    word = data[path[-1].start_byte : path[-1].end_byte].decode("utf-8", "replace")
    return language.id_for_node_kind(word, False) is not None


@lru_cache(maxsize=_CACHED_TREES)
def _parsed(language: str, data: bytes) -> Tree | None:
    return _parse(language, data)


def _parse(language: str, data: bytes) -> Tree | None:
    return parse(_language(language), data)


@lru_cache
def _language(name: str) -> Language:
    return load(next(grammar for grammar in GRAMMARS if grammar.name == name))

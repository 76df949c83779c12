"""Which identifier stands at a place of a text, and the dotted name that it ends.

Comments, strings, keywords and numbers are none; what is interpolated into a string is code.
"""

from __future__ import annotations

import re
from functools import lru_cache

import attrs
from tree_sitter import Language, Node, Tree

from lsp_server.workspace.languages import GRAMMARS, grammar_of, load, parse
from lsp_server.workspace.local_names import Binding, binding_of
from lsp_server.workspace.macros import without_macros
from lsp_server.workspace.source_text import OF_TYPE, SourceText

_MAX_DEPTH = 4000
_CACHED_TREES = 4
_MAX_CACHED_BYTES = 1_000_000

_BEFORE = re.compile(rb"(?:\b[A-Za-z_]\w*(?:::|\.))+$|[)\]?]\s*\.$")
"""What stands before a name that it belongs to."""
_MOST_BEFORE = 200

_UNNAMED = ("map_type", "slice_type", "array_type", "struct_type")
_TYPE_NAMES = frozenset({"type_identifier", "namespace_identifier"})
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
    binding: Binding | None = None
    """How the function around it binds the first part of that name; None where it does not."""
    of_type: bool = False
    """Whether the grammar knows it for a type's name."""


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
    plain = without_macros(data) if grammar.name in {"c", "cpp"} else data
    return _token(grammar.name, plain, data, offset) or (
        None if plain is data else _token(grammar.name, data, data, offset)
    )


def _token(language: str, parsed: bytes, data: bytes, offset: int) -> Token | None:
    tree = _parsed(language, parsed) if len(parsed) <= _MAX_CACHED_BYTES else _parse(language, parsed)
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
    made = _made_type(path)
    if made is not None:
        owner, field = data[made.start_byte : made.end_byte], data[own : leaf.end_byte].decode("utf-8", "replace")
        return Token(own, leaf.end_byte, f"{SourceText(owner).name_before(0, len(owner), OF_TYPE)[0]}.{field}")
    if len(path) > 1 and path[-2].type == "token_tree":  # of a macro, which is not parsed
        before = _BEFORE.search(data, max(0, start - _MOST_BEFORE), start)
        start = before.start() if before else start
    word = data[own : leaf.end_byte].decode("utf-8", "replace")
    chain = SourceText(data).name(start, leaf.end_byte)[0] or word
    head = chain.partition(".")[0]
    holder = path if start == leaf.start_byte else _path_to(tree, start)
    binding = binding_of(holder, data, head) if head.isidentifier() else None
    return Token(own, leaf.end_byte, chain, binding, leaf.type in _TYPE_NAMES)


def _made_type(path: list[Node]) -> Node | None:
    """Return the type of the object, in Rust and Go, to whose field a token gives a value; None for another token."""
    around = tuple(node.type for node in path[-5:-1])
    made = field = None
    if around[-3:] == ("struct_expression", "field_initializer_list", "field_initializer"):
        made, field = path[-4].child_by_field_name("name"), path[-2].child_by_field_name("field")
    elif around == ("composite_literal", "literal_value", "keyed_element", "literal_element"):
        made, field = path[-5].child_by_field_name("type"), path[-3].child_by_field_name("key")
    if made is None or field is None or field.start_byte != path[-1].start_byte or made.type.endswith(_UNNAMED):
        return None
    return made


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

"""Which plain names a function binds for itself, and the types that their declarations tell."""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs
from tree_sitter import Node

_FUNCTIONS = frozenset({
    "function_definition", "lambda",
    "function_declaration", "generator_function_declaration", "function_expression", "generator_function",
    "arrow_function", "method_definition",
    "function_item", "closure_expression",
    "method_declaration", "func_literal",
    "constructor_declaration", "compact_constructor_declaration", "lambda_expression",
})  # fmt: skip
_CLASSES = frozenset({
    "class_definition", "class_body", "impl_item", "trait_item", "class_specifier", "struct_specifier",
    "interface_body", "enum_body", "mod_item",
})  # fmt: skip
"""Functions inside one do not see the names of the functions around it, or do so rarely."""
_BINDING = frozenset({
    ("assignment", "left"), ("named_expression", "name"), ("for_statement", "left"), ("for_in_clause", "left"),
    ("as_pattern", "alias"), ("parameters", ""), ("lambda_parameters", ""), ("typed_parameter", ""),
    ("default_parameter", "name"), ("typed_default_parameter", "name"),
    ("variable_declarator", "name"), ("arrow_function", "parameter"), ("required_parameter", "pattern"),
    ("optional_parameter", "pattern"), ("formal_parameters", ""), ("catch_clause", "parameter"),
    ("for_in_statement", "left"),
    ("enhanced_for_statement", "name"), ("catch_formal_parameter", "name"), ("resource", "name"),
    ("formal_parameter", "name"), ("lambda_expression", "parameters"), ("inferred_parameters", ""),
    ("instanceof_expression", "name"),
    ("short_var_declaration", "left"), ("range_clause", "left"), ("var_spec", "name"), ("const_spec", "name"),
    ("parameter_declaration", "name"), ("variadic_parameter_declaration", "name"), ("type_switch_statement", "alias"),
    ("let_declaration", "pattern"), ("parameter", "pattern"), ("closure_parameters", ""), ("match_pattern", ""),
    ("for_expression", "pattern"), ("let_condition", "pattern"),
    ("declaration", "declarator"), ("init_declarator", "declarator"), ("parameter_declaration", "declarator"),
    ("optional_parameter_declaration", "declarator"), ("for_range_loop", "declarator"),
})  # fmt: skip
"""Nodes and the field in which they bind a name; without a field, as one of their parts."""
_PATTERNS = frozenset({
    "pattern_list", "tuple_pattern", "list_pattern", "as_pattern_target", "list_splat_pattern",
    "dictionary_splat_pattern",
    "expression_list", "identifier_list",
    "object_pattern", "array_pattern", "pair_pattern", "assignment_pattern", "object_assignment_pattern",
    "rest_pattern",
    "tuple_struct_pattern", "struct_pattern", "field_pattern", "or_pattern", "mut_pattern", "ref_pattern",
    "reference_pattern", "captured_pattern", "slice_pattern",
    "pointer_declarator", "reference_declarator", "array_declarator", "structured_binding_declarator",
    "function_declarator",
})  # fmt: skip
"""Nodes through which a name is bound by what is around them."""
_NOT_BOUND = frozenset({
    ("tuple_struct_pattern", "type"), ("struct_pattern", "type"), ("field_pattern", "name"), ("pair_pattern", "key"),
    ("assignment_pattern", "right"), ("object_assignment_pattern", "right"), ("array_declarator", "size"),
})  # fmt: skip
_DECLARING = frozenset({"parameters", "formal_parameters", "closure_parameters", "lambda_parameters", "match_pattern"})
"""Nodes that hold several names: what is beside one says nothing about it."""
_NAME = r"[^\W\d][\w$]*(?:(?:\.|::)[^\W\d][\w$]*)*"
_MADE = re.compile(rf"(?:await\s+|new\s+|&)*({_NAME})\s*(?:<[^<>]*>|\[[^\[\]]*\])?\s*[({{]")
_PARAMETERS = frozenset({
    "parameter_declaration", "optional_parameter_declaration", "formal_parameter", "required_parameter",
    "optional_parameter", "parameter",
})  # fmt: skip
"""What is declared without a function around it, as in a prototype, is nobody's name all the same."""
_ELSEWHERE = frozenset({"global_statement"})
"""Statements that tell that a name is not the function's own."""
_MOST = 200
"""Mentions of a name in one function that are looked at."""


@attrs.frozen
class Binding:
    """How a function binds a name of its own."""

    declared: str = ""
    """The type as it is written, or the class whose call gives the value; empty when neither is told."""


def binding_of(path: list[Node], data: bytes, name: str) -> Binding | None:
    """Return how the functions around a token bind a name; None when they do not.

    Args:
        path: the nodes that hold the token, from the root on.
        data: the text that they are of.
        name: a plain name, the head of the token's dotted name.
    """
    function = _function_around(path)
    if function is None:
        holder = _binder(path[-1]) if path else None
        return Binding(_declared(holder, data)) if holder is not None and holder.type in _PARAMETERS else None
    found: Node | None = None
    for node in _mentions(function, data, name):
        if node.parent is not None and node.parent.type in _ELSEWHERE:
            return None
        holder = _binder(node)
        if holder is None:
            continue
        if found is not None and holder.start_byte > path[-1].start_byte:
            break
        found = holder
    return None if found is None else Binding(_declared(found, data))


def _function_around(path: list[Node]) -> Node | None:
    """Return the outermost function around a token that no class inside it parts from the token."""
    found: Node | None = None
    for node in path[:-1]:
        if node.type in _CLASSES:
            found = None
        elif node.type in _FUNCTIONS and found is None:
            found = node
    return found


def _mentions(function: Node, data: bytes, name: str) -> Iterator[Node]:
    """Yield the identifiers of that name in a function, by position."""
    expression = re.compile(rb"(?<![\w$.])%b(?![\w$])" % re.escape(name.encode()))
    for count, match in enumerate(expression.finditer(data, function.start_byte, function.end_byte)):
        if count >= _MOST:
            return
        node = function.named_descendant_for_byte_range(match.start(), match.end())
        if node is not None and (node.start_byte, node.end_byte) == match.span() and "identifier" in node.type:
            yield node


def _binder(node: Node) -> Node | None:
    """Return the node that binds an identifier; None when it is only mentioned."""
    child, parent = node, node.parent
    while parent is not None:
        field = _field_of(parent, child)
        if (parent.type, field) in _NOT_BOUND:
            return None
        if (parent.type, field) in _BINDING:
            if parent.type == "match_pattern" and not (node.text or b"A")[:1].islower():
                return None
            return parent
        if parent.type not in _PATTERNS:
            return None
        child, parent = parent, parent.parent
    return None


def _field_of(parent: Node, child: Node) -> str:
    for at, node in enumerate(parent.children):
        if node.id == child.id:
            return parent.field_name_for_child(at) or ""
    return ""


def _declared(holder: Node, data: bytes) -> str:
    """Return the type that a binding tells."""
    if holder.type in _DECLARING:
        return ""
    owner = holder
    if holder.type in {"variable_declarator", "init_declarator"} and holder.parent is not None:
        owner = holder if holder.child_by_field_name("type") else holder.parent
    declared = owner.child_by_field_name("type")
    if declared is not None and _text(declared, data) not in {"var", "auto"}:
        return _text(declared, data).lstrip(": ")
    value = holder.child_by_field_name("value") or holder.child_by_field_name("right")
    if value is None or holder.type in {"for_statement", "for_in_clause", "for_expression", "range_clause"}:
        return ""
    made = _MADE.match(_text(value, data))
    if made is None:
        return ""
    *owners, last = made[1].replace("::", ".").split(".")
    if last[:1].isupper():
        return ".".join((*owners, last))
    return ".".join(owners) if owners and owners[-1][:1].isupper() and "::" in made[1] else ""


def _text(node: Node, data: bytes) -> str:
    return data[node.start_byte : min(node.end_byte, node.start_byte + 300)].decode("utf-8", "replace")

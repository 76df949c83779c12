"""What Python's own parser says of a file: an independent account to hold the index against."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Literal

import attrs

Relation = Literal["subclass", "caller", "raise"]


@attrs.frozen
class Defined:
    """A class, function or method."""

    kind: Literal["class", "function", "method"]
    name: str
    """Qualified within the file."""
    line: int
    """One-based, of the `def` or `class` itself."""


@attrs.frozen
class Used:
    """A name in one of the relations."""

    relation: Relation
    name: str
    """The last part of the dotted name, as it is called where an import takes it from."""
    line: int
    """One-based: of the class that inherits, of the called or raised name."""
    module: str = ""
    """Where an import of the file takes the beginning of the dotted name from; empty where none does."""


@attrs.frozen
class Truth:
    """Everything that is compared, of one file."""

    defined: frozenset[Defined]
    used: frozenset[Used]


@attrs.frozen
class _Import:
    module: str
    name: str
    """The member; empty for the module itself."""


def truth(source: bytes) -> Truth:
    """Walk one file.

    Raises:
        SyntaxError, ValueError: this Python cannot parse it.
    """
    tree = ast.parse(source)
    return Truth(frozenset(_defined(tree, (), inside_class=False)), frozenset(_used(tree, _imports(tree))))


def _defined(node: ast.AST, around: tuple[str, ...], *, inside_class: bool) -> Iterator[Defined]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            qualified = (*around, child.name)
            yield Defined("class", ".".join(qualified), child.lineno)
            yield from _defined(child, qualified, inside_class=True)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            qualified = (*around, child.name)
            yield Defined("method" if inside_class else "function", ".".join(qualified), child.lineno)
            yield from _defined(child, qualified, inside_class=False)
        else:
            yield from _defined(child, around, inside_class=inside_class)


def _imports(tree: ast.AST) -> dict[str, _Import]:
    """Return what the file's imports bind, wherever in it they stand."""
    bound: dict[str, _Import] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound[alias.asname or alias.name.partition(".")[0]] = _Import(alias.name, "")
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                module = "." * node.level + (node.module or "")
                bound[alias.asname or alias.name] = _Import(module, alias.name)
    return bound


def _used(tree: ast.AST, imports: dict[str, _Import]) -> Iterator[Used]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for base in node.bases:  # `Generic[T]` is Generic
                value = base.value if isinstance(base, ast.Subscript) else base
                yield from _named("subclass", value, imports, node.lineno)
        elif isinstance(node, ast.Call):
            yield from _named("caller", node.func, imports)
        elif isinstance(node, ast.Raise) and node.exc is not None:
            yield from _named("raise", _exception(node.exc), imports)


def _exception(node: ast.expr) -> ast.expr:
    """Return what makes the exception: `E` of `E`, `E(...)` and `E(...).with_traceback(...)`."""
    while isinstance(node, ast.Call):
        node = node.func
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call):
            node = node.value
    return node


def _named(relation: Relation, node: ast.expr, imports: dict[str, _Import], line: int | None = None) -> Iterator[Used]:
    """Yield the use of a dotted name; an expression of another kind has no name."""
    if isinstance(node, ast.Name):
        taken = imports.get(node.id, _Import("", ""))
        yield Used(relation, taken.name or node.id, line or node.lineno, taken.module)
    elif isinstance(node, ast.Attribute):
        taken = imports.get(_head(node), _Import("", ""))
        yield Used(relation, node.attr, line or node.end_lineno or node.lineno, taken.module)


def _head(node: ast.expr) -> str:
    """Return the first name of `a.b.c`; nothing where it begins with another expression."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""

"""Python values -> TypeScript declarations: attrs classes become interfaces, literals unions, docstrings comments."""

from __future__ import annotations

import ast
import collections.abc
import inspect
import sys
import types
import typing
from collections.abc import Iterable, Mapping
from functools import reduce
from itertools import pairwise
from typing import Any, Literal, Union

import attrs

WIDTH = 120

Names = Mapping[Any, str]
"""The aliases that bear a name."""

_PRIMITIVES: Mapping[Any, str] = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    object: "unknown",
    Any: "unknown",
    type(None): "null",
}


def interface(cls: type[Any], names: Names, *, sent: bool, doc: str | None = None) -> str:
    """Return the interface of a class.

    Args:
        cls: an attrs class.
        names: the aliases.
        sent: whether the client sends it. Then whatever has a default may be left out; in what the server sends,
            only what is None stays out.
        doc: what to say of it instead of its docstring.
    """
    head = comment(inspect.getdoc(cls) or "" if doc is None else doc)
    fields = attrs.fields(cls)
    if not fields:
        return f"{head}export type {cls.__name__} = Readonly<Record<string, never>>;\n"
    hints, docs = _hints(cls), dict(_attribute_docs(cls)) if doc is None else dict[str, str]()
    lines = (_field(field, hints[field.name], docs.get(field.name, ""), names, sent=sent) for field in fields)
    return f"{head}export interface {cls.__name__} {{\n{''.join(lines)}}}\n"


def alias(name: str, value: Any, names: Names, doc: str = "") -> str:
    """Return a type alias; a long union stands on lines of its own."""
    return comment(doc) + union(name, _members(value, names))


def union(name: str, members: Iterable[str]) -> str:
    """Return the alias of a union."""
    each = tuple(members)
    line = f"export type {name} = {' | '.join(each)};\n"
    return line if len(line) <= WIDTH else f"export type {name} =\n" + "\n".join(f"  | {one}" for one in each) + ";\n"


def comment(text: str, indent: str = "") -> str:
    """Return a doc comment, or nothing for no text."""
    lines = text.strip().replace("*/", "* /").splitlines()
    if len(lines) <= 1:
        return "".join(f"{indent}/** {line} */\n" for line in lines)
    body = "".join(f"{indent} * {line}".rstrip() + "\n" for line in lines)
    return f"{indent}/**\n{body}{indent} */\n"


def documented(module: types.ModuleType) -> Mapping[str, str]:
    """Return the docstrings that stand below the assignments of a module."""
    return _below_assignments(ast.parse(inspect.getsource(module)).body)


def type_of(value: Any, names: Names) -> str:
    """Return the TypeScript of an annotation.

    Raises:
        TypeError: nothing on the wire has such a type so far.
    """
    return names[value] if value in names else " | ".join(_members(value, names))


def _field(field: attrs.Attribute[Any], hint: Any, doc: str, names: Names, *, sent: bool) -> str:
    optional = field.default is not attrs.NOTHING if sent else field.default is None
    kind = type_of(_without_none(hint) if optional else hint, names)
    return f"{comment(doc, '  ')}  readonly {_camel_case(field.name)}{'?' if optional else ''}: {kind};\n"


def _members(value: Any, names: Names) -> list[str]:
    origin, arguments = typing.get_origin(value), typing.get_args(value)
    if origin is Literal:
        return [f"'{choice}'" for choice in arguments]
    if origin in {Union, types.UnionType}:
        return list(dict.fromkeys(type_of(part, names) for part in arguments))
    if value in _PRIMITIVES:
        return [_PRIMITIVES[value]]
    if attrs.has(value):
        return [value.__name__]
    return [_container(value, origin, arguments, names)]


def _container(value: Any, origin: Any, arguments: tuple[Any, ...], names: Names) -> str:
    if origin is tuple and arguments[-1] is Ellipsis:
        inner = type_of(arguments[0], names)
        return f"readonly {f'({inner})' if ' ' in inner else inner}[]"
    inner = ", ".join(type_of(argument, names) for argument in arguments)
    if origin is tuple:
        return f"readonly [{inner}]"
    if origin in {collections.abc.Mapping, dict}:
        return f"Readonly<Record<{inner}>>"
    raise TypeError(f"{value!r} has no form in TypeScript here.")


def _hints(cls: type[Any]) -> Mapping[str, Any]:
    return typing.get_type_hints(cls, vars(sys.modules[cls.__module__]))


def _attribute_docs(cls: type[Any]) -> Mapping[str, str]:
    tree = ast.parse(inspect.getsource(sys.modules[cls.__module__]))
    found = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == cls.__name__)
    return _below_assignments(next(found).body)


def _below_assignments(body: list[ast.stmt]) -> Mapping[str, str]:
    docs: dict[str, str] = {}
    for assigned, below in pairwise(body):
        target = _target(assigned)
        if target is None or not isinstance(below, ast.Expr) or not isinstance(below.value, ast.Constant):
            continue
        if isinstance(below.value.value, str):
            docs[target] = inspect.cleandoc(below.value.value)
    return docs


def _target(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.AnnAssign):
        target = statement.target
    elif isinstance(statement, ast.Assign):
        target = statement.targets[0]
    else:
        return None
    return target.id if isinstance(target, ast.Name) else None


def _without_none(hint: Any) -> Any:
    rest = [part for part in typing.get_args(hint) if part is not type(None)]
    is_union = typing.get_origin(hint) in {Union, types.UnionType}
    return reduce(_either, rest) if is_union and len(rest) < len(typing.get_args(hint)) else hint


def _either(one: Any, other: Any) -> Any:
    return one | other


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)

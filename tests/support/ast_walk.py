"""What Python's own parser sees in a module, in the words of `lsp_server.workspace.facts`: an independent walk."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from typing import Literal

import attrs

Sort = Literal["definition", "base", "call", "raise", "decorator", "import"]

_Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@attrs.frozen
class Seen:
    """Everything seen, each with how often."""

    things: dict[Sort, Counter[tuple[object, ...]]]
    positions: frozenset[tuple[str, int, int]]
    """Of calls outside of formatted strings: target, line, and the column in bytes at which its last name ends."""


def walk(source: str) -> Seen:
    """Read a module."""
    walker = _Walker()
    walker.read(ast.parse(source), (), in_class=False, in_string=False)
    return Seen({sort: Counter(found) for sort, found in walker.found.items()}, frozenset(walker.positions))


class _Walker:
    def __init__(self) -> None:
        self.found: dict[Sort, list[tuple[object, ...]]] = {
            "definition": [], "base": [], "call": [], "raise": [], "decorator": [], "import": [],
        }  # fmt: skip
        self.positions: set[tuple[str, int, int]] = set()

    def read(self, node: ast.AST, around: tuple[str, ...], *, in_class: bool, in_string: bool) -> None:
        """Note a node and everything below it.

        Args:
            node: what to read.
            around: the names of the definitions around it.
            in_class: whether the innermost of them is a class.
            in_string: whether it stands in a formatted string, whose positions older parsers tell wrongly.
        """
        if isinstance(node, _Definition):
            self._read_definition(node, around, in_class=in_class, in_string=in_string)
            return
        self._note(node, ".".join(around), in_string=in_string)
        in_string = in_string or isinstance(node, ast.JoinedStr)
        for child in ast.iter_child_nodes(node):
            self.read(child, around, in_class=in_class, in_string=in_string)

    def _read_definition(self, node: _Definition, around: tuple[str, ...], *, in_class: bool, in_string: bool) -> None:
        own = (*around, node.name)
        is_class = isinstance(node, ast.ClassDef)
        kind = "class" if is_class else "method" if in_class else "function"
        self.found["definition"].append((kind, ".".join(own), node.lineno, node.end_lineno))
        for decorator in node.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            self.found["decorator"].append((".".join(own), dotted(called)))
            self.read(decorator, around, in_class=in_class, in_string=in_string)
        for base in node.bases if isinstance(node, ast.ClassDef) else ():
            named = base.value if isinstance(base, ast.Subscript) else base
            named = named.func if isinstance(named, ast.Call) else named
            if dotted(named):
                self.found["base"].append((".".join(own), dotted(named)))
        for child in ast.iter_child_nodes(node):
            if child not in node.decorator_list:
                self.read(child, own, in_class=is_class, in_string=in_string)

    def _note(self, node: ast.AST, around: str, *, in_string: bool) -> None:
        if isinstance(node, ast.Call) and dotted(node.func):
            self.found["call"].append((dotted(node.func), around))
            if not in_string:
                self.positions.add((dotted(node.func), node.func.end_lineno or 0, node.func.end_col_offset or 0))
        elif isinstance(node, ast.Raise) and node.exc is not None:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if dotted(raised):
                self.found["raise"].append((dotted(raised), around, node.lineno))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            self.found["import"] += _taken(node)


def dotted(node: ast.AST) -> str:
    """Return a dotted name; `?.name` where its owner has none; empty for what is no name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value) or '?'}.{node.attr}"
    return ""


def _taken(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[object, ...]]:
    """Yield local name, module and member of an import."""
    for alias in node.names:
        if isinstance(node, ast.Import):
            yield alias.asname or alias.name.partition(".")[0], alias.name, ""
        else:
            module = "." * node.level + (node.module or "")
            yield ("" if alias.name == "*" else alias.asname or alias.name), module, alias.name

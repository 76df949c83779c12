"""The truth about Python code, by Python's own parser and by nothing of the product."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from models.data.structural.truth import Definition, Kind, Parameter, Site, Spot, Truth

_CONSTANT = re.compile(r"_*[A-Z][A-Z0-9_]*$")

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def python_truth(root: Path) -> Truth:
    """Return what is true of all Python files below `root`; those that do not parse are left out."""
    walks = [_Walk(path.relative_to(root).as_posix(), path) for path in sorted(root.rglob("*.py"))]
    return Truth(
        tuple(definition for walk in walks for definition in walk.definitions),
        tuple(site for walk in walks for site in walk.sites),
    )


def dotted(node: ast.expr) -> str:
    """Return a name or a chain of attributes as it is written; `?` stands for what is neither."""
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return f"{dotted(node.value)}.{node.attr}"
        case ast.Call():
            return dotted(node.func)
        case ast.Subscript():
            return dotted(node.value)
        case _:
            return "?"


class _Walk(ast.NodeVisitor):
    """Collects the definitions and sites of one file."""

    def __init__(self, relative: str, path: Path) -> None:
        self.definitions: list[Definition] = []
        self.sites: list[Site] = []
        self._path = relative
        source = path.read_text("utf-8", "replace")
        self._lines = source.encode().split(b"\n")
        self._around: list[tuple[str, bool]] = []
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # other people's escapes and literals
                tree = ast.parse(source)
        except (SyntaxError, ValueError):
            return
        self.visit(tree)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Take a class and what is in it."""
        self._outside(*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords))
        self.definitions.append(
            Definition(
                self._spot(node.lineno, node.name),
                "class",
                bases=tuple(dotted(base) for base in node.bases),
                decorators=tuple(dotted(decorator) for decorator in node.decorator_list),
            )
        )
        self._inside(node.name, node.body, in_class=True)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Take a function or method and what is in it."""
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        """Take a coroutine and what is in it."""
        self._function(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Take a constant, where it is one by its name."""
        if len(node.targets) == 1:
            self._constant(node.targets[0], node.value)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Take a constant with its annotation."""
        if node.value is not None:
            self._constant(node.target, node.value)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Take a call."""
        line = node.func.end_lineno or node.lineno
        self.sites.append(Site(self._enclosing(line), "call", dotted(node.func)))
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        """Take the raising of something that has a name."""
        if node.exc is not None:
            self.sites.append(Site(self._enclosing(node.lineno), "raise", dotted(node.exc)))
        self.generic_visit(node)

    def _function(self, node: _Function) -> None:
        given = node.args
        self._outside(*node.decorator_list, *given.defaults, *(it for it in given.kw_defaults if it is not None))
        in_class = bool(self._around) and self._around[-1][1]
        kind: Kind = "method" if in_class else "function"
        self.definitions.append(
            Definition(
                self._spot(node.lineno, node.name),
                kind,
                decorators=tuple(dotted(decorator) for decorator in node.decorator_list),
                parameters=tuple(self._parameters(given)),
                returns=self._text(node.returns) if node.returns else "",
            )
        )
        self._inside(node.name, node.body, in_class=False)

    def _constant(self, target: ast.expr, value: ast.expr) -> None:
        local = bool(self._around) and not self._around[-1][1]
        if isinstance(target, ast.Name) and _CONSTANT.match(target.id) and not local:
            spot = self._spot(target.lineno, target.id)
            self.definitions.append(Definition(spot, "constant", value=self._text(value)))

    def _parameters(self, given: ast.arguments) -> Iterator[Parameter]:
        positional = [*given.posonlyargs, *given.args]
        defaults = [None] * (len(positional) - len(given.defaults)) + list(given.defaults)
        for number, (argument, default) in enumerate(zip(positional, defaults, strict=True)):
            yield self._parameter(argument, default, place="first" if number < len(given.posonlyargs) else "any")
        if given.vararg:
            yield self._parameter(given.vararg, stars=1)
        for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
            yield self._parameter(argument, default, place="named")
        if given.kwarg:
            yield self._parameter(given.kwarg, stars=2, place="named")

    def _parameter(
        self,
        argument: ast.arg,
        default: ast.expr | None = None,
        *,
        stars: int = 0,
        place: Literal["first", "any", "named"] = "any",
    ) -> Parameter:
        value = self._text(default) if default else ""
        text = "*" * stars + argument.arg
        if argument.annotation:
            text += f": {self._text(argument.annotation)}"
        if value:
            text += f" = {value}" if argument.annotation else f"={value}"
        return Parameter(argument.arg, value, stars, place, text)

    def _text(self, node: ast.expr) -> str:
        """Return the source of an expression on one line."""
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        lines = self._lines[first : last + 1]
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return " ".join(b" ".join(lines).decode("utf-8", "replace").split())

    def _outside(self, *nodes: ast.expr) -> None:
        for node in nodes:
            self.visit(node)

    def _inside(self, name: str, body: list[ast.stmt], *, in_class: bool) -> None:
        self._around.append((name, in_class))
        for statement in body:
            self.visit(statement)
        self._around.pop()

    def _spot(self, line: int, name: str) -> Spot:
        return Spot(self._path, line, ".".join([around for around, _ in self._around] + [name]))

    def _enclosing(self, line: int) -> Spot:
        return Spot(self._path, line, ".".join(around for around, _ in self._around))

"""What is right of a structural question, by Python's own parser: the places, and the values that an answer states."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import attrs

from models.bench.code.ast_truth import Relation, truth

StructuralKind = Literal[
    "subclasses", "definition", "callers", "decorated", "raised", "default", "constant", "signature"
]

_SUFFIXES = (".py", ".pyi")
_FunctionDef = ast.FunctionDef | ast.AsyncFunctionDef


@attrs.frozen
class Truth:
    """What a right answer names."""

    places: tuple[str, ...]
    """`path:line`, sorted by path and line."""
    values: tuple[str, ...] = ()
    """What its words state: a default or constant as it stands in the source, or the parameters in order."""


def structural_truth(root: Path, kind: StructuralKind, subject: str, parameter: str = "") -> Truth:
    """Walk every Python file and stub below `root`.

    Args:
        root: The workspace.
        kind: What is asked of the subject.
        subject: A name, or the end of a qualified one: `Response.json`.
        parameter: Whose default is asked for.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the escapes of somebody else's strings
        found = [
            (str(path.relative_to(root)), line, values)
            for path, source in _sources(root, subject.rpartition(".")[2].encode())
            for line, values in _FINDERS[kind](source, subject, parameter)
        ]
    places = tuple(f"{path}:{line}" for path, line, _ in sorted(set(found)))
    return Truth(tuple(dict.fromkeys(places)), next((values for _, _, values in found if values), ()))


def _sources(root: Path, name: bytes) -> Iterator[tuple[Path, bytes]]:
    """Yield the files that can be parsed and hold the name; most do not, and need no walk."""
    for path in sorted(path for suffix in _SUFFIXES for path in root.rglob(f"*{suffix}")):
        source = path.read_bytes()
        if name in source and _parses(source):
            yield path, source


def _parses(source: bytes) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True


Found = Iterator[tuple[int, tuple[str, ...]]]
"""Lines with the values that belong to them."""


def _used(relation: Relation) -> Callable[[bytes, str, str], Found]:
    def found(source: bytes, subject: str, _parameter: str) -> Found:
        yield from ((used.line, ()) for used in truth(source).used if (used.relation, used.name) == (relation, subject))

    return found


def _definitions(source: bytes, subject: str, _parameter: str) -> Found:
    yield from ((defined.line, ()) for defined in truth(source).defined if _ends(defined.name, subject))


def _ends(name: str, subject: str) -> bool:
    return name == subject or name.endswith(f".{subject}")


def _functions(source: bytes, subject: str) -> Iterator[_FunctionDef]:
    for name, node in _qualified(ast.parse(source), ""):
        if _ends(name, subject) and isinstance(node, _FunctionDef):
            yield node


def _qualified(node: ast.AST, around: str) -> Iterator[tuple[str, ast.AST]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _FunctionDef | ast.ClassDef):
            yield f"{around}{child.name}", child
            yield from _qualified(child, f"{around}{child.name}.")
        else:
            yield from _qualified(child, around)


def _decorated(source: bytes, subject: str, _parameter: str) -> Found:
    for _, node in _qualified(ast.parse(source), ""):
        if isinstance(node, _FunctionDef | ast.ClassDef) and any(
            _ends(_dotted(decorator), subject) for decorator in node.decorator_list
        ):
            yield node.lineno, ()


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return _dotted(node.func)
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _default(source: bytes, subject: str, parameter: str) -> Found:
    for function in _functions(source, subject):
        arguments = function.args
        positional = [*arguments.posonlyargs, *arguments.args]
        given = dict(zip((each.arg for each in reversed(positional)), reversed(arguments.defaults), strict=False))
        keyword = zip((each.arg for each in arguments.kwonlyargs), arguments.kw_defaults, strict=True)
        given |= {name: value for name, value in keyword if value is not None}
        if parameter in given:
            yield function.lineno, (ast.unparse(given[parameter]),)


def _signature(source: bytes, subject: str, _parameter: str) -> Found:
    for function in _functions(source, subject):
        arguments = function.args
        names = [each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        names += [each.arg for each in (arguments.vararg, arguments.kwarg) if each is not None]
        yield function.lineno, tuple(name for name in names if name not in {"self", "cls"})


def _constant(source: bytes, subject: str, _parameter: str) -> Found:
    for node in ast.parse(source).body:
        targets: Sequence[ast.expr] = ()
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            targets = (node.target,)
        if any(isinstance(target, ast.Name) and target.id == subject for target in targets):
            assert isinstance(node, ast.Assign | ast.AnnAssign)  # noqa: S101 - only these have targets here
            assert node.value is not None  # noqa: S101 - a bare annotation was left out
            yield node.lineno, (ast.unparse(node.value),)


_FINDERS: Mapping[StructuralKind, Callable[[bytes, str, str], Found]] = {
    "subclasses": _used("subclass"),
    "definition": _definitions,
    "callers": _used("caller"),
    "decorated": _decorated,
    "raised": _used("raise"),
    "default": _default,
    "constant": _constant,
    "signature": _signature,
}

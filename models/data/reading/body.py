"""What the body of a function says of itself: what it calls, catches, raises and returns, in words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

import attrs

from models.data.english import listed
from models.data.reading.code import Code, Named
from models.data.reading.sentences import joined

_LONGEST = 44
"""Characters of code that an answer quotes at most."""
_MOST_CALLS = 3
_MOST_RETURNS = 2
_MOST_CAUGHT = 3
_PLAIN = frozenset(
    {"append", "add", "get", "items", "keys", "values", "join", "format", "update", "pop", "copy", "close"}
)
"""Methods of built-in types: a call of these is hardly one of ours."""

_PLAIN_VALUE = re.compile(r"(?:returns|yields) `(?!True|False|None)\w+`")
"""The name of a local variable tells nothing."""
_RETURNING = ("returns ", "yields ", "gets ", "is ")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@attrs.frozen
class Body:
    """Clauses with "it" as their subject, each true of lines that are read."""

    calls: str = ""
    catches: str = ""
    raises: str = ""
    returns: str = ""

    @property
    def returns_local(self) -> bool:
        """Whether a local variable is all that is known of what it returns."""
        return _PLAIN_VALUE.fullmatch(self.returns) is not None

    def told(self, does: str = "", most: int = 2) -> str:
        """Return at most so many clauses as one; empty where there is none.

        Args:
            does: What is told before: what it returns is not told twice.
            most: How many clauses.
        """
        returns = "" if self.returns_local or does.startswith(_RETURNING) else self.returns
        catches = "" if "when it catches" in self.raises else self.catches
        kept = [clause for clause in (self.calls, catches, self.raises, returns) if clause]
        return joined(kept[-most:]) if kept else ""


def body_of(code: Code, item: Named) -> Body:
    """Return what the lines say that reading the definition shows."""
    node = function_at(code, item) if item.path.endswith(".py") else None
    if node is None:
        return Body(calls=_calls(code, item, frozenset()))
    text = "\n".join(code.text(item.path))
    shown = [each for each in own_nodes(node) if getattr(each, "end_lineno", 0) <= item.last_read]
    returns = _returns(node, shown, text) if item.whole else ""
    calls = _calls(code, item, frozenset(filter(None, map(_raised, shown))))
    return Body(calls, _catches(shown, text), _raises(node, shown, text), returns)


def function_at(code: Code, item: Named) -> Function | None:
    """Return the syntax of a Python function; None where the file cannot be parsed."""
    tree = parsed(code, item.path)
    functions = (node for node in ast.walk(tree) if isinstance(node, Function)) if tree else ()
    return next((node for node in functions if node.lineno == item.definition.line), None)


def parsed(code: Code, path: str) -> ast.Module | None:
    """Return the syntax of a Python file; None where it is of another language or version."""
    try:
        return ast.parse("\n".join(code.text(path))) if path.endswith(".py") else None
    except (SyntaxError, ValueError):
        return None


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what stands in a function, without the functions and classes in it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, Function | ast.Lambda | ast.ClassDef):
            yield child
            yield from own_nodes(child)


def quoted(node: ast.AST, text: str) -> str:
    """Return the code of an expression as it is written; empty where it is too long to be quoted."""
    source = ast.get_source_segment(text, node) or ""
    return source if len(source) <= _LONGEST and "\n" not in source and "`" not in source else ""


def _calls(code: Code, item: Named, raised: frozenset[str]) -> str:
    known = code.names - _PLAIN - raised - {item.bare}
    names = dict.fromkeys(name for line, name in item.sites if line <= item.last_read and name in known)
    return f"calls {listed(list(names)[:_MOST_CALLS])}" if names else ""


def _catches(shown: Sequence[ast.AST], text: str) -> str:
    handlers = [node.type for node in shown if isinstance(node, ast.ExceptHandler) and node.type is not None]
    types = [each for handler in handlers for each in (handler.elts if isinstance(handler, ast.Tuple) else [handler])]
    names = list(dict.fromkeys(filter(None, (quoted(each, text) for each in types))))
    return f"catches {listed(names)}" if 0 < len(names) <= _MOST_CAUGHT else ""


def _raises(node: Function, shown: Sequence[ast.AST], text: str) -> str:
    for each in shown:
        if isinstance(each, ast.Raise) and (name := _raised(each)):
            return f"raises `{name}`{_condition(node, each, text)}"
    return ""


def _raised(node: ast.AST) -> str:
    """Return the name of the class that a statement raises; empty where it raises none, or a variable."""
    if not isinstance(node, ast.Raise) or node.exc is None:
        return ""
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    name = ast.unparse(raised).rpartition(".")[2]
    return name if name[:1].isupper() else ""


def _condition(node: Function, statement: ast.stmt, text: str) -> str:
    """Return under which condition a statement runs, where one `if` at the top of the function or a handler decides."""
    for each in own_nodes(node):
        if isinstance(each, ast.If) and each in node.body and statement in each.body:
            test = quoted(each.test, text)
            return f" if `{test}`" if test else ""
        if isinstance(each, ast.ExceptHandler) and statement in each.body and each.type is not None:
            return f" when it catches `{ast.unparse(each.type)}`"
    return ""


def _returns(node: Function, shown: Sequence[ast.AST], text: str) -> str:
    if yielded := [each for each in shown if isinstance(each, ast.Yield | ast.YieldFrom)]:
        value = yielded[0].value
        name = quoted(value, text) if value is not None else ""
        return f"yields `{name}`" if name and len(yielded) == 1 else ""
    returned = [each for each in shown if isinstance(each, ast.Return)]
    values = [quoted(each.value, text) if each.value is not None else "None" for each in returned]
    if not values or not all(values):
        return ""
    distinct = list(dict.fromkeys(values))
    if len(distinct) > _MOST_RETURNS + 1 or returned[-1] is not node.body[-1]:
        return ""
    condition = _condition(node, returned[0], text)
    if condition and len(returned) == _MOST_RETURNS == len(distinct):
        return f"returns `{values[0]}`{condition}, otherwise `{values[1]}`"
    return f"returns {listed(distinct, 'or')}"

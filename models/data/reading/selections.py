"""Questions about selected code: some need a look at the workspace, others are answered by the selection."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence

import attrs

from lsp_server.engine.base import ToolCall
from lsp_server.workspace.rows import SymbolRow
from models.data.english import capital
from models.data.example import Ask, DirectKind, Example, Lines, ToolKind
from models.data.reading.body import body_of, function_at, own_nodes, quoted
from models.data.reading.code import Code, Named
from models.data.reading.phrases import phrases, shuffled, turn_of
from models.data.reading.sentences import counted, in_files, in_words, predicate

_MOST_SELECTED = 10
_MOST_ROWS = 8
_LEAST_LINES = 4
_LEAST_TICKS = 4
"""Of a function without a doc two pieces of code are told, at the least."""

_GOES_ON: Mapping[type[ast.stmt], str] = {
    ast.Pass: "the error is ignored and the code goes on",
    ast.Continue: "the loop goes on with the next round",
    ast.Break: "the loop ends",
}

Made = tuple[Ask, str] | None
"""What is asked, and the name of its wording."""
Shape = Callable[[Code, Named, int], Made]


def with_a_look(code: Code, most: int) -> Iterator[Example]:
    """Yield at most so many examples that need a call."""
    shapes = (_calls, _uses, _calls, _inner, _children)
    return _examples("selection-tool", shapes, code, most)


def without_a_look(code: Code, most: int) -> Iterator[Example]:
    """Yield at most so many examples that the selection answers."""
    shapes = (_does, _handles, _does, _returns, _does, _raises)
    return _examples("selection-direct", shapes, code, most)


def sites_told(shape: str, name: str, rows: Sequence[SymbolRow], turn: int) -> str:
    """Return an introduction to rows that the product lists itself; a single one is named.

    Args:
        shape: Table of `selection.toml`: `calls`, `uses` or `children`.
        name: What is called, used or inherited from.
        rows: What was found, at least one.
        turn: Which form.
    """
    table = phrases("selection")[shape]
    first = rows[0]
    if len(rows) == 1:
        return table.say("one", turn, name=name, place=f"{first.place.path}:{first.place.start}", around=first.name)
    files = in_files([row.place.path for row in rows])
    places, number = counted(len(rows), "place"), in_words(len(rows))
    parts = {"places": places, "Places": capital(places), "number": number, "Number": capital(number)}
    return table.say("many", turn, name=name, files=files, **parts)


def _examples(kind: ToolKind | DirectKind, shapes: Sequence[Shape], code: Code, most: int) -> Iterator[Example]:
    items = shuffled(code.unique, lambda item: item.place, kind)
    begin = turn_of(kind, code.codebase.name, 0)
    for index in range(begin, begin + most):
        shape = shapes[index % len(shapes)]
        turn = turn_of(shape.__name__, code.codebase.name, index - begin)
        tried = ((item, shape(code, item, turn)) for item in items)
        item, made = next((each for each in tried if each[1] is not None), (None, None))
        if item is not None and made is not None:
            items.remove(item)
            yield Example(kind, code.codebase.name, (made[0],), made[1])


def _selected(item: Named, most: int = _MOST_SELECTED) -> Lines:
    last = min(item.definition.end_line, item.definition.line + most - 1)
    return Lines(item.path, item.definition.line, last)


def _sites(shape: str, relation: str, code: Code, item: Named, turn: int) -> Made:
    rows = code.sites({relation: item.name})
    if item.name != item.bare or not 0 < len(rows) <= _MOST_ROWS or not all(row.name for row in rows):
        return None
    question, wording = phrases("selection")[shape].ask(turn)
    call = ToolCall("symbols", {relation: item.name})
    return Ask(question, (call,), sites_told(shape, item.name, rows, turn), _selected(item)), wording


def _calls(code: Code, item: Named, turn: int) -> Made:
    return _sites("calls", "calls", code, item, turn) if item.definition.kind == "function" else None


def _uses(code: Code, item: Named, turn: int) -> Made:
    return _sites("uses", "calls", code, item, turn) if item.definition.kind == "class" else None


def _children(code: Code, item: Named, turn: int) -> Made:
    return _sites("children", "inherits", code, item, turn) if item.definition.kind == "class" else None


def _inner(code: Code, item: Named, turn: int) -> Made:
    """Return a question about a function that the selected one calls."""
    functions = {each.name: each for each in code.unique if each.definition.kind in ("function", "class")}
    last = _selected(item).end
    called = next((functions[name] for line, name in item.sites if line <= last and name in functions), None)
    if called is None or called.place == item.place or not code.found_alone(called):
        return None
    table = phrases("selection")["inner"]
    question, wording = table.ask(turn, inner=called.name)
    answer = table.say("answers", turn, inner=called.name, kind=called.definition.kind, place=called.place)
    return Ask(question, (called.finding(),), answer, _selected(item)), wording


def _is_readable(item: Named) -> bool:
    return item.definition.kind in ("function", "method") and item.whole and item.lines >= _LEAST_LINES


def _does(code: Code, item: Named, turn: int) -> Made:
    body = body_of(code, item)
    does = predicate(item.doc)
    facts = body.told(does)
    if not _is_readable(item) or not (does or (body.calls and facts.count("`") >= _LEAST_TICKS)):
        return None
    table = phrases("selection")["does"]
    question, wording = table.ask(turn)
    form = "both" if does and facts else "does" if does else "facts"
    answer = table.say(form, turn, bare=item.bare, does=does, facts=facts)
    above = _selected(item, item.lines)
    # Where docs stand above, they are selected with the code.
    selection = attrs.evolve(above, start=min(item.doc_line, above.start))
    return Ask(question, (), answer, selection), wording


def _returns(code: Code, item: Named, turn: int) -> Made:
    body = body_of(code, item)
    if not _is_readable(item) or not body.returns or body.returns_local:
        return None
    table = phrases("selection")["returns"]
    question, wording = table.ask(turn)
    answer = table.say("answers", turn, bare=item.bare, returns=body.returns)
    return Ask(question, (), answer, _selected(item, item.lines)), wording


def _raises(code: Code, item: Named, turn: int) -> Made:
    body = body_of(code, item)
    if not _is_readable(item) or " if " not in body.raises:
        return None
    table = phrases("selection")["raises"]
    question, wording = table.ask(turn)
    answer = table.say("answers", turn, bare=item.bare, raises=body.raises)
    return Ask(question, (), answer, _selected(item, item.lines)), wording


def _handles(code: Code, item: Named, turn: int) -> Made:
    """Return a question about a selected `try` with one handler of one line."""
    node = function_at(code, item) if item.path.endswith(".py") and _is_readable(item) else None
    blocks = [each for each in own_nodes(node) if isinstance(each, ast.Try)] if node else []
    if len(blocks) != 1 or len(blocks[0].handlers) != 1 or len(blocks[0].handlers[0].body) != 1:
        return None
    [block], [handler] = blocks, blocks[0].handlers
    text = "\n".join(code.text(item.path))
    risky = quoted(block.body[0], text)
    error = quoted(handler.type, text) if handler.type is not None else ""
    then = _consequence(handler.body[0], text, error)
    if not risky or not error or not then or "(" in error or len(block.body) > 1:
        return None
    table = phrases("selection")["handles"]
    question, wording = table.ask(turn, error=error)
    lines = Lines(item.path, block.lineno, block.end_lineno or block.lineno)
    return Ask(question, (), table.say("answers", turn, risky=risky, error=error, then=then), lines), wording


def _consequence(statement: ast.stmt, text: str, error: str) -> str:
    """Return what a handler's only statement does, in words; nothing where it is more than words can say shortly."""
    match statement:
        case ast.Pass() | ast.Continue() | ast.Break():
            return _GOES_ON[type(statement)]
        case ast.Return(value=value) if value is not None and (code := quoted(value, text)):
            return f"`{code}` is returned"
        case ast.Raise(exc=ast.Call(func=func)):
            name = ast.unparse(func)
            return f"`{name}` is raised instead" if name != error else f"another `{name}` is raised in its place"
        case ast.Assign() if code := quoted(statement, text):
            return f"`{code}` is set instead"
        case _:
            return ""

"""How something with a name works: find it, read its beginning, tell what its docs and its body say."""

from __future__ import annotations

from collections.abc import Iterator

from models.data.english import listed
from models.data.example import Ask, Example
from models.data.reading.body import Body, body_of
from models.data.reading.code import Code, Named
from models.data.reading.implementation import told
from models.data.reading.phrases import number_of, phrases, shuffled
from models.data.reading.sentences import predicate

_SHARE_OF_CLASSES = 3
"""One question in so many is about a class."""
_MOST_METHODS = 3


def examples(code: Code, most: int) -> Iterator[Example]:
    """Yield at most so many examples: of functions and classes whose docs say what they do."""
    functions = shuffled(filter(is_documented, code.callables()), lambda item: item.place, "how")
    classes = shuffled(filter(is_documented, code.classes()), lambda item: item.place, "how")
    waiting = {"function": iter(functions), "class": iter(classes)}
    for made in range(most):
        turn = number_of("how", code.codebase.name) + made
        shape = "class" if made % _SHARE_OF_CLASSES == 1 else "function"
        item = next((it for it in waiting[shape] if code.found_alone(it)), None)
        if item is not None:
            yield _example(code, shape, item, turn)


def described(code: Code, item: Named, turn: int) -> str:
    """Return what a documented function or class does."""
    if item.definition.kind == "class":
        return told("how.class", item, Body(calls=_of_class(code, item)), turn)
    return told("how.function", item, body_of(code, item), turn)


def is_documented(item: Named) -> bool:
    """Say whether a doc that reading shows says what a definition does."""
    return item.lines > 2 and item.doc_line >= item.first_read and bool(predicate(item.doc))  # noqa: PLR2004


def _example(code: Code, shape: str, item: Named, turn: int) -> Example:
    question, wording = phrases("how")[shape].ask(turn, name=item.asked, path=item.path)
    ask = Ask(question, (item.finding(), item.reading()), described(code, item, turn))
    return Example("how", code.codebase.name, (ask,), wording)


def _of_class(code: Code, item: Named) -> str:
    """Return what the lines that are read show of a class: its bases, or its first methods."""
    methods = [
        each.bare
        for each in code.named
        if each.path == item.path
        and each.name.rpartition(".")[0] == item.name
        and each.definition.kind == "method"
        and each.definition.line <= item.last_read
        and not each.bare.startswith("__")
    ]
    bases = [base for base in item.definition.bases if base != "object"]
    if len(methods) > 1:
        return f"has the methods {listed(methods[:_MOST_METHODS])}" if len(methods) <= _MOST_METHODS else ""
    return f"inherits from {listed(bases[:2])}" if bases else ""

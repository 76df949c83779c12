"""Find a function by its name, read it, say what its body does or returns."""

from __future__ import annotations

from collections.abc import Iterator

from models.data.example import Ask, Example
from models.data.reading.body import Body, body_of
from models.data.reading.code import Code, Named
from models.data.reading.phrases import number_of, phrases, shuffled
from models.data.reading.sentences import predicate

_LEAST_LINES = 4
_LEAST_TICKS = 4
"""Without a doc, at least two pieces of code tell what a body does: one call is no description."""
_SHARE_OF_RETURNS = 3
"""One question in so many is about the value that is returned."""


def examples(code: Code, most: int) -> Iterator[Example]:
    """Yield at most so many examples: of short functions, which one reading shows."""
    readable = [item for item in code.callables() if item.whole and item.lines >= _LEAST_LINES]
    made = 0
    for item in shuffled(readable, lambda item: item.place, "implementation"):
        if made == most:
            return
        turn = number_of("implementation", code.codebase.name) + made
        body = body_of(code, item)
        returns = made % _SHARE_OF_RETURNS == 0 and item.path.endswith(".py")
        ask = _returned(item, body, turn) if returns else _shown(item, body, turn)
        if ask is not None and code.found_alone(item):
            made += 1
            yield Example("implementation", code.codebase.name, (ask[0],), ask[1])


def told(name: str, item: Named, body: Body, turn: int) -> str:
    """Return what a definition does, in the forms of a table of phrases; nothing where nothing is known.

    Args:
        name: File and table of the phrases, such as `how.function`.
        item: What is told of.
        body: What its lines say.
        turn: Which form.
    """
    file, _, table = name.partition(".")
    does = predicate(item.doc)
    facts = body.told(does)
    if not does and facts.count("`") < _LEAST_TICKS:
        return ""
    form = "both" if does and facts else "does" if does else "facts"
    return phrases(file)[table].say(form, turn, name=item.name, place=item.place, does=does, facts=facts)


def _shown(item: Named, body: Body, turn: int) -> tuple[Ask, str] | None:
    answer = told("implementation.show", item, body, turn)
    question, wording = phrases("implementation")["show"].ask(turn, name=item.asked, path=item.path)
    return (Ask(question, (item.finding(), item.reading()), answer), wording) if answer else None


def returned(item: Named, body: Body, turn: int) -> str:
    """Return what a function returns, in words; nothing where its lines do not say it plainly."""
    table = phrases("implementation")["returns"]
    does = predicate(item.doc)
    if does.startswith(("returns ", "yields ")):
        return table.say("facts", turn, name=item.name, place=item.place, returns=does)
    if not (does if body.returns_local else body.returns):
        return ""
    form = "both" if does else "facts"
    return table.say(form, turn, name=item.name, place=item.place, returns=body.returns, does=does)


def _returned(item: Named, body: Body, turn: int) -> tuple[Ask, str] | None:
    answer = returned(item, body, turn)
    question, wording = phrases("implementation")["returns"].ask(turn, name=item.asked, path=item.path)
    return (Ask(question, (item.finding(), item.reading()), answer), wording) if answer else None

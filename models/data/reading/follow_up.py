"""Conversations of two questions, the second of which leans on the first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from lsp_server.engine.base import ToolCall
from lsp_server.workspace.rows import SymbolRow
from models.data.english import capital
from models.data.example import Ask, Example
from models.data.reading.body import body_of
from models.data.reading.code import Code, Named
from models.data.reading.how import described, is_documented
from models.data.reading.implementation import returned
from models.data.reading.phrases import phrases, shuffled, turn_of
from models.data.reading.selections import sites_told
from models.data.reading.sentences import counted, in_files, in_words

_MOST_ROWS = 8
_TABLES = {"calls": ("callers", "calls"), "inherits": ("children", "children")}
"""For a relation the table of questions here, and that of answers in `selection.toml`."""

Made = tuple[tuple[Ask, Ask], str] | None
"""Both questions, and the names of their wordings."""


def examples(code: Code, most: int) -> Iterator[Example]:
    """Yield at most so many conversations, the kinds by turns."""
    shapes: tuple[Callable[[Code, Named, int], Made], ...] = (
        _callers, _how, _general, _children, _returns, _thanks, _raising, _here,
    )  # fmt: skip
    items = shuffled(code.unique, lambda item: item.place, "follow-up")
    begin = turn_of("follow-up", code.codebase.name, 0)
    for index in range(most):
        shape = shapes[(begin + index) % len(shapes)]
        turn = turn_of(shape.__name__, code.codebase.name, index // len(shapes))
        made = next(filter(None, (shape(code, item, turn) for item in items)), None)
        if made is not None:
            items = [item for item in items if not any(item.asked in ask.question for ask in made[0])]
            yield Example("follow-up", code.codebase.name, made[0], made[1])


def _definition(item: Named, turn: int, table: str = "definition") -> tuple[Ask, str]:
    question, wording = phrases("follow-up")[table].ask(turn, name=item.asked)
    answers = phrases("follow-up")["definition"]
    answer = answers.say("answers", turn, name=item.name, kind=item.definition.kind, place=item.place)
    return Ask(question, (item.finding(),), answer), wording


def _pair(code: Code, item: Named, turn: int, table: str, reply: tuple[ToolCall, str]) -> Made:
    """Return where something is defined, then something else about "it": the call that tells, and the answer."""
    call, answer = reply
    if not answer or not code.found_alone(item):
        return None
    first, wording = _definition(item, turn)
    question, other = phrases("follow-up")[table].ask(turn)
    return (first, Ask(question, (call,), answer)), f"{wording}+{other}"


def _sites(code: Code, item: Named, turn: int, relation: str) -> Made:
    rows = code.sites({relation: item.name}) if item.name == item.bare else ()
    if not 0 < len(rows) <= _MOST_ROWS or not all(row.name for row in rows):
        return None
    table, shape = _TABLES[relation]
    answer = sites_told(shape, item.name, rows, turn)
    return _pair(code, item, turn, table, (ToolCall("symbols", {relation: item.name}), answer))


def _callers(code: Code, item: Named, turn: int) -> Made:
    return _sites(code, item, turn, "calls") if item.definition.kind == "function" else None


def _children(code: Code, item: Named, turn: int) -> Made:
    return _sites(code, item, turn, "inherits") if item.definition.kind == "class" else None


def _how(code: Code, item: Named, turn: int) -> Made:
    if item.definition.kind == "constant" or not is_documented(item):
        return None
    return _pair(code, item, turn, "how", (item.reading(), described(code, item, turn)))


def _returns(code: Code, item: Named, turn: int) -> Made:
    if item.definition.kind not in ("function", "method") or not item.whole:
        return None
    return _pair(code, item, turn, "returns", (item.reading(), returned(item, body_of(code, item), turn)))


def _direct(table: str, turn: int) -> tuple[Ask, str]:
    question, wording = phrases("follow-up")[table].ask(turn)
    return Ask(question, (), phrases("follow-up")[table].say("answers", turn)), wording


def _after(table: str, code: Code, item: Named, turn: int) -> Made:
    if item.definition.kind == "constant" or not code.found_alone(item):
        return None
    (first, wording), (second, other) = _definition(item, turn), _direct(table, turn)
    return (first, second), f"{wording}+{other}"


def _general(code: Code, item: Named, turn: int) -> Made:
    return _after("general", code, item, turn)


def _thanks(code: Code, item: Named, turn: int) -> Made:
    return _after("thanks", code, item, turn)


def _here(code: Code, item: Named, turn: int) -> Made:
    """Return a general question, then one about the workspace."""
    if item.definition.kind == "constant" or not code.found_alone(item):
        return None
    (first, wording), (second, other) = _direct("general", turn + 5), _definition(item, turn, "here")
    return (first, second), f"{wording}+{other}"


def _raising(code: Code, item: Named, turn: int) -> Made:
    """Return all methods of one name, then which of them raise an error."""
    bare = item.bare
    if item.definition.kind != "method" or not 1 < sum(each.bare == bare for each in code.named) <= _MOST_ROWS:
        return None
    error = body_of(code, item).raises.partition("`")[2].partition("`")[0]
    named = code.sites({"name": bare})
    rows = code.sites({"name": bare, "raises": error}) if error else ()
    if not rows or not 1 < len(named) <= _MOST_ROWS or len({row.name for row in rows}) == len(named):
        return None
    first, second = phrases("follow-up")["several"], phrases("follow-up")["raising"]
    question, wording = first.ask(turn, name=bare)
    answer = first.say("answers", turn, name=bare, **_many(named))
    all_of_them = Ask(question, (ToolCall("symbols", {"name": bare}),), answer)
    question, other = second.ask(turn, error=error)
    parts = _many(rows) | {"error": error, "around": rows[0].name}
    parts["place"] = f"{rows[0].place.path}:{rows[0].place.start}"
    parts["them"] = f"{counted(len({row.name for row in rows}), 'definition')} of `{bare}`"
    answer = second.say("one" if len(rows) == 1 else "many", turn, **parts)
    call = ToolCall("symbols", {"name": bare, "raises": error})
    return (all_of_them, Ask(question, (call,), answer)), f"{wording}+{other}"


def _many(rows: Sequence[SymbolRow]) -> dict[str, str]:
    number = in_words(len(rows))
    return {"files": in_files([row.place.path for row in rows]), "number": number, "Number": capital(number)}

"""Reads what was typed into the search box: a name, exact text, an expression, words, or a structural question."""

from __future__ import annotations

import re

import attrs

from lsp_server.kinds import SEARCH_KINDS, SearchKind
from lsp_server.workspace.patterns import Finder, compile_pattern
from lsp_server.workspace.problems import ToolProblem
from lsp_server.workspace.question_words import words_of
from lsp_server.workspace.symbols import SymbolQuery

MAX_QUERY = 1000
"""Characters."""

_TERM = re.compile(r"(?<!\S)(calls|raises|inherits|decorated_by|kind|name):(\"[^\"]*\"|\S*)")
_NAME = re.compile(r"[@]?~?[^\W\d][\w$]*(?:(?:\.|::|#|->)~?[^\W\d][\w$]*)*(?:\(\))?")
_PATH = re.compile(r"[\w@+~.-]*(?:[/\\][\w@+~. -]*)+(?::\d+){0,2}|[\w@+~-][\w@+~.-]*\.[A-Za-z]\w{0,9}(?::\d+){0,2}")
_QUOTED = re.compile(r"(\"|')(.+)\1")
_TICKED = re.compile(r"`([^`]+)`")
_SLASHED = re.compile(r"/((?:[^/\\]|\\.)+)/")
_MEANT = re.compile(
    r"\\[wWdDsSbBAzpP.()\[\]{}*+?|^$]"  # a class, an anchor, or an escaped sign
    r"|[.\])][*+]"
    r"|\[\^?[^\]\s]+\][*+?{]"
    r"|\(\?[:imsU-]"
    r"|^\^\S|[\w.)\]*+]\$$"
    r"|\w\|\w"
)
"""Signs that somebody meant an expression; `a[0]`, `f(x)` and `x || y` are code."""
_CODE = re.compile(r"[()\[\]{}<>=;\"'#&|*+/\\^%!@$]|\w:\w|::|->|,\S")
_PLAIN_ENDS = " \t.?!"


@attrs.frozen
class Asked:
    """A query, understood."""

    kind: SearchKind
    """How it is taken; never `auto`."""
    text: str
    """The name, text, expression or words to look for; empty for a structural question without a name."""
    finder: Finder | None = None
    """Of lines that hold the text or match the expression, where such lines are wanted."""
    structure: SymbolQuery | None = None
    names: tuple[str, ...] = ()
    """Code names among words."""
    auto: bool = False
    """Whether the kind was guessed, so that other lists may join and others may take its place."""


def read(query: str, kind: SearchKind) -> Asked:
    """Understand a query.

    Raises:
        ToolProblem: it is empty, too long, spans lines, is not Unicode, or does not suit the kind.
    """
    if kind not in SEARCH_KINDS:
        raise ToolProblem(f"There is no kind {str(kind)[:40]!r}.", f"The kinds are {', '.join(SEARCH_KINDS)}.")
    text = _checked(query)
    match kind:
        case "exact":
            return Asked("exact", text, compile_pattern(text, regex=False))
        case "regex":
            return Asked("regex", text, _expression(text))
        case "words":
            return Asked("words", text.strip(), names=_names(text))
        case "symbol":
            structure = _structure(text)
            return structure or Asked("symbol", _bare_ticks(text))
        case "auto":
            return attrs.evolve(_guess(text.strip()), auto=True)


def _checked(query: str) -> str:
    text = query.strip("\r\n")
    if not text.strip():
        raise ToolProblem("The query is empty.", "Type a name, a piece of text, or a question.")
    if len(text) > MAX_QUERY:
        raise ToolProblem(f"The query is longer than {MAX_QUERY:,} characters.", "Search for a short part of it.")
    if "\0" in text:
        raise ToolProblem("The query holds a NUL character, which no text does.", "Leave it out.")
    if "\n" in text or "\r" in text:
        raise ToolProblem("The query spans lines; a search matches within one line.", "Search for one of its lines.")
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise ToolProblem("The query is not Unicode: it holds half of a character.", "Type it again.")
    return text


def _expression(text: str) -> Finder:
    try:
        return compile_pattern(text, regex=True)
    except ToolProblem as problem:
        raise ToolProblem(
            problem.sentence, "Look-around and back-references do not exist here; kind exact takes every sign as it is."
        ) from problem


def _guess(text: str) -> Asked:
    special = _structure(text) or _quoted(text) or _meant_expression(text)
    if special is not None:
        return special
    text = _bare_ticks(text)
    names = _names(text)
    return Asked(_kind_of(text, names), text, compile_pattern(text, regex=False), names=names)


def _kind_of(text: str, names: tuple[str, ...]) -> SearchKind:
    """Return whether a text looks like a name, like words, or like code."""
    if _NAME.fullmatch(text) or _PATH.fullmatch(text):
        return "symbol"
    if (names and text.endswith("?")) or not _CODE.search(text.strip(_PLAIN_ENDS)):
        return "words" if " " in text else "symbol"
    return "exact"


def _quoted(text: str) -> Asked | None:
    found = _QUOTED.fullmatch(text)
    if found is None or not found.group(2).strip() or found.group(1) in found.group(2):
        return None
    return Asked("exact", found.group(2), compile_pattern(found.group(2), regex=False))


def _meant_expression(text: str) -> Asked | None:
    slashed = _SLASHED.fullmatch(text)
    pattern = slashed.group(1) if slashed is not None else text
    if slashed is None and not _MEANT.search(text):
        return None
    try:
        return Asked("regex", pattern, compile_pattern(pattern, regex=True))
    except ToolProblem:
        return None


def _structure(text: str) -> Asked | None:
    """Read `calls:NAME` and its like; what else was typed is part of the name to look for."""
    terms: dict[str, str] = {}
    for found in _TERM.finditer(text):
        value = found.group(2).strip('"')
        if found.group(1) in terms:
            raise ToolProblem(f"{found.group(1)}: stands twice in the query.", "Give each condition once.")
        if not value:
            raise ToolProblem(f"{found.group(1)}: names nothing.", f"Write the name behind it: {found.group(1)}:NAME")
        terms[found.group(1)] = value
    if not terms:
        return None
    rest = " ".join(_TERM.sub(" ", text).split())
    query = SymbolQuery.parse(
        **{part: terms.get(part) for part in ("name", "kind", "inherits", "decorated_by", "calls", "raises")}
    )
    return Asked("symbol", _bare_ticks(rest), structure=query)


def _bare_ticks(text: str) -> str:
    ticked = _TICKED.fullmatch(text.strip())
    return ticked.group(1).strip() if ticked is not None and ticked.group(1).strip() else text.strip()


def _names(text: str) -> tuple[str, ...]:
    return tuple(word.query for word in words_of(text).names)

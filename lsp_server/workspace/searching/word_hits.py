"""Finds the stretches of code and prose that match some words best, and shows the most telling line of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from lsp_server.workspace.hits import Hit
from lsp_server.workspace.ranking import is_prose, is_record, rank
from lsp_server.workspace.searching.excerpts import Span, excerpt
from lsp_server.workspace.searching.hit_lists import HitList, around
from lsp_server.workspace.view import Cancelled, Passage, View

_WORD = re.compile(r"[^\W_]+")
_SEAM = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SPEECH = frozenset({
    "a", "about", "all", "an", "and", "any", "are", "as", "at", "be", "been", "being", "but", "by", "can", "code",
    "could", "did", "do", "does", "doing", "done", "each", "every", "find", "for", "from", "had", "handled",
    "happen", "happens", "has", "have", "here", "how", "i", "if", "implemented", "in", "into", "is", "it", "its",
    "list", "made", "me", "my", "of", "on", "or", "our", "out", "over", "place", "please", "show", "so", "some",
    "tell", "that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "to", "us", "used",
    "uses", "using", "was", "we", "were", "what", "when", "where", "which", "while", "who", "whose", "why", "will",
    "with", "would", "you", "your",
})  # fmt: skip
"""Words that ask rather than say what is looked for."""
_TESTING = frozenset({"test", "tests", "tested", "testing", "fixture", "fixtures", "mock", "mocks"})
_WRITING = frozenset({"doc", "docs", "document", "documentation", "documented", "readme", "guide", "tutorial"})
_KEPT = (1.0, 0.6, 0.4)
"""What remains of the score of code, tests and vendored files."""
_KEPT_PROSE = 0.5
"""And of that of documents: they say the same in more words."""
_KEPT_RECORD = 0.4
"""And of that of changelogs and their like."""
_SHORT = 4
"""Longer words also match by their beginning, as far as all but this many letters."""
_SUFFIX = 3
_MOST_MARKS = 20
"""Of a line; one of a bundle may hold thousands, and shows none of them."""


def asked_words(text: str) -> list[str]:
    """Return the words that say what is looked for, identifiers split; all words when none would remain."""
    words = list(dict.fromkeys(word.lower() for word in _WORD.findall(_SEAM.sub(" ", text))))
    return [word for word in words if word not in _SPEECH] or words


def asks_for_tests(words: Sequence[str]) -> bool:
    """Say whether asked words ask for tests, which are looked through last otherwise."""
    return not _TESTING.isdisjoint(words)


def has_words(line: str, words: Sequence[str], least: int) -> bool:
    """Say whether a line holds at least so many of the words, in any form."""
    return sum(re.search(_loosely(word), line, re.IGNORECASE) is not None for word in words) >= least


def word_list(view: View, text: str, limit: int, stop: Cancelled) -> HitList:
    """Return the best passages, one hit for each: its line that holds most of the words."""
    words = asked_words(text)
    passages = view.ranked(" ".join(words), 2 * limit, stop) if words else []
    share = _shares(words)
    scored = sorted(passages, key=lambda found: -found.score * share(found.located.relative))
    hits = (_hit(view, found, words) for found in scored)
    return HitList(1.0, tuple(hit for hit in hits if hit is not None)[:limit], len(passages))


def _shares(words: Sequence[str]) -> Callable[[str], float]:
    """Return what tells how much of the score of a file's passages remains; what the words ask for keeps it all."""
    kept = (1.0, 1.0, _KEPT[2]) if asks_for_tests(words) else _KEPT
    prose = 1.0 if not _WRITING.isdisjoint(words) else _KEPT_PROSE

    def share(relative: str) -> float:
        beside = _KEPT_RECORD if is_record(relative) else prose if is_prose(relative) else 1.0
        return kept[rank(relative)] * beside

    return share


def _hit(view: View, passage: Passage, words: list[str]) -> Hit | None:
    data = view.data(passage.located)
    if data is None:
        return None
    begin, spans = _telling(data, passage, words)
    if begin < 0:
        return None
    shown = excerpt(data, spans)
    name = passage.name
    if not name and (inside := around(view.definitions(passage.located), spans[0][0])) is not None:
        name = inside.name
    start, end = spans[0][0], spans[-1][1]
    return Hit(passage.located, start, end, shown.line, shown.text, shown.marks, "passage", passage.score, name)


def _telling(data: bytes, passage: Passage, words: list[str]) -> tuple[int, list[Span]]:
    """Return where the passage's line with most of the words begins, and the words in it; -1 past the file's end."""
    expression = re.compile("|".join(_loosely(word) for word in sorted(words, key=len, reverse=True)), re.IGNORECASE)
    at = _line_start(data, passage.start)
    best: tuple[int, int, list[Span]] = (0, -1, [])
    for number in range(passage.end - passage.start + 1):
        if at > len(data) or (at == len(data) and number):
            break
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        line = data[at:end].decode("utf-8", "replace")
        found = list(expression.finditer(line))
        count = 2 * len({match.group().lower() for match in found}) + (number == 0 and bool(found))
        if best[1] < 0 or count > best[0]:
            marked = found[:_MOST_MARKS]
            spans = [(at + _bytes(line, match.start()), at + _bytes(line, match.end())) for match in marked]
            best = (count, at, spans or [(at, at)])
        at = end + 1
    return best[1], best[2]


def _loosely(word: str) -> str:
    """Return an expression of a word in other forms: `retries` and `retry` share their beginning."""
    stem = word if len(word) <= _SHORT else word[: max(_SHORT, len(word) - _SUFFIX)]
    return rf"(?<![^\W_]){re.escape(stem)}[^\W_]*" if stem != word else re.escape(word)


def _bytes(line: str, characters: int) -> int:
    return len(line[:characters].encode())


def _line_start(data: bytes, line: int) -> int:
    at = 0
    for _ in range(line - 1):
        end = data.find(b"\n", at)
        if end < 0:
            return len(data) + 1
        at = end + 1
    return at

"""Which of many examples become rows: so many of each kind, spread over codebases and ways of asking."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest

from models.data.codebases import Split
from models.data.example import Example, Kind

ROWS: Mapping[Kind, int] = {
    "subclasses": 38,
    "definition": 40,
    "callers": 44,
    "decorated": 34,
    "raised": 34,
    "default": 50,
    "constant": 40,
    "signature": 40,
    "where": 145,
    "how": 135,
    "implementation": 60,
    "file": 35,
    "folder": 30,
    "history": 90,
    "retry": 35,
    "failure": 30,
    "not-found": 45,
    "follow-up": 45,
    "selection-tool": 35,
    "near-miss-tool": 80,
    "concept": 70,
    "comparison": 36,
    "practice": 34,
    "architecture": 30,
    "syntax": 40,
    "how-to": 200,
    "snippet": 40,
    "greeting": 26,
    "near-miss-direct": 75,
    "selection-direct": 28,
    "follow-up-direct": 18,
}
"""Training rows of each kind, at most: two thirds with tools, one third without."""

_VALID_SHARE = 14
"""One validation row for so many training rows of a kind."""
VALID_DIRECT_PERCENT = 12
"""Share of the direct examples that validate; which, a hash of the question decides."""


def rows_wanted(kind: Kind, split: Split) -> int:
    """Return how many rows of a kind a set may have."""
    return ROWS[kind] if split == "train" else max(2, round(ROWS[kind] / _VALID_SHARE))


def direct_split(question: str) -> Split:
    """Return the set of a direct example that belongs to no codebase."""
    return "valid" if int(hash_of(question)[:8], 16) % 100 < VALID_DIRECT_PERCENT else "train"


def hash_of(text: str) -> str:
    """Return a hash that orders texts by chance, and always in the same way."""
    return hashlib.sha256(text.encode()).hexdigest()


def question_key(example: Example) -> str:
    """Return the questions of an example as one text."""
    return "\n".join(ask.question for ask in example.asks)


def spread(examples: Iterable[Example]) -> Iterator[Example]:
    """Yield examples such that codebases take turns, and in each of them the ways of asking do."""
    by_codebase: defaultdict[str, list[Example]] = defaultdict(list)
    for example in sorted(examples, key=lambda example: hash_of(example.codebase + question_key(example))):
        by_codebase[example.codebase].append(example)
    turns = [_varied(by_codebase[name]) for name in sorted(by_codebase, key=hash_of)]
    for turn in zip_longest(*turns):
        yield from (example for example in turn if example is not None)


def _varied(examples: Iterable[Example]) -> list[Example]:
    seen: Counter[str] = Counter()
    ranked: list[tuple[int, Example]] = []
    for example in examples:
        seen[example.wording] += 1
        ranked.append((seen[example.wording], example))
    return [example for _, example in sorted(ranked, key=lambda pair: pair[0])]

"""A look at the files themselves, read and parsed when asked: right at any moment, slow in a large workspace."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from lsp_server.errors import OutOfScope
from lsp_server.workspace.facts import Definition, Facts, Role
from lsp_server.workspace.files import Files
from lsp_server.workspace.languages import grammar_of
from lsp_server.workspace.linear_regex import Regex
from lsp_server.workspace.listing import MAX_FILES
from lsp_server.workspace.names import last
from lsp_server.workspace.parse_cache import ParseCache
from lsp_server.workspace.places import Located
from lsp_server.workspace.ranking import order
from lsp_server.workspace.scope import never
from lsp_server.workspace.view import Cancelled, Freshness, Passage, Wanted

_WORD = re.compile(rb"[^\W_]{2,}")
_AROUND = 8
"""Lines of a passage on either side of its densest line."""


class DirectView:
    """See `view.View`."""

    def __init__(self, files: Files, parsed: ParseCache) -> None:
        self.files = files
        self._parsed = parsed
        self._seen = 0
        self._unseen = 0
        self._all: list[Located] | None = None
        self._defined: dict[str, list[Located]] | None = None
        self._naming: dict[tuple[bytes, bool], list[Located]] = {}

    @property
    def freshness(self) -> Freshness:
        """What was read is true; what a cancelled search did not reach is counted as stale."""
        note = f"Only the first {MAX_FILES:,} files were listed." if self._seen + self._unseen >= MAX_FILES else ""
        return Freshness(self._seen, self._unseen, note)

    def listed(self, wanted: Wanted, cancelled: Cancelled) -> list[Located]:
        """Return the wanted files in showing order; the workspace is listed once for each view."""
        if self._all is None:
            self._all = sorted(self.files.all(cancelled), key=order)
        return list(filter(wanted, self._all))

    def data(self, located: Located) -> bytes | None:
        """Return a file's normal bytes; None when there are none to see."""
        try:
            return self.files.data(located)
        except OutOfScope:
            return None  # binary, too large, or gone since it was listed

    def facts(self, located: Located) -> Facts:
        """Parse the file, unless its text was parsed before."""
        data = self.data(located)
        return Facts() if data is None else self._parsed.facts(located.name, data)

    def definitions(self, located: Located, name: str = "") -> Sequence[Definition]:
        """Parse the file, unless its text was parsed before."""
        found = self.facts(located).definitions
        return [item for item in found if last(item.name) == name] if name else found

    def naming(self, name: str, roles: Sequence[Role], cancelled: Cancelled, *, fold: bool = False) -> list[Located]:
        """Return the files of known languages whose text holds the name, whatever it is there."""
        if self._defined is not None and tuple(roles) == ("define",) and not fold:
            return list(self._defined.get(name, ()))
        wanted = name.lower().encode("utf-8", "replace") if fold else name.encode("utf-8", "replace")
        found = self._naming.get((wanted, fold))
        if found is None:
            texts = self._texts(_is_code, cancelled)
            found = [located for located, data in texts if wanted in (data.lower() if fold else data)]
            if not cancelled():
                self._naming[wanted, fold] = found
        return list(found)

    def uses(self, name: str) -> int:
        """Count in every file that holds the name."""
        files = self.naming(name, ("call", "raise", "inherit", "decorate"), never)
        return sum(last(site.target) == name for located in files for site in self.facts(located).sites)

    def symbol_names(self, cancelled: Cancelled) -> bytes:
        """Parse every file, and remember which names each defines."""
        defined: dict[str, list[Located]] = {}
        for located, data in self._texts(_is_code, cancelled):
            for name in {last(item.name) for item in self._parsed.facts(located.name, data).definitions}:
                defined.setdefault(name, []).append(located)
        self._defined = defined
        return "".join(f"{name}\n" for name in defined).encode()

    def holding(self, sieve: Regex, wanted: Wanted, cancelled: Cancelled) -> Iterator[tuple[Located, bytes]]:
        """Read every wanted file."""
        for located, data in self._texts(wanted, cancelled):
            if sieve.search(data) is not None:
                yield located, data

    def ranked(self, words: str, limit: int, cancelled: Cancelled) -> list[Passage]:
        """Rank whole files by BM25 over plain words, and show the densest lines of each."""
        asked = {word.lower() for word in _WORD.findall(words.encode())}
        counts: list[tuple[Located, Counter[bytes], int]] = []
        for located, data in self._texts(lambda _located: True, cancelled):
            found = _WORD.findall(data.lower())
            hits = Counter(word for word in found if word in asked)
            if hits:
                counts.append((located, hits, len(found)))
        scored = sorted(_scores(counts, max(self._seen, 1)), key=lambda pair: -pair[1])[:limit]
        return [self._passage(located, score, asked) for located, score in scored]

    def _passage(self, located: Located, score: float, asked: set[bytes]) -> Passage:
        lines = (self.data(located) or b"").lower().split(b"\n")
        dense = max(range(len(lines)), key=lambda at: len(asked & set(_WORD.findall(lines[at]))))
        return Passage(located, max(1, dense + 1 - _AROUND), min(len(lines), dense + 1 + _AROUND), "", score)

    def _texts(self, wanted: Wanted, cancelled: Cancelled) -> Iterator[tuple[Located, bytes]]:
        candidates = self.listed(wanted, cancelled)
        self._seen = self._unseen = 0
        for at, located in enumerate(candidates):
            if cancelled():
                self._unseen += len(candidates) - at
                return
            self._seen += 1
            data = self.data(located)
            if data is not None:
                yield located, data


def _is_code(located: Located) -> bool:
    return grammar_of(located.name) is not None


def _scores(counts: list[tuple[Located, Counter[bytes], int]], files: int) -> Iterator[tuple[Located, float]]:
    """Yield each file's BM25 score (k1 = 1.2, b = 0.75)."""
    if not counts:
        return
    average = sum(length for _, _, length in counts) / len(counts)
    holding = Counter(word for _, hits, _ in counts for word in hits)
    rarity = {word: math.log(1 + (files - count + 0.5) / (count + 0.5)) for word, count in holding.items()}
    for located, hits, length in counts:
        damping = 1.2 * (0.25 + 0.75 * length / average)
        yield located, sum(rarity[word] * count * 2.2 / (count + damping) for word, count in hits.items())

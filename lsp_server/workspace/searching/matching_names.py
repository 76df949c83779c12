"""Which names answer to a few letters: `regfac` and `RF` find `register_factory`, the closest names first.

The names are one text, scanned whole by linear regexes, so that half a million of them take milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from typing import Literal

import attrs

from lsp_server.workspace.linear_regex import Regex, compile_regex, escape

Closeness = Literal["exact", "spelt", "prefix", "words", "letters"]
"""The name itself; but for case and underscores; its beginning; the beginnings of its words; letters in order."""

_MOST = 4000
"""Names that one expression may give; of more, the shortest of the first so many are taken."""
_LOOKED_AT = 100
"""Of these, so many of the shortest are compared letter by letter."""
_MAX_LETTERS = 40
_MAX_NAME = 100
"""Longer names answer to nothing but themselves."""
_SPREAD = 3
"""Scattered letters stand in no longer a stretch than this many times their number."""
_FEWEST_LETTERS = 3
"""Fewer letters than these are found in nearly every name."""

Marks = tuple[tuple[int, int], ...]


@attrs.frozen
class NameMatch:
    """A name that answers, and how."""

    name: str
    closeness: Closeness
    marks: Marks
    """The letters that match: start and end in characters of `name`."""

    @property
    def key(self) -> tuple[int, int, int, str]:
        """Sorts the closer name first within one closeness: few pieces, early, short."""
        pieces = 0 if self.closeness == "spelt" else len(self.marks)
        return (pieces, self.marks[0][0], len(self.name), self.name)


def matching_names(names: bytes, wanted: str, stop: Callable[[], bool]) -> Iterator[list[NameMatch]]:
    r"""Yield ever less close names, closest first in each list; scattered letters only if nothing else was found.

    Args:
        names: as `View.symbol_names` gives them, each followed by `\n`.
        wanted: letters of one bare name.
        stop: asked between the scans.
    """
    letters = wanted.replace("_", "").replace("-", "")[:_MAX_LETTERS] or wanted[:_MAX_LETTERS]
    seen: set[str] = set()
    if _holds(names, wanted):
        seen.add(wanted)
        yield [NameMatch(wanted, "exact", ((0, len(wanted)),))]
    for closeness, expression in _expressions(letters):
        if stop() or (closeness == "letters" and seen):
            return
        fresh = sorted({name for name in _scan(expression, names) if name not in seen}, key=len)[:_LOOKED_AT]
        matches = [match for name in fresh if (match := _match(name, letters, closeness)) is not None]
        seen.update(match.name for match in matches)
        yield sorted(matches, key=lambda match: match.key)


def _holds(names: bytes, wanted: str) -> bool:
    line = wanted.encode("utf-8", "replace") + b"\n"
    return names.startswith(line) or b"\n" + line in names


def _expressions(letters: str) -> Iterator[tuple[Closeness, Regex]]:
    spelt = "_*".join(map(escape, letters))
    yield "prefix", compile_regex(rf"(?m)^[_$]*{spelt}[^\n]*$", case_sensitive=False)
    if len(letters) > 1:
        yield "words", compile_regex(_words_expression(letters), case_sensitive=True)
    if len(letters) >= _FEWEST_LETTERS:
        scattered = r"[^\n]*".join(map(escape, letters))
        yield "letters", compile_regex(rf"(?m)^[^\n]*{scattered}[^\n]*$", case_sensitive=False)


def _words_expression(letters: str) -> str:
    """Return an expression in which each letter begins a word of the name or follows the one before."""
    pieces: list[str] = []
    for letter in letters:
        low, high = escape(letter.lower()), escape(letter.upper())
        either = f"(?:{low}|{high})"
        if not pieces:
            pieces.append(rf"^(?:(?:[^\n]*_)?{either}|[^\n]*{high})")
        else:
            pieces.append(rf"(?:{either}|[^\n]*(?:_{either}|{high}))")
    return "(?m)" + "".join(pieces) + r"[^\n]*$"


def _scan(expression: Regex, names: bytes) -> list[str]:
    found = (names[match.start() : match.end()] for match in islice(expression.finditer(names), _MOST))
    return [name.decode("utf-8", "replace") for name in found if len(name) <= _MAX_NAME]


def _match(name: str, letters: str, closeness: Closeness) -> NameMatch | None:
    if closeness == "letters":
        marks = scattered(name, letters)
        if marks and marks[-1][1] - marks[0][0] > _SPREAD * len(letters):
            return None
    else:
        marks = aligned(name, letters)
    if not marks:
        return None
    if closeness == "prefix" and name.replace("_", "").lower() == letters.lower():
        closeness = "spelt"
    return NameMatch(name, closeness, marks)


def scattered(name: str, letters: str) -> Marks:
    """Return the first places where the letters stand in a name, in order; empty when they do not."""
    folded = name.lower()
    pieces: list[tuple[int, int]] = []
    at = 0
    for letter in letters.lower():
        at = folded.find(letter, at)
        if at < 0 or len(folded) != len(name):
            return ()
        if pieces and pieces[-1][1] == at:
            pieces[-1] = (pieces[-1][0], at + 1)
        else:
            pieces.append((at, at + 1))
        at += 1
    return tuple(pieces)


def aligned(name: str, letters: str) -> Marks:
    """Return where the letters begin words of a name, in as few pieces as can be; empty when they do not."""
    folded, wanted = [char.lower() for char in name], [char.lower() for char in letters]
    begins = [at for at in range(len(name)) if _begins_word(name, at)]

    @cache
    def best(at: int, letter: int) -> Marks | None:
        """Place the letters from `letter` on at or after `at`."""
        if letter == len(wanted):
            return ()
        choice: Marks | None = None
        for start in begins:
            if start < at or folded[start] != wanted[letter]:
                continue
            size = 1
            while _continues(folded, start + size, wanted, letter + size):
                size += 1
            for length in range(size, 0, -1):
                rest = best(start + length, letter + length)
                if rest is not None and (choice is None or len(rest) + 1 < len(choice)):
                    choice = ((start, start + length), *rest)
                    break
        return choice

    return best(0, 0) or ()


def _continues(folded: list[str], at: int, wanted: list[str], letter: int) -> bool:
    return at < len(folded) and letter < len(wanted) and folded[at] == wanted[letter]


def _begins_word(name: str, at: int) -> bool:
    """Say whether a word of the name begins here: at its start, after what is no letter, at a hump or a number."""
    if at == 0 or not name[at - 1].isalnum():
        return True
    return (name[at].isupper() and not (name[at - 1].isupper() and not name[at + 1 : at + 2].islower())) or (
        name[at].isdigit() and not name[at - 1].isdigit()
    )

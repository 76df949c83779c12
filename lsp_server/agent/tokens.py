"""How many tokens a text has at most, without a tokenizer in this process.

A guess from the shapes that byte-level BPE vocabularies of code split at: camel humps, single digits, runs of
punctuation and of blanks, hashes and keys. It errs on the high side for code and prose; tests compare it with
Qwen's tokenizer.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence

_PIECE = re.compile(
    r"(?P<noise>(?=(?:[A-Za-z+/]*[0-9]){3})[A-Za-z0-9+/]{20,})"
    r"|(?P<hump>[A-Z]?[a-z]+)|(?P<capitals>[A-Z]+)|(?P<digit>[0-9])|(?P<blanks>\s+)|(?P<other>[^A-Za-z0-9\s]+)"
)
_WORD = 5
"""Letters of a word that a token holds on average, at the least."""
_LONGEST_WORD = 15
"""Letters beyond are no word's: each may be a token."""


def most_tokens(text: str) -> int:
    """Return an upper estimate of the tokens in `text`."""
    return sum(_piece_tokens(match) for match in _PIECE.finditer(text))


def _piece_tokens(match: re.Match[str]) -> int:
    piece = match.group()
    match match.lastgroup:
        case "hump":
            return 1 + (min(len(piece), _LONGEST_WORD) - 1) // _WORD + max(0, len(piece) - _LONGEST_WORD)
        case "capitals":
            return 1 + (len(piece) - 1) // 2
        case "blanks":
            # One space belongs to the word behind it; every line break, and every change of blanks, may stand alone.
            runs = sum(1 for _ in itertools.groupby(piece))
            return 0 if piece == " " else max(runs, piece.count("\n"))
        case _:
            return len(piece.encode("utf-8", "surrogatepass"))


def shortened(text: str, budget: int) -> str:
    """Return as much of the beginning of `text` as has at most `budget` tokens, marked where it was cut."""
    spent = 0
    for match in _PIECE.finditer(text):
        spent += _piece_tokens(match)
        if spent > budget:
            # No piece has more tokens than bytes.
            room = max(0, budget - spent + _piece_tokens(match))
            kept = match.group().encode("utf-8", "replace")[:room].decode("utf-8", "ignore")
            return f"{text[: match.start()]}{kept}…"
    return text


def fitting(pieces: Sequence[str], budget: int, count: Callable[[str], int] = most_tokens) -> int:
    """Return how many of the first `pieces`, a line each, have at most `budget` tokens together."""
    spent = 0
    for number, piece in enumerate(pieces):
        spent += count(piece) + 1
        if spent > budget:
            return number
    return len(pieces)

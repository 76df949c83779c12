"""Lets the model's words through as they come, holding a place back until it is whole and checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lsp_server.agent.citations import UNVERIFIED
from lsp_server.agent.places import Claim, claim_at, may_begin
from lsp_server.trace import Citation
from lsp_server.wire import CitationPart, TextPart

_ZONE_WORDS = 10
"""A place, with the name behind it, is decided within so many words of its first."""
_WORD = re.compile(r"\S+")
_PATH_CHARACTER = re.compile(r"[\w./\\~-]")

Check = Callable[[Claim, str, str], Citation]


class CheckedStream:
    """One turn's words on their way to the person.

    The text is read word by word from the left. What becomes of a word depends only on the text up to ten words
    behind it (or its line's end), and it is held until they are there: so the result is the same however the text
    was cut into pieces.
    """

    def __init__(self, check: Check) -> None:
        self._check = check
        self._held = ""
        self._before = ""
        self.text = ""
        """What was let through, marks included."""
        self.citations: list[Citation] = []

    def feed(self, text: str) -> list[TextPart | CitationPart]:
        """Take more text; return what can be shown now."""
        self._held += text
        return self._drain(last=False)

    def finish(self) -> list[TextPart | CitationPart]:
        """The text is whole: return the rest."""
        return self._drain(last=True)

    def _drain(self, *, last: bool) -> list[TextPart | CitationPart]:
        parts: list[TextPart | CitationPart] = []
        plain = ""
        for piece in self._pieces(last=last):
            if isinstance(piece, str):
                plain += piece
                continue
            text, citation = piece
            plain += text if citation.verified else text + UNVERIFIED
            parts += [TextPart(plain), CitationPart(citation)]
            self.text += plain
            plain = ""
            self.citations.append(citation)
        if plain:
            parts.append(TextPart(plain))
            self.text += plain
        return parts

    def _pieces(self, *, last: bool) -> Iterator[str | tuple[str, Citation]]:
        while self._held:
            blank = len(self._held) - len(self._held.lstrip())
            if blank:
                yield self._release(blank)
                continue
            word = _WORD.match(self._held)
            if word is None or (word.end() == len(self._held) and not last):
                return
            if not may_begin(word.group()):
                yield self._release(word.end())
                continue
            zone = self._zone(last=last)
            if zone is None:
                return
            yield from self._decide(word.group(), zone)

    def _zone(self, *, last: bool) -> str | None:
        """Return the text on which the first word's meaning depends; None while it is not there yet."""
        line, broken, _ = self._held.partition("\n")
        words = list(_WORD.finditer(line))
        if len(words) > _ZONE_WORDS:
            return line[: words[_ZONE_WORDS - 1].end()]
        return line if broken or last else None

    def _decide(self, word: str, zone: str) -> Iterator[str | tuple[str, Citation]]:
        for at in range(len(word)):
            if at and _PATH_CHARACTER.match(word[at - 1]):
                continue
            claim = claim_at(zone, at)
            if claim is None:
                continue
            if at:
                yield self._release(at)
            end = at + claim.length
            citation = self._check(claim, self._before, zone[end:])
            text = self._release(claim.length)
            self._before = ""
            yield text, citation
            return
        yield self._release(len(word))

    def _release(self, length: int) -> str:
        text, self._held = self._held[:length], self._held[length:]
        self._before = (self._before + text)[-400:]
        return text

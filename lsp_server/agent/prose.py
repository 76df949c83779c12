"""Lets the beginning of a model's words through as plain prose: a few sentences, no headings, lists or code blocks."""

from __future__ import annotations

import re

MOST_SENTENCES = 3

_WORD = re.compile(r"(?P<blank>\s*)(?P<word>\S+)")
_MARK = re.compile(r"#{1,6}|[-*+>|]|\d{1,2}[.)]|-{3,}|={3,}")
_SENTENCE_END = re.compile(r"[.!?][\"'`)*\]]*$")
_ABBREVIATION = re.compile(r"\W*(?:e\.g|i\.e|etc|vs|cf|no|approx)\.$", re.IGNORECASE)


class Prose:
    """One turn's words, read word by word: what is let through does not depend on how the text was cut.

    A block's mark at the very beginning is left out; later a list, a heading or a fence ends the prose.
    """

    def __init__(self) -> None:
        self._held = ""
        self._sentences = 0
        self.text = ""
        """What was let through, on one line."""
        self.whole = ""
        """The sentences of it that have come to their end."""
        self.ended = False
        """Whether nothing more will be let through."""

    def feed(self, text: str) -> str:
        """Take more text; return what can be shown now. The last word is held back until something follows it."""
        self._held += text
        return self._drain(last=False)

    def finish(self) -> str:
        """The text is whole: return the rest."""
        return self._drain(last=True)

    def _drain(self, *, last: bool) -> str:
        before = len(self.text)
        while not self.ended and (match := _WORD.match(self._held)) and (last or match.end() < len(self._held)):
            self._held = self._held[match.end() :]
            self._take(match["word"], begins_line=not self.text or "\n" in match["blank"])
        return self.text[before:]

    def _take(self, word: str, *, begins_line: bool) -> None:
        if "```" in word or (begins_line and self.text and _MARK.fullmatch(word)):
            self.ended = True
            return
        if begins_line and _MARK.fullmatch(word):
            return
        self.text += f" {word}" if self.text else word
        if _SENTENCE_END.search(word) and not _ABBREVIATION.match(word):
            self._sentences += 1
            self.whole = self.text
            self.ended = self._sentences == MOST_SENTENCES

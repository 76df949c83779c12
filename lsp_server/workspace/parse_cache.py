"""Parsed files by the hash of their text: parsed once, shared, bounded in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict

from lsp_server.workspace.extraction import extract
from lsp_server.workspace.facts import Facts
from lsp_server.workspace.files import hash_of
from lsp_server.workspace.languages import Languages, grammar_of

MAX_SOURCE_BYTES = 24_000_000
"""Facts are kept for files whose texts sum up to this; facts take about as much again."""
MAX_PARSED_BYTES = 4_000_000
"""Larger files are data, not code."""


class ParseCache:
    """Facts by content: two files of one text are parsed once, and a file that changes back costs nothing.

    Safe to use from several threads; two that miss at once may both parse.
    """

    def __init__(self, limit: int = MAX_SOURCE_BYTES) -> None:
        self._limit = limit
        self._languages = Languages()
        self._facts: OrderedDict[tuple[str, str], tuple[int, Facts]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def facts(self, name: str, data: bytes) -> Facts:
        """Return the facts of normal bytes under a file name; none for a language that is not known."""
        grammar = grammar_of(name)
        if grammar is None or len(data) > MAX_PARSED_BYTES:
            return Facts()
        known = self.known(name, data)
        if known is None:
            known = extract(self._languages.tagger(grammar), grammar, data)
            self.keep(name, data, known)
        return known

    def known(self, name: str, data: bytes) -> Facts | None:
        """Return the facts of normal bytes that were parsed before; None otherwise."""
        key = _key(name, data)
        with self._lock:
            known = self._facts.get(key)
            if known is None:
                return None
            self._facts.move_to_end(key)
            return known[1]

    def keep(self, name: str, data: bytes, facts: Facts) -> None:
        """Take facts of normal bytes that were parsed elsewhere."""
        self._keep(_key(name, data), len(data), facts)

    def _keep(self, key: tuple[str, str], size: int, facts: Facts) -> None:
        with self._lock:
            if key in self._facts:
                return
            self._facts[key] = (size, facts)
            self._bytes += size
            while self._bytes > self._limit and self._facts:
                _, (dropped, _) = self._facts.popitem(last=False)
                self._bytes -= dropped


def _key(name: str, data: bytes) -> tuple[str, str]:
    grammar = grammar_of(name)
    return (grammar.name if grammar else "", hash_of(data))

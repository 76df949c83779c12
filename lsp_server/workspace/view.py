"""One look at all the files of a workspace: what every search, hover and tool asks, with an index behind it or none.

`direct_view.py` reads and parses when it is asked; `index/` answers from what was read before. Buffers stand before
files in both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import attrs

from lsp_server.workspace.facts import Definition, Facts, Role
from lsp_server.workspace.files import Files
from lsp_server.workspace.linear_regex import Regex
from lsp_server.workspace.places import Located

Cancelled = Callable[[], bool]
Wanted = Callable[[Located], bool]


@attrs.frozen
class Freshness:
    """How far the index has come, at the moment of an answer."""

    files: int
    """Files whose present text was looked at."""
    stale: int = 0
    """Files that are known to have changed, or to exist, and whose present text was not."""
    note: str = ""
    """One sentence when the answer is not the whole truth: not ready yet, limits, a full disk."""


@attrs.frozen
class Passage:
    """A stretch of a file that matches some words."""

    located: Located
    start: int
    """First line, one-based."""
    end: int
    """Last line, inclusive."""
    name: str
    """Qualified name of the definition it is; empty outside any."""
    score: float
    """Higher is better; comparable within one answer only."""


class View(Protocol):
    """What may be asked. Used for one query and then dropped; safe to use from one thread at a time."""

    files: Files

    @property
    def freshness(self) -> Freshness:
        """How true the answers are, so far: ask last."""
        ...

    def listed(self, wanted: Wanted, cancelled: Cancelled) -> list[Located]:
        """Return the wanted files in showing order (see ranking.order)."""
        ...

    def data(self, located: Located) -> bytes | None:
        """Return a file's normal bytes; None when it may not be read, is no text, or is gone."""
        ...

    def facts(self, located: Located) -> Facts:
        """Return what is known of a file; nothing for a language that is not known.

        Raises:
            Outdated: its buffer was edited meanwhile, so that it would be parsed for nobody.
        """
        ...

    def definitions(self, located: Located, name: str = "") -> Sequence[Definition]:
        """Return a file's definitions as `facts` has them, or only those of a bare name; cheaper than all facts."""
        ...

    def naming(self, name: str, roles: Sequence[Role], cancelled: Cancelled, *, fold: bool = False) -> list[Located]:
        """Return the files that hold `name` in one of the roles, in showing order; perhaps a few others.

        Args:
            name: a bare name: the last part of definitions and references; either name of an import.
            roles: as what.
            cancelled: stops the search, which then returns what it has.
            fold: ignore letter case.
        """
        ...

    def uses(self, name: str) -> int:
        """Return how often a bare name is called, raised, inherited from or used as a decorator, whatever it means."""
        ...

    def symbol_names(self, cancelled: Cancelled) -> bytes:
        r"""Return the distinct bare names of all definitions, UTF-8, each followed by `\n`, in no promised order."""
        ...

    def holding(self, sieve: Regex, wanted: Wanted, cancelled: Cancelled) -> Iterator[tuple[Located, bytes]]:
        """Yield each wanted file that the sieve matches, with its normal bytes, in no promised order, as found."""
        ...

    def ranked(self, words: str, limit: int, cancelled: Cancelled) -> list[Passage]:
        """Return the passages that match words best, best first; at most `limit`."""
        ...

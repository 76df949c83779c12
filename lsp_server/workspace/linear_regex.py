"""google-re2 with types: matching takes time linear in the text, whatever the pattern."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, cast

import re2  # pyright: ignore[reportMissingTypeStubs] - the package has none


class Match(Protocol):
    """Where a pattern matched."""

    def start(self) -> int:
        """Return the first byte's index."""
        ...

    def end(self) -> int:
        """Return the index of the byte after the last."""
        ...


class Regex(Protocol):
    """What is used of a compiled pattern: the pattern is text, the haystack UTF-8 bytes."""

    def search(self, text: bytes, pos: int = 0) -> Match | None:
        """Return the first match that begins at `pos` or later; what stands before `pos` is still seen."""
        ...

    def finditer(self, text: bytes, pos: int = 0) -> Iterator[Match]:
        """Yield the matches that do not overlap, from `pos` on."""
        ...


def compile_regex(expression: str, *, case_sensitive: bool, within_lines: bool = False) -> Regex:
    """Compile an expression in RE2's syntax; `within_lines`, nothing in it matches a line end.

    Raises:
        ValueError: with what is wrong with it.
    """
    library = cast("Any", re2)
    options = library.Options()
    options.log_errors = False
    options.never_capture = True
    options.case_sensitive = case_sensitive
    options.never_nl = within_lines
    try:
        return cast("Regex", library.compile(expression, options))
    except library.error as error:
        said = error.args[0]
        raise ValueError(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)) from error
    except UnicodeEncodeError as error:
        raise ValueError("it is not Unicode") from error


def escape(text: str) -> str:
    """Return an expression that matches `text` itself.

    Raises:
        ValueError: the text is not Unicode.
    """
    try:
        return cast("str", cast("Any", re2).escape(text))
    except UnicodeEncodeError as error:
        raise ValueError("it is not Unicode") from error

"""The editor's `files.exclude` globs, put into the language of ignore files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_BRACES = re.compile(r"\{([^{}]*)\}")
_MAX_EXPANDED = 1000
"""No list of globs becomes more patterns than this."""


def as_ignore_lines(globs: Iterable[str]) -> tuple[str, ...]:
    """Return ignore-file patterns for globs that are matched against the whole path relative to a workspace folder.

    `build` means the folder's own `build` alone, `**/build` one at any depth, `*.{js,map}` either ending.
    """
    lines: list[str] = []
    for glob in globs:
        for plain in _expanded(glob.strip().replace("\\", "/").removeprefix("./")):
            if plain.strip("/*"):
                lines.append(plain if plain.startswith("**/") else "/" + plain.lstrip("/"))
            if len(lines) == _MAX_EXPANDED:
                return tuple(lines)
    return tuple(lines)


def _expanded(glob: str) -> Iterator[str]:
    """Yield the globs that braces stand for, the innermost first."""
    waiting = [glob]
    for _ in range(_MAX_EXPANDED):
        if not waiting:
            return
        pattern = waiting.pop()
        braces = _BRACES.search(pattern)
        if braces is None:
            yield pattern
        else:
            choices = braces.group(1).split(",")
            waiting += [pattern[: braces.start()] + choice + pattern[braces.end() :] for choice in reversed(choices)]

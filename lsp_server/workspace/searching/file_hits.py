"""Finds files by name and path: `core.py`, `shop/core`, `core.py:12`, `shop.core`."""

from __future__ import annotations

import re

import attrs

from lsp_server.workspace.hits import Hit
from lsp_server.workspace.places import Located
from lsp_server.workspace.ranking import order, rank
from lsp_server.workspace.searching.hit_lists import HitList
from lsp_server.workspace.view import Cancelled, View

_AT_LINE = re.compile(r"(.+?):(\d{1,9})(?::\d+)?$")
_EXACT, _ENDING, _NAMED, _INSIDE, _HOLDING = 14.0, 10.0, 5.0, 3.0, 1.2
"""Weights: the whole path, its end or a dotted module, the name without its ending, inside a package, a part."""
_OWN = re.compile(r"^(?:(?:crate|self|super)/)+")
"""Rust's words for where a path begins."""
_FEWEST = 2
"""Characters of a query that files are looked for."""


@attrs.frozen
class _Wanted:
    path: str
    """Lower case, with slashes."""
    module: str
    """The same with slashes for dots: a dotted module."""
    line: int

    @classmethod
    def parse(cls, text: str) -> _Wanted:
        at_line = _AT_LINE.fullmatch(text)
        path, line = (at_line.group(1), int(at_line.group(2))) if at_line else (text, 1)
        path = path.replace("\\", "/").lower().removeprefix("./").strip("/")
        module = path.replace("::", "/").replace(".", "/")
        return cls(path, _OWN.sub("", module) or module, line)

    def weight(self, located: Located) -> float:
        """Return how well a file answers, less for tests and vendored files; 0 when it does not."""
        likeness = self._likeness(located.relative.lower())
        return likeness / (1 + rank(located.relative)) if likeness else 0.0

    def _likeness(self, relative: str) -> float:
        if self.path not in relative and self.module not in relative:
            return 0.0
        if relative == self.path:
            return _EXACT
        stem = "/" + relative.rpartition(".")[0]
        if relative.endswith("/" + self.path) or self._is_module(stem):
            return _ENDING
        if stem.endswith(("/" + self.path, "/" + self.module)):
            return _NAMED
        return _HOLDING if self.path in relative else self._inside(stem)

    def _is_module(self, stem: str) -> bool:
        return "/" in self.module and stem.removesuffix("/__init__").endswith("/" + self.module)

    def _inside(self, stem: str) -> float:
        return _INSIDE if "/" in self.module and f"/{self.module}/" in stem else 0.0


def file_lists(view: View, text: str, limit: int, stop: Cancelled) -> list[HitList]:
    """Return the files that a path or a part of one names, a list for each way of naming."""
    wanted = _Wanted.parse(text.strip())
    if len(wanted.path) < _FEWEST:
        return []
    found: dict[float, list[Located]] = {}
    for located in view.listed(lambda located: wanted.weight(located) > 0, stop):
        found.setdefault(wanted.weight(located), []).append(located)
    return [
        HitList(weight, tuple(_hit(view, wanted, located) for located in sorted(files, key=order)[:limit]), len(files))
        for weight, files in found.items()
    ]


def _hit(view: View, wanted: _Wanted, located: Located) -> Hit:
    """Return a file as a hit: its text is the path, and the range stands before its line's first character."""
    shown = view.files.scope.show(located)
    folded = shown.lower()
    at, size = folded.rfind(wanted.path), len(wanted.path)
    if at < 0:
        at, size = folded.rfind(wanted.module), len(wanted.module)
    marks = ((at, at + size),) if at >= 0 and len(folded) == len(shown) else ()
    start, line = _line_start(view, located, wanted.line)
    return Hit(located, start, start, line, shown, marks, "file", 0.0)


def _line_start(view: View, located: Located, line: int) -> tuple[int, int]:
    """Return the first byte of a line and its number, or those of the last line there is."""
    data = (view.data(located) or b"") if line > 1 else b""
    start = 0
    for number in range(1, line):
        end = data.find(b"\n", start)
        if end < 0:
            return start, number
        start = end + 1
    return start, line

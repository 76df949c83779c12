"""`make bench-code`: measure index, search and hover, print the tables, and keep them in models/results/.

`python -m models.bench.code PART...` measures some parts alone and keeps nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs

from lsp_server.modelstore import chosen
from lsp_server.settings import Settings
from models.bench.code import correctness, hover, index, quality, search, server
from models.bench.code.report import Section, write
from models.bench.code.rivals import Ctags, Ripgrep, ctags, ripgrep
from models.bench.code.sources import TREE, Pins, pins, store, tree


@attrs.frozen
class Bench:
    """What is measured and what it is compared with."""

    pinned: Pins
    store: Path
    ripgrep: Ripgrep | None
    ctags: Ctags | None

    @property
    def tree(self) -> Path:
        """The tree that is indexed and searched."""
        return tree(self.pinned.sdists[TREE], self.store)

    @property
    def packages(self) -> dict[str, Path]:
        """The trees that questions and correctness are about."""
        return {package: tree(self.pinned.sdists[package], self.store) for package in self.pinned.packages}


def _index(bench: Bench) -> Section:
    return Section("Index", (*index.measure(bench.tree, bench.ctags), *server.measure_memory(bench.tree)))


def _search(bench: Bench) -> Section:
    return Section("Search", tuple(search.measure(bench.tree, bench.ripgrep)))


def _hover(bench: Bench) -> Section:
    return Section("Hover", tuple(hover.measure(bench.tree, chosen(Settings()))))


def _quality(bench: Bench) -> Section:
    return Section("Where is X handled?", tuple(quality.measure(bench.packages)))


def _correctness(bench: Bench) -> Section:
    return Section("Correctness", tuple(correctness.measure(bench.packages)))


PARTS: Mapping[str, Callable[[Bench], Section]] = {
    "index": _index,
    "search": _search,
    "hover": _hover,
    "quality": _quality,
    "correctness": _correctness,
}


def main() -> int:
    """Measure the parts that are asked for, one after the other; all of them by default."""
    parser = argparse.ArgumentParser(prog="python -m models.bench.code", description="Measure index, search and hover.")
    # Python 3.11 checks the empty list against the choices too
    parser.add_argument(
        "part", nargs="*", choices=[*PARTS, []], metavar="PART", help="measure this alone, and keep nothing"
    )
    asked: list[str] = parser.parse_args().part
    pinned, folder = pins(), store()
    bench = Bench(pinned, folder, ripgrep(pinned, folder), ctags(folder))
    loads = [os.getloadavg()[0]]
    sections: list[Section] = []
    for part in asked or PARTS:
        sys.stderr.write(f"measuring: {part}\n")
        sections.append(PARTS[part](bench))
        loads.append(os.getloadavg()[0])
    text = write(sections, bench.ripgrep, bench.ctags, loads, keep=not asked)
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())

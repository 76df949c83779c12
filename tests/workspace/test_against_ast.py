from __future__ import annotations

import functools
import importlib.util
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from lsp_server.workspace.facts import Facts
from lsp_server.workspace.files import normal
from lsp_server.workspace.parse_cache import ParseCache
from support.ast_walk import Seen, Sort, walk

PACKAGES = ("attr", "cattrs", "pygls", "pydantic_ai", "anyio", "click", "httpx2")
SORTS: tuple[Sort, ...] = ("definition", "base", "call", "raise", "decorator", "import")
MAX_FILES = 40
"""Of one package, the largest."""


def test_everything_is_where_the_python_parser_sees_it():
    """In real packages, structure equals an independent walk of Python's own parser: 98 of 100, of each sort."""
    for package in PACKAGES:
        ours, theirs = compared(package)
        for sort in SORTS:
            agreed = (ours[sort] & theirs[sort]).total()
            assert theirs[sort].total() > 0, (package, sort)
            assert agreed >= 0.98 * theirs[sort].total(), (package, sort, theirs[sort] - ours[sort])
            assert agreed >= 0.98 * ours[sort].total(), (package, sort, ours[sort] - theirs[sort])


@pytest.mark.parametrize("package", PACKAGES)
def test_a_called_name_ends_where_the_python_parser_says(package: str):
    """The line of every call, and the byte at which its name ends in it."""
    for data in texts(package):
        starts = [0]
        for line in data.split(b"\n"):
            starts.append(starts[-1] + len(line) + 1)
        sites = facts_of(data).sites
        placed = {(site.target, site.line, site.end - starts[site.line - 1]) for site in sites}
        assert seen(data).positions <= placed


def compared(package: str) -> tuple[dict[Sort, Counter[tuple[object, ...]]], dict[Sort, Counter[tuple[object, ...]]]]:
    """What the facts tell, and what the Python parser tells."""
    ours: dict[Sort, Counter[tuple[object, ...]]] = {sort: Counter() for sort in SORTS}
    theirs: dict[Sort, Counter[tuple[object, ...]]] = {sort: Counter() for sort in SORTS}
    for data in texts(package):
        theirs_here = seen(data).things
        ours_here = told(facts_of(data))
        for sort in SORTS:
            ours[sort] += ours_here[sort]
            theirs[sort] += theirs_here[sort]
    return ours, theirs


def told(facts: Facts) -> dict[Sort, Counter[tuple[object, ...]]]:
    """Facts in the words of the walk."""
    defined = [item for item in facts.definitions if item.kind != "constant"]
    around = {site: facts.definitions[site.enclosing].name if site.enclosing >= 0 else "" for site in facts.sites}
    return {
        "definition": Counter((item.kind, item.name, item.line, item.end_line) for item in defined),
        "base": Counter((around[site], site.target) for site in facts.sites if site.relation == "inherit"),
        "call": Counter((site.target, around[site]) for site in facts.sites if site.relation == "call"),
        "raise": Counter((site.target, around[site], site.line) for site in facts.sites if site.relation == "raise"),
        "decorator": Counter((item.name, decorator) for item in defined for decorator in item.decorators),
        "import": Counter((taken.local, taken.module, taken.name) for taken in facts.imports),
    }


@functools.cache
def texts(package: str) -> tuple[bytes, ...]:
    """The texts of an installed package."""
    return tuple(map(normal, sorted(files(package), key=len)[-MAX_FILES:]))


def files(package: str) -> Iterator[bytes]:
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    for file in Path(spec.origin).parent.rglob("*.py"):
        yield file.read_bytes()


@functools.cache
def seen(data: bytes) -> Seen:
    """What the Python parser sees."""
    return walk(data.decode())


@functools.cache
def facts_of(data: bytes) -> Facts:
    """What the extraction tells."""
    return ParseCache().facts("module.py", data)

from __future__ import annotations

from pathlib import Path

from lsp_server.workspace.hits import Hit
from lsp_server.workspace.places import Located
from lsp_server.workspace.searching.hit_lists import HitList, fuse

FILE = Located(Path("/w"), "a.py")


def hit(line: int, start: int, name: str = "") -> Hit:
    return Hit(FILE, start, start + 1, line, "x", ((0, 1),), "text", 0.0, name)


def test_a_weightier_list_comes_first():
    """Its hits stand before those of lighter lists, and what both found gains."""
    heavy = HitList(2.0, (hit(1, 0, "one"), hit(2, 10, "two")), 2)
    light = HitList(1.0, (hit(3, 20), hit(2, 12)), 9)
    hits, total = fuse([light, heavy], 10)
    assert [(found.line, found.name) for found in hits] == [(2, "two"), (1, "one"), (3, "")]
    assert total == 3 + 7
    assert [found.score for found in hits] == sorted((found.score for found in hits), reverse=True)


def test_one_list_may_hold_a_line_twice():
    """Two calls on one line are two places; a list of lines that found the line adds to the first."""
    calls = HitList(2.0, (hit(1, 0), hit(1, 5)), 2)
    hits, total = fuse([calls, HitList(1.0, (hit(1, 3),), 1)], 10)
    assert [found.start for found in hits] == [0, 5]
    assert total == 2


def test_the_limit_cuts():
    """What is cut is counted."""
    hits, total = fuse([HitList(1.0, tuple(hit(line, line) for line in range(1, 9)), 8)], 3)
    assert (len(hits), total) == (3, 8)


def test_a_much_lighter_list_does_not_reorder_a_heavy_one():
    """Where a text stands among many says nothing about definitions of the same name."""
    heavy = HitList(16.0, (hit(1, 0), hit(2, 10)), 2)
    light = HitList(1.0, (hit(2, 10), *(hit(line, 10 * line) for line in range(3, 60)), hit(1, 0)), 59)
    hits, _ = fuse([heavy, light], 2)
    assert [found.line for found in hits] == [1, 2]

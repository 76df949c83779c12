"""Facts of buffers that are edited faster than they can be parsed."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from threading import Event

import attrs
import pytest

from lsp_server.workspace.facts import Facts
from lsp_server.workspace.index import fact_json
from lsp_server.workspace.index.overlay import Overlay
from lsp_server.workspace.parse_cache import ParseCache
from lsp_server.workspace.places import Located
from lsp_server.workspace.problems import Outdated

FILE = Located(Path("/w"), "a.py")
FIRST, SECOND, THIRD = (f"class {name}: pass\n".encode() for name in ("First", "Second", "Third"))
SECONDS = 30.0


@attrs.define
class Asked:
    """What the overlay had parsed, as it comes."""

    overlay: Overlay
    queue: SimpleQueue[tuple[bytes, Future[bytes]]]

    def next(self) -> tuple[bytes, Future[bytes]]:
        return self.queue.get(timeout=SECONDS)


@pytest.fixture
def asked() -> Generator[Asked]:
    queue: SimpleQueue[tuple[bytes, Future[bytes]]] = SimpleQueue()
    overlay = Overlay(ParseCache(), lambda _located, data, facts: queue.put((data, facts)))
    yield Asked(overlay, queue)
    overlay.close()


def parsed(data: bytes) -> bytes:
    return fact_json.encode(ParseCache().facts("a.py", data))


def names(facts: Facts) -> list[str]:
    return [item.name for item in facts.definitions]


def test_of_each_buffer_one_text_is_under_way(asked: Asked):
    """While one is parsed only the newest waits; those between are parsed by nobody."""
    asked.overlay.changed(FILE, FIRST)
    data, facts = asked.next()
    assert data == FIRST
    asked.overlay.changed(FILE, SECOND)
    asked.overlay.changed(FILE, THIRD)
    assert asked.queue.empty()
    facts.set_result(parsed(FIRST))
    data, facts = asked.next()
    assert data == THIRD
    facts.set_result(parsed(THIRD))
    assert names(asked.overlay.newest(FILE, THIRD)) == ["Third"]
    assert asked.queue.empty()


def test_a_text_that_nobody_sees_any_more_is_not_parsed_for_a_look(asked: Asked):
    """A look that took an older text is told so; one that must have its facts parses by itself."""
    asked.overlay.changed(FILE, FIRST)
    asked.next()
    asked.overlay.changed(FILE, SECOND)
    asked.overlay.changed(FILE, THIRD)
    with pytest.raises(Outdated):
        asked.overlay.newest(FILE, SECOND)
    assert names(asked.overlay.facts(FILE, SECOND)) == ["Second"]


def test_a_text_that_is_being_parsed_is_waited_for(asked: Asked, monkeypatch: pytest.MonkeyPatch):
    """A newer text does not take the facts of the older one away from whoever waits for them."""
    asked.overlay.changed(FILE, FIRST)
    _, facts = asked.next()
    waits, wait = Event(), facts.result

    def result(timeout: float | None = None) -> bytes:
        waits.set()
        return wait(timeout)

    monkeypatch.setattr(facts, "result", result)
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(asked.overlay.newest, FILE, FIRST)
        assert waits.wait(SECONDS)
        asked.overlay.changed(FILE, SECOND)
        facts.set_result(parsed(FIRST))
        assert names(looking.result(SECONDS)) == ["First"]


@pytest.mark.parametrize("edited", [False, True])
def test_without_an_indexer_the_newest_text_is_parsed_here(asked: Asked, edited: bool):
    """When the indexer dies its facts do not come: the newest text is parsed by who asks, an older one by nobody."""
    asked.overlay.changed(FILE, FIRST)
    _, facts = asked.next()
    if edited:
        asked.overlay.changed(FILE, SECOND)
    facts.cancel()
    if edited:
        with pytest.raises(Outdated):
            asked.overlay.newest(FILE, FIRST)
    else:
        assert names(asked.overlay.newest(FILE, FIRST)) == ["First"]


def test_a_closed_buffer_is_no_longer_newest(asked: Asked):
    """After closing, the file's own text is parsed by who asks for it."""
    asked.overlay.changed(FILE, FIRST)
    asked.overlay.changed(FILE, None)
    assert names(asked.overlay.newest(FILE, SECOND)) == ["Second"]

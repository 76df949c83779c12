"""Looks at the workspace, away from the loop."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from queue import SimpleQueue

import pytest

from lsp_server.lsp.threads import Threads
from lsp_server.workspace.problems import Outdated


@pytest.mark.parametrize("long", [False, True])
async def test_a_look_is_taken_again_when_a_buffer_was_edited(long: bool):
    """A look that an edit made worthless is repeated, until one sees a text that stays."""
    threads = Threads()
    looks = iter([Outdated(), Outdated(), "seen"])

    def look(*_cancelled: object) -> str:
        found = next(looks)
        if isinstance(found, Outdated):
            raise found
        return str(found)

    assert await (threads.long(look) if long else threads.short(look)) == "seen"


async def test_what_is_cancelled_still_counts():
    """Looks that were cancelled and go on take no more threads than others; those that had not begun never do."""
    threads, gate, begun = Threads(), threading.Event(), SimpleQueue[int]()

    def look(number: int) -> int:
        begun.put(number)
        assert gate.wait(30)
        return number

    for number in range(12):
        task = asyncio.create_task(threads.short(partial(look, number)))
        if number < 4:
            await asyncio.to_thread(begun.get, timeout=30)
        else:
            for _ in range(10):  # turns of the loop: without a limit the thread would have begun
                await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    assert begun.empty()
    gate.set()
    assert await threads.short(partial(look, 99)) == 99
    assert begun.get(timeout=30) == 99
    assert begun.empty()

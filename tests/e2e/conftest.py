"""Fixtures of the tests that go through the editor's door."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from support.scripted_server import Editor, Scripted, editing, make_scripted


@pytest.fixture
def scripted(tmp_path: Path) -> Scripted:
    """A script and a workspace of the test's own."""
    return make_scripted(tmp_path)


@pytest.fixture
async def editor(scripted: Scripted) -> AsyncGenerator[Editor]:
    """An editor that has the workspace open."""
    async with editing(scripted) as client:
        yield client

"""The socket's name in the file system."""

import fcntl
from collections.abc import Generator
from pathlib import Path

import anyio
import pytest

from lsp_server.resident.door import Door
from support.homes import private_home


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    with private_home(monkeypatch) as made:
        yield made


def door_in(home: Path) -> Door:
    return Door(home / "a.sock", home / "a.lock")


async def test_an_open_door_is_taken_until_it_is_closed(home: Path) -> None:
    """Others see that somebody listens; once closed the file is gone."""
    door = door_in(home)
    assert not door.is_taken()
    async with await door.open():
        assert door.is_open
        assert door_in(home).is_taken()
        door.close()
        assert not (home / "a.sock").exists()
    assert not door.is_open


async def test_a_file_that_nobody_listens_at_is_not_taken_and_is_replaced(home: Path) -> None:
    """What a killed process left behind is no obstacle."""
    async with await door_in(home).open():
        pass
    assert (home / "a.sock").exists()
    door = door_in(home)
    assert not door.is_taken()
    async with await door.open():
        assert door.is_open


async def test_closing_leaves_the_door_of_another_process(home: Path) -> None:
    """A process that stays on for its last clients does not take away the file of the one that replaced it."""
    first, second = door_in(home), door_in(home)
    async with await first.open(), await second.open():
        assert not first.is_open
        first.close()
        assert second.is_open


async def test_hiding_takes_the_lock_and_the_name_and_showing_gives_both_back(home: Path) -> None:
    """While hidden nobody can connect or start another; afterwards everything is as before."""
    door = door_in(home)
    async with await door.open():
        assert door.hide()
        assert not (home / "a.sock").exists()
        assert not door_in(home).hide()
        door.show()
        async with await anyio.connect_unix(home / "a.sock"):
            pass
        assert door.hide()
        door.close()
    assert not (home / "a.sock").exists()
    assert not (home / "a.leaving").exists()


async def test_a_held_lock_keeps_the_door_open(home: Path) -> None:
    """Whoever holds the lock is about to connect: the name stays."""
    door = door_in(home)
    async with await door.open():
        with (home / "a.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            assert not door.hide()
            assert (home / "a.sock").exists()

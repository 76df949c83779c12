"""Where a resident process is met."""

import asyncio
import os
import stat
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.engine import rendezvous as rendezvous_module
from lsp_server.engine.rendezvous import rendezvous, start_lock
from lsp_server.errors import EngineUnavailable
from support.homes import private_home

COMMAND = ("python", "-m", "resident")
LONGEST_ON_MACOS = 103


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    with private_home(monkeypatch) as made:
        yield made


def test_the_folder_is_made_private(home: Path) -> None:
    """Nobody else may enter the folder, also where it was there before with other rights."""
    place = rendezvous("hash", COMMAND, home / "logs")
    assert stat.S_IMODE(place.socket.parent.stat().st_mode) == 0o700
    assert place.log.parent.is_dir()
    place.socket.parent.chmod(0o755)
    rendezvous("hash", COMMAND, home / "logs")
    assert stat.S_IMODE(place.socket.parent.stat().st_mode) == 0o700


def test_a_link_in_the_folder_s_place_is_refused(home: Path) -> None:
    """A link to elsewhere is not followed."""
    (home / "inglenook").symlink_to(home)
    with pytest.raises(EngineUnavailable, match="not this user's"):
        rendezvous("hash", COMMAND, home / "logs")


@pytest.mark.parametrize("letters", [20, 60, 100, 200])
def test_the_socket_s_path_is_short_enough(home: Path, monkeypatch: pytest.MonkeyPatch, letters: int) -> None:
    """However long the runtime and temporary folders are, the path fits a socket's address."""
    deep = home / ("d" * letters)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    place = rendezvous("hash", COMMAND, home / "logs")
    assert len(os.fsencode(place.socket)) <= LONGEST_ON_MACOS
    assert stat.S_IMODE(place.socket.parent.stat().st_mode) == 0o700


def test_a_runtime_folder_that_does_not_exist_is_passed_over(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable left over from another session does not stop the engine."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home / "gone"))
    monkeypatch.setattr(tempfile, "tempdir", str(home))
    assert rendezvous("hash", COMMAND, home / "logs").socket.parent == home / f"inglenook-{os.getuid()}"


def test_logs_that_cannot_be_kept_are_a_failure_in_words(home: Path) -> None:
    """A file in the place of the log folder is named."""
    (home / "logs").write_text("")
    with pytest.raises(EngineUnavailable, match="logs cannot be made"):
        rendezvous("hash", COMMAND, home / "logs")


KEYS = st.tuples(st.text(max_size=5), st.integers(0, 3), st.lists(st.text("ab", max_size=3), max_size=3))


@given(KEYS, KEYS)
def test_model_version_and_command_each_have_a_process_of_their_own(
    left: tuple[str, int, list[str]], right: tuple[str, int, list[str]]
) -> None:
    """Two clients meet if and only if model, wire version and program are the same."""
    assert (_name(*left) == _name(*right)) == (left == right)


def _name(model_hash: str, version: int, command: list[str]) -> Path:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as logs:
        patch.setattr(rendezvous_module, "WIRE_VERSION", version)
        return rendezvous(model_hash, command, Path(logs)).socket


async def test_the_lock_is_one_process_s_at_a_time(home: Path) -> None:
    """Whoever comes second waits, without stopping the event loop, until the first lets go."""
    order: list[str] = []

    async def second() -> None:
        async with start_lock(home / "lock"):
            order.append("second")

    async with start_lock(home / "lock"):
        waiting = asyncio.create_task(second())
        await asyncio.wait([waiting], timeout=0.2)
        order.append("first")
    await asyncio.wait_for(waiting, 30)
    assert order == ["first", "second"]

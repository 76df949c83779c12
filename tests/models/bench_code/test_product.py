from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import contextmanager

import psutil
import pytest

from lsp_server.user_folders import HOME_VARIABLE
from models.bench.code import product
from models.bench.code.product import MemoryWatch, memory_of, private_home

WAITS = "import sys; print(flush=True); sys.stdin.read()"


@contextmanager
def waiting_process():
    with subprocess.Popen([sys.executable, "-c", WAITS], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process


def test_home_is_restored(monkeypatch: pytest.MonkeyPatch):
    """A block has a home of its own, which is gone afterwards."""
    monkeypatch.setenv(HOME_VARIABLE, "/before")
    with private_home() as home:
        assert os.environ[HOME_VARIABLE] == str(home.folder)
        (home.folder / "cache").mkdir()
        (home.folder / "cache/index").write_bytes(b"123")
        assert home.index_bytes == 3
    assert os.environ[HOME_VARIABLE] == "/before"
    assert not home.folder.exists()


def test_processes_of_a_home(monkeypatch: pytest.MonkeyPatch):
    """The processes that were started in a home are told from others, and waited for."""
    monkeypatch.delenv(HOME_VARIABLE, raising=False)
    with waiting_process(), private_home() as home:
        with waiting_process() as inside:
            assert [process.pid for process in home.processes()] == [inside.pid]
        home.wait_until_empty()
        assert home.processes() == []
    assert HOME_VARIABLE not in os.environ


def test_process_that_stays(monkeypatch: pytest.MonkeyPatch):
    """A process that does not leave by itself is ended, and that is an error."""
    monkeypatch.setattr(product, "_LEAVING_SECONDS", 0.05)
    with private_home() as home, waiting_process() as process:
        with pytest.raises(RuntimeError, match="1 processes did not leave"):
            home.wait_until_empty()
        assert process.wait() != 0


def test_memory_watch():
    """The most that was held together while the block ran is kept; a process that is gone holds nothing."""
    looks = iter(range(3))
    seen = threading.Event()

    def processes() -> list[psutil.Process]:
        if next(looks, None) is None:
            seen.set()
        return [watched]

    with waiting_process() as process:
        watched = psutil.Process(process.pid)
        with MemoryWatch(processes) as watch:
            assert seen.wait(60)
    assert 2**20 < watch.largest < 2**34
    assert memory_of(watched) == 0

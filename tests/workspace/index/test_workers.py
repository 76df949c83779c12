"""Workers that die or hang cost one file, not the others."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from lsp_server.workspace.index.base import CacheUnusable
from lsp_server.workspace.index.workers import Workers

FAULTY = """
import os, sys, threading
from multiprocessing.connection import Connection
from lsp_server.workspace.index import parse_worker, parsed

def parse(languages, content, name, data):
    if name == "kills.py":
        os._exit(1)
    if name == "unlucky.py":
        try:
            os.mkdir(data)
        except FileExistsError:
            pass
        else:
            os._exit(1)
    if name == "hangs.py":
        if data:
            with open(data, "a") as attempts:
                attempts.write(".")
        threading.Event().wait()
    if name == "raises.py":
        raise RuntimeError(name)
    return parsed.Parsed(b"", [])

parse_worker.parse = parse
parse_worker.work(Connection(int(sys.argv[1])))
"""

Make = Callable[..., Workers]


@pytest.fixture
def make(tmp_path: Path) -> Generator[Make]:
    """Makes workers that fail at some names."""
    script = tmp_path / "faulty.py"
    script.write_text(FAULTY)
    made: list[Workers] = []

    def make(**options: float) -> Workers:
        made.append(Workers(most=1, command=(sys.executable, str(script)), **options))
        return made[-1]

    yield make
    for workers in made:
        workers.close()


@pytest.mark.parametrize("bad", ["kills.py", "raises.py"])
def test_one_bad_file_stops_no_other(make: Make, bad: str):
    """The others of its batch are parsed, and so are later batches."""
    workers = make()
    found = workers.submit([(1, "a.py", b"a"), (2, bad, b""), (3, "b.py", b"b")]).result()
    assert [result is not None for result in found] == [True, False, True]
    assert workers.submit([(4, "c.py", b"c")]).result()[0] is not None


def test_a_worker_that_dies_once_costs_nothing(make: Make, tmp_path: Path):
    """The system may have ended it for want of memory; its file is tried again, be it the only one."""
    assert make().submit([(1, "unlucky.py", bytes(tmp_path / "died"))]).result()[0] is not None
    assert (tmp_path / "died").is_dir()


def test_a_file_that_hangs_is_given_up(make: Make):
    """Its worker is replaced after a while."""
    workers = make(seconds=3.0)  # on a busy machine a start takes a second
    found = workers.submit([(1, "hangs.py", b""), (2, "b.py", b"b")]).result()
    assert [result is not None for result in found] == [False, True]


def test_a_file_that_hangs_alone_is_not_tried_again(make: Make, tmp_path: Path):
    """It would take another worker for as long."""
    attempts = tmp_path / "attempts"
    assert make(seconds=3.0).submit([(1, "hangs.py", bytes(attempts))]).result() == [None]
    assert attempts.read_text("utf-8") == "."


def test_urgent_batches_come_first(make: Make):
    """A buffer does not wait for a scan."""
    workers = make()
    order: list[str] = []
    futures = [workers.submit([(number, f"{number}.py", b"x" * 100_000)]) for number in range(20)]
    for future in futures:
        future.add_done_callback(lambda _: order.append("scan"))
    urgent = workers.submit([(99, "now.py", b"x")], urgent=True)
    urgent.add_done_callback(lambda _: order.append("urgent"))
    for future in (*futures, urgent):
        future.result()
    assert order.index("urgent") < len(order) - 1


def test_closing_cancels_what_waits(make: Make):
    """Nobody waits for ever, and nothing is taken afterwards."""
    workers = make()
    hanging = workers.submit([(1, "hangs.py", b"")])
    workers.close()
    assert hanging.cancelled()
    assert workers.submit([(1, "a.py", b"")]).cancelled()
    assert workers.running == 0


def test_a_system_without_processes_is_one_error(tmp_path: Path):
    """Nobody waits for ever for a worker that cannot be started."""
    workers = Workers(command=(str(tmp_path / "missing"),))
    workers.prepare()
    with pytest.raises(CacheUnusable, match="No process can be started to parse"):
        workers.submit([(1, "a.py", b"")]).result()
    workers.close()


def test_workers_are_started_before_there_is_work(make: Make):
    """A first batch finds them."""
    workers = make()
    workers.prepare()
    assert workers.submit([(1, "a.py", b"")]).result()[0] is not None
    assert workers.running == 1

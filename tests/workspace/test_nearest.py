from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.settings import Settings
from lsp_server.workspace.nearest import MOST_ROWS, is_phrase
from lsp_server.workspace.workspace import Workspace
from support.shop import write


@pytest.fixture
def pool(tmp_path: Path) -> Workspace:
    """A workspace about workers that are watched."""
    write(
        tmp_path,
        "pool.py",
        '''
class Pool:
    """Keeps workers."""

    def reap(self) -> None:
        """Kill a worker whose heartbeat is older than the timeout."""
''',
    )
    write(tmp_path, "notes.md", "# Notes\n\nThe timeout of a worker is thirty seconds.\n")
    return Workspace([tmp_path], Settings())


def test_a_phrase_that_no_line_holds_is_found_by_its_words(pool: Workspace):
    """The best line comes first, with the definition it stands in, and the result says how it was found."""
    found = pool.search("kill worker timeout")
    assert found.by_words
    best = found.rows[0]
    assert (best.place.path, best.within) == ("pool.py", "Pool.reap")
    assert "Kill a worker whose heartbeat" in best.text


def test_a_phrase_that_code_holds_is_found_as_it_stands(pool: Workspace):
    """Words decide nothing where a line of code has the phrase."""
    found = pool.search("older than the timeout")
    assert not found.by_words
    assert [row.place.path for row in found.rows] == ["pool.py"]


def test_a_phrase_that_stands_outside_of_code_alone_comes_after_the_nearest_code(pool: Workspace):
    """Documents tell of what is done elsewhere: both are shown, each counted."""
    found = pool.search("timeout of a worker")
    assert [row.place.path for row in found.rows] == ["pool.py", "notes.md"]
    assert (found.by_words, found.total) == (1, 2)


def test_the_words_of_the_question_count_as_well(pool: Workspace, tmp_path: Path):
    """A phrase that says little is helped by the question that it was taken from; a long one does not drown it."""
    write(tmp_path, "alarm.py", "def ring():\n    '''Call the timeout handler.'''\n")
    asked = "Where do we kill a worker whose heartbeat is too old?"
    assert pool.search("timeout handler call").rows[0].place.path == "alarm.py"
    assert pool.search("old timeouts", about=asked).rows[0].place.path == "pool.py"
    log = " ".join(f"worker_{number} heartbeat" for number in range(500)) + " " + "30820a" * 300
    assert pool.search("timeout handler call", about=log).rows[0].place.path == "alarm.py"


def test_where_no_code_is_near_the_phrase_stands_alone(pool: Workspace):
    """Nor where it is asked for by a glob, or for tests."""
    for found in (pool.search("is thirty seconds"), pool.search("timeout of a worker", glob="*.md")):
        assert [row.place.path for row in found.rows] == ["notes.md"]
        assert (found.by_words, found.total) == (0, 1)


def test_a_word_alone_does_not_stand_before_the_phrase(pool: Workspace, tmp_path: Path):
    """Code that shares one word with a phrase of a document is not what was asked for."""
    write(tmp_path, "CONTRIBUTING.md", "# Worker guidelines\n")
    found = pool.search("worker guidelines")
    assert [row.place.path for row in found.rows] == ["CONTRIBUTING.md"]


def test_who_asks_for_tests_gets_tests(pool: Workspace, tmp_path: Path):
    """Words that ask for tests are no reason to show code first."""
    write(tmp_path, "tests/test_pool.py", "def test_pool():\n    kill_worker_test()  # kill worker test\n")
    found = pool.search("kill worker test")
    assert [row.place.path for row in found.rows] == ["tests/test_pool.py"]
    assert found.by_words == 0


def test_one_file_does_not_hide_the_others(tmp_path: Path):
    """Of a file that is near everywhere, the best few lines are shown."""
    write(tmp_path, "many.py", "".join(f"def worker_{n}():\n    return timeout({n})\n\n\n" for n in range(40)))
    write(tmp_path, "one.py", "def stop(worker):\n    worker.timeout = 0\n")
    found = Workspace([tmp_path], Settings()).search("worker timeout kill")
    assert {row.place.path for row in found.rows} == {"many.py", "one.py"}


def test_a_glob_holds_for_words_too(pool: Workspace):
    """Only the files of the glob answer."""
    found = pool.search("kill worker timeout", glob="*.md")
    assert found.by_words
    assert {row.place.path for row in found.rows} == {"notes.md"}


def test_the_nearest_are_few(tmp_path: Path):
    """However many files share a word, a handful is shown."""
    for number in range(3 * MOST_ROWS):
        write(tmp_path, f"part_{number}.py", f"# worker {number} timeout\n")
    found = Workspace([tmp_path], Settings()).search("timeout worker")
    assert len(found.rows) == found.total == MOST_ROWS


@pytest.mark.parametrize("pattern", ["Pool", "class Pool(Base)", "pool.reap()", "the registry", "kill = timeout", ""])
def test_names_and_code_are_no_phrases(pattern: str):
    """One word that matters, or any sign of code, is looked for as it stands."""
    assert not is_phrase(pattern)
    assert is_phrase("kill worker timeout")


def test_nothing_stays_nothing(pool: Workspace):
    """Words that stand nowhere find no line."""
    found = pool.search("zebra crossing")
    assert not found.rows
    assert not found.by_words

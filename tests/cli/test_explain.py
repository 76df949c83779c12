"""`inglenook explain PATH:LINE[:COL]`, with a model that follows a script."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from lsp_server.cli_explain import Spot, found, parse_spot
from lsp_server.errors import BadRequest
from support.scripted_server import Scripted

Run = Callable[..., "subprocess.CompletedProcess[str]"]
SETTINGS = ("--set", "model.idleMinutes=0.02")
WORDS = "It says whatever a speaker has to say."


@pytest.mark.parametrize(
    ("text", "spot"),
    [
        ("a.py:3", Spot("a.py", 3, None)),
        ("a.py:3:7", Spot("a.py", 3, 7)),
        ("a.py:3:7:", Spot("a.py", 3, 7)),
        ("C:/a b.py:3", Spot("C:/a b.py", 3, None)),
        ("a:1:2:3", Spot("a:1", 2, 3)),
    ],
)
def test_places_are_read_as_compilers_write_them(text: str, spot: Spot):
    """Path, line, and perhaps a column; colons in the path are the path's."""
    assert parse_spot(text) == spot


@pytest.mark.parametrize("text", ["a.py", "a.py:", ":3", "a.py:0", "a.py:3:0", "a.py:x", "", "a.py:-3"])
def test_what_names_no_place_is_refused(text: str):
    """A place has a path and a line that count from 1."""
    with pytest.raises(BadRequest):
        parse_spot(text)


def test_a_path_is_seen_from_here_and_from_the_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The file nearest to the person counts; one of the workspace is found too."""
    here, workspace = tmp_path / "here", tmp_path / "workspace"
    for folder in (here, workspace):
        folder.mkdir()
        (folder / "both.py").touch()
    (workspace / "one.py").touch()
    monkeypatch.chdir(here)
    assert found("both.py", workspace) == here / "both.py"
    assert found("one.py", workspace) == workspace / "one.py"
    for nothing in ("none.py", "../workspace", "a\0b"):
        with pytest.raises(BadRequest, match="There is no file"):
            found(nothing, workspace)


def test_the_words_stand_on_stdout(inglenook: Run, scripted: Scripted):
    """The model's words about what the line defines, then the timing on stderr."""
    scripted.write({"when": "Speaker", "say": WORDS})
    done = inglenook("explain", "core.py:4", "--workspace", str(scripted.workspace), *SETTINGS)
    assert (done.returncode, done.stdout) == (0, f"{WORDS}\n")


def test_json_is_all_that_stands_on_stdout(inglenook: Run, scripted: Scripted):
    """With --json stdout holds one object; the second time the words are known."""
    scripted.write({"when": "Speaker", "say": WORDS})
    place = f"{scripted.workspace}/core.py:5:9"
    for cached in (False, True):
        done = inglenook("explain", place, "--workspace", str(scripted.workspace), "--json", *SETTINGS)
        assert (done.returncode, done.stderr) == (0, "")
        answer = json.loads(done.stdout)
        assert set(answer) == {"markdown", "cached", "citations", "trace"}
        assert (answer["markdown"], answer["cached"]) == (WORDS, cached)


@pytest.mark.parametrize(
    ("place", "sentence"),
    [("core.py", "names no place"), ("nowhere.py:3", "no file"), ("core.py:2", "nothing to explain")],
)
def test_a_failure_is_a_sentence_and_a_hint(inglenook: Run, scripted: Scripted, place: str, sentence: str):
    """What cannot be explained is told in words, with exit code 1."""
    done = inglenook("explain", place, "--workspace", str(scripted.workspace), *SETTINGS)
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 2

"""`inglenook search`: hits for a person, or the search's result for a program."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from lsp_server.cli_search import lines
from support.scripted_server import Scripted

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def hit(path: str, line: int, text: str, *marks: tuple[int, int], by_name: bool = False) -> dict[str, Any]:
    """Return a hit as the server sends it."""
    start = {"line": line, "character": marks[0][0] if marks else 0}
    return {
        "uri": f"file:///w/{path}",
        "path": path,
        "range": {"start": start, "end": start},
        "text": text,
        "kind": "text",
        "score": 1.0,
        "marks": [list(mark) for mark in marks],
        "byName": by_name,
    }


def test_hits_are_grouped_by_file():
    """Each file stands once, where its best hit does, with its lines in order and their matches marked."""
    found = list(
        lines(
            [
                hit("b.py", 9, "\N{GRINNING FACE} one two one", (3, 6)),
                hit("a.py", 0, "one", (0, 3), by_name=True),
                hit("b.py", 2, "  one\x1b[2J", (2, 5)),
                hit("b.py", 9, "\N{GRINNING FACE} one two one", (11, 14)),
                hit("c.py", 4, "no mark"),
            ]
        )
    )
    assert [line.plain for line in found] == [
        "b.py",
        "3:  one\\x1b[2J",
        "10:\N{GRINNING FACE} one two one",
        "",
        "a.py",
        "1:one  (by name)",
        "",
        "c.py",
        "5:no mark",
    ]
    marked = found[2]
    assert [marked.plain[span.start : span.end] for span in marked.spans if span.style == "bold red"] == ["one", "one"]


def test_a_person_gets_files_and_lines(inglenook: Run, scripted: Scripted):
    """Hits stand on stdout, without colours in a pipe; how many there are, and how long it took, on stderr."""
    done = inglenook("search", "Speaker", "--workspace", str(scripted.workspace))
    assert done.returncode == 0
    assert done.stdout.splitlines() == ["core.py", "4:class Speaker(Protocol):"]
    assert "\x1b" not in done.stdout + done.stderr
    assert " · 1 file searched · " in done.stderr.splitlines()[-1]


def test_json_is_the_result(inglenook: Run, scripted: Scripted):
    """With --json stdout holds the search's result alone, and the index is ready before the clock starts."""
    done = inglenook(
        "search", "speak", "--kind", "symbol", "--limit", "5", "--workspace", str(scripted.workspace), "--json"
    )
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    assert result["kind"] == "symbol"
    assert {found["path"] for found in result["hits"]} == {"core.py"}
    assert "Speaker.speak" in {found["name"] for found in result["hits"]}
    assert result["freshness"]["stale"] == 0
    assert result["elapsedMs"] >= 0


def test_nothing_found_is_no_failure(inglenook: Run, scripted: Scripted):
    """No hit is an answer: nothing on stdout, exit code 0."""
    done = inglenook("search", "nowheretobefound", "--workspace", str(scripted.workspace))
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("0 hits · 1 file searched · ")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("(", "--kind", "regex"), "regular expression"),
        (("",), "empty"),
        (("x", "--limit", "0"), "0 hits"),
        (("x", "--workspace", "/nowhere/at/all"), "/nowhere/at/all"),
        (("x", "--set", "nothing"), "has no value"),
    ],
)
def test_a_failure_is_a_sentence_and_a_hint(
    inglenook: Run, scripted: Scripted, arguments: tuple[str, ...], sentence: str
):
    """What cannot be searched is told in words, as text and as JSON, with exit code 1."""
    where = () if "--workspace" in arguments else ("--workspace", str(scripted.workspace))
    done = inglenook("search", *arguments, *where)
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr
    told = inglenook("search", *arguments, *where, "--json")
    assert (told.returncode, told.stderr) == (1, "")
    assert sentence in json.loads(told.stdout)["error"]["sentence"]

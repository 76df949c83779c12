"""`inglenook ask` is an editor without a window."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from support.scripted_server import FOUND, LISTING, Scripted

Run = Callable[..., "subprocess.CompletedProcess[str]"]
SETTINGS = ("--set", "model.idleMinutes=0.02")
QUESTION = "List the protocols."
PLACE = {"path": "core.py", "start": 4, "end": 4}


def test_a_person_gets_text_and_steps(inglenook: Run, scripted: Scripted):
    """The answer stands on stdout; a line for each step, and the timing last, on stderr."""
    done = inglenook("ask", QUESTION, "--workspace", str(scripted.workspace), *SETTINGS)
    assert done.returncode == 0
    assert "core.py:4" in done.stdout
    assert done.stdout.endswith("\n")
    lines = done.stderr.splitlines()
    assert any(re.match(r"  symbols `kind=class inherits=Protocol` · 1 symbol.* · \d+ ms", line) for line in lines)
    assert re.fullmatch(r"\d+\.\d s · 1 tool · \d+ % cached · \d+ tok/s", lines[-1])


def test_json_is_all_that_stands_on_stdout(inglenook: Run, scripted: Scripted):
    """With --json stdout holds one object: one-based lines, paths relative to the workspace."""
    done = inglenook("ask", QUESTION, "--workspace", str(scripted.workspace), "--json", *SETTINGS)
    assert (done.returncode, done.stderr) == (0, "")
    [line] = done.stdout.splitlines()
    answer = json.loads(line)
    assert list(answer) == ["answer", "outcome", "citations", "evidence", "trace"]
    assert answer["outcome"] == "answered"
    assert answer["citations"] == [PLACE | {"verified": True}]
    assert [(place["path"], place["start"]) for place in answer["evidence"]] == [("core.py", 4)]
    steps = [span for span in answer["trace"]["spans"] if span["name"] == "symbols"]
    assert [set(place) for place in steps[0]["locations"]] == [{"path", "start", "end"}]


def test_a_batch_goes_on_after_failures(inglenook: Run, scripted: Scripted, tmp_path: Any):
    """Each line has its line, in order; a line that is no question has an error, and the rest is answered."""
    lines = [
        json.dumps({"id": 1, "question": QUESTION}),
        "no json",
        "",
        "[1]",
        json.dumps({"id": "empty", "question": " "}),
        json.dumps({"id": "odd", "question": 5}),
        json.dumps({"id": "last", "question": QUESTION}),
    ]
    batch = tmp_path / "batch.jsonl"
    batch.write_text("\n".join(lines))
    done = inglenook("ask", "--batch", str(batch), "--workspace", str(scripted.workspace), *SETTINGS)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [(answer["id"], answer.get("error", {}).get("kind")) for answer in answers] == [
        (1, None),
        (None, "badRequest"),
        (None, "badRequest"),
        ("empty", "badRequest"),
        ("odd", "badRequest"),
        ("last", None),
    ]
    first = answers[0]
    assert list(first) == ["id", "answer", "outcome", "citations", "evidence", "tools", "seconds", "trace"]
    assert (first["tools"], first["citations"]) == (["symbols"], [PLACE | {"verified": True}])
    assert first["seconds"] > 0


def test_a_batch_may_come_from_stdin(inglenook: Run, scripted: Scripted):
    """With - the questions are read from stdin."""
    question = json.dumps({"id": "a", "question": QUESTION})
    done = inglenook("ask", "--batch", "-", "--workspace", str(scripted.workspace), *SETTINGS, stdin=question)
    assert (done.returncode, json.loads(done.stdout)["outcome"]) == (0, "answered")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("ask",), "either a question or --batch"),
        (("ask", "q", "--batch", "x"), "either a question or --batch"),
        (("ask", ""), "question is empty"),
        (("ask", "q", "--workspace", "/nowhere/at/all"), "/nowhere/at/all"),
        (("ask", "--batch", "/nowhere/at/all"), "cannot be read"),
        (("ask", "q", "--set", "nothing"), "has no value"),
    ],
)
def test_a_failure_is_a_sentence_and_a_hint(inglenook: Run, arguments: tuple[str, ...], sentence: str):
    """What cannot be done is told in words on stderr, with exit code 1 and nothing on stdout."""
    done = inglenook(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) >= 2


async def test_ctrl_c_stops_the_model(command: list[str], scripted: Scripted):
    """Ctrl-C cancels the question in good order and exits with 130."""
    scripted.write({"when": "Talk", "say": "word ", "repeat": 4000}, seconds_per_token=0.01)
    arguments = ["ask", "Talk", "--workspace", str(scripted.workspace), *SETTINGS]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, *arguments, stdout=pipe, stderr=pipe, env=scripted.environment
    )
    assert process.stderr is not None
    async with asyncio.timeout(60):
        while b"lookup" not in await process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        _, rest = await process.communicate()
    assert process.returncode == 130
    assert b"Traceback" not in rest


async def test_a_closed_stdout_is_no_crash(command: list[str], scripted: Scripted):
    """A reader that goes away, as `head` does, ends the command quietly."""
    scripted.write(FOUND, LISTING)
    arguments = ["ask", QUESTION, "--workspace", str(scripted.workspace), *SETTINGS]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, *arguments, stdout=pipe, stderr=pipe, env=scripted.environment
    )
    assert process.stdout is not None
    process._transport.get_pipe_transport(1).close()  # pyright: ignore  # noqa: PGH003
    _, told = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 141
    assert b"Traceback" not in told
    assert b"Exception" not in told


def test_a_server_that_ends_is_told(scripted: Scripted, capsys: pytest.CaptureFixture[str]):
    """A language server that dies at once is a sentence too."""
    import sys  # noqa: PLC0415

    from lsp_server.cli import main  # noqa: PLC0415

    code = main(["ask", "q", "--json"], server=[sys.executable, "-c", "raise SystemExit(3)"])
    assert code == 1
    assert "exit code 3" in capsys.readouterr().err

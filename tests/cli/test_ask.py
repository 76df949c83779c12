"""`inglenook ask` is an editor without a window."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lsp_server.cli import main
from support.dying_server import SHAKES_HANDS_AND_DIES
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


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        ("raise SystemExit(3)", "ended with exit code 3"),
        ("print('Content-Length: 5\\r\\n\\r\\nhello', flush=True); input()", "wrote what is no message"),
        ("print('Content-Length: ' + '9' * 5000, flush=True); input()", "wrote what is no message"),
    ],
)
def test_a_server_that_fails_is_told(capsys: pytest.CaptureFixture[str], program: str, sentence: str):
    """A language server that dies at once, or says what is no message, is a sentence too."""
    assert main(["ask", "q"], server=[sys.executable, "-c", program]) == 1
    assert sentence in capsys.readouterr().err


def test_a_batch_has_a_line_for_each_line_whatever_happens(
    scripted: Scripted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """When the language server dies in the middle, what was not answered says so."""
    batch = tmp_path / "batch.jsonl"
    batch.write_text('{"id": 1, "question": "a"}\n{"id": 2, "question": "b"}\n')
    assert main(["ask", "--batch", str(batch)], server=SHAKES_HANDS_AND_DIES) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["id"], line["error"]["kind"]) for line in lines] == [(1, "serverGone"), (2, "serverGone")]


@pytest.mark.parametrize(
    "arguments",
    [("",), ("q", "--workspace", "/nowhere/at/all"), ("q", "--workspace", "~nobody-here/x"), ("q", "--set", "nothing")],
)
def test_with_json_a_failure_is_an_object(inglenook: Run, arguments: tuple[str, ...]):
    """With --json a failure stands on stdout as one object too, with exit code 1."""
    done = inglenook("ask", "--json", *arguments)
    assert (done.returncode, done.stderr) == (1, "")
    [line] = done.stdout.splitlines()
    assert set(json.loads(line)["error"]) == {"kind", "sentence", "hint"}


def test_a_batch_may_come_from_any_editor(inglenook: Run, scripted: Scripted, tmp_path: Path):
    """A byte-order mark, other line ends, broken UTF-8 and half a surrogate pair stop nothing."""
    batch = tmp_path / "batch.jsonl"
    batch.write_bytes(
        b'\xef\xbb\xbf{"id": 1, "question": "Hi"}\r\n\r\n'
        b'{"id": "\\ud800", "question": "Hi \\ud800"}\r\n'
        b'{"id": 1, "question": "Hi \xff"}'
    )
    scripted.write({"when": "Hi", "say": "Hello."})
    for arguments, stdin in (((str(batch),), b""), (("-",), batch.read_bytes())):
        done = inglenook("ask", "--batch", *arguments, "--workspace", str(scripted.workspace), *SETTINGS, stdin=stdin)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        assert [(line["id"], line["answer"]) for line in answers] == [
            (1, "Hello."),
            ("\ud800", "Hello."),
            (1, "Hello."),
        ]


def test_json_is_ascii(inglenook: Run, scripted: Scripted):
    """What a program reads does not depend on the locale's letters."""
    scripted.write({"when": "Hi", "say": "Grüße 😀"})
    done = inglenook("ask", "Hi", "--json", "--workspace", str(scripted.workspace), *SETTINGS)
    assert done.stdout.isascii()
    assert json.loads(done.stdout)["answer"] == "Grüße 😀"


def test_no_letter_stops_the_answer(inglenook: Run, scripted: Scripted):
    """A terminal of few letters shows the others spelt out."""
    scripted.environment["PYTHONIOENCODING"] = "ascii"
    scripted.write({"when": "Hi", "say": "Grüße"})
    done = inglenook("ask", "Hi", "--workspace", str(scripted.workspace), *SETTINGS)
    assert (done.returncode, done.stdout) == (0, "Gr\\xfc\\xdfe\n")


SLOW_TO_BEGIN = """
import os, sys
os.read(0, 65536)
os.close(os.open(sys.argv[1], os.O_WRONLY))
heard = b""
while b"cancelRequest" not in heard:
    heard += os.read(0, 65536)
body = b'{"jsonrpc": "2.0", "id": 1, "result": {}}'
os.write(1, b"Content-Length: %d\\r\\n\\r\\n%b" % (len(body), body))
while os.read(0, 65536):
    pass
"""
"""A server that answers `initialize` when it is cancelled, which nothing can stop any more."""


async def test_ctrl_c_counts_during_the_handshake(tmp_path: Path):
    """Ctrl-C while the server starts, when there is nothing yet that it could cancel, ends the command too."""
    begun = tmp_path / "begun"
    os.mkfifo(begun)
    server = [sys.executable, "-c", SLOW_TO_BEGIN, str(begun)]
    program = f"import sys; from lsp_server.cli import main; sys.exit(main(['ask', 'q'], server={server!r}))"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
    await asyncio.to_thread(begun.read_bytes)
    process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(process.wait(), 60) == 130


async def test_ctrl_c_ends_a_batch_that_waits_for_its_next_line(command: list[str], scripted: Scripted):
    """A program that writes nothing more does not keep the command from ending."""
    scripted.write({"when": "Hi", "say": "Hello."})
    arguments = ["ask", "--batch", "-", "--workspace", str(scripted.workspace), *SETTINGS]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, *arguments, stdin=pipe, stdout=pipe, env=scripted.environment
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b'{"question": "Hi"}\n')
    async with asyncio.timeout(60):
        assert json.loads(await process.stdout.readline())["answer"] == "Hello."
        process.send_signal(signal.SIGINT)
        assert await process.wait() == 130


@pytest.mark.parametrize("streams", ["2>&1 | head -n 1", "2> >(true)", "| head -c 0"])
def test_readers_that_leave_end_the_command(command: list[str], scripted: Scripted, streams: str):
    """Whichever stream is closed in mid-answer, the command ends by itself and without a traceback."""
    asked = shlex.join([*command, "ask", QUESTION, "--workspace", str(scripted.workspace), *SETTINGS])
    done = subprocess.run(
        ["bash", "-c", f"{asked} {streams}"],
        capture_output=True,
        text=True,
        env=scripted.environment,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    assert "Exception" not in done.stdout + done.stderr


def test_a_full_disk_is_a_sentence(command: list[str], scripted: Scripted):
    """Output that cannot be written is told in words."""
    asked = shlex.join([*command, "ask", QUESTION, "--workspace", str(scripted.workspace), *SETTINGS])
    done = subprocess.run(
        ["bash", "-c", f"{asked} > /dev/full"],
        capture_output=True,
        text=True,
        env=scripted.environment,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr

"""The command line over a model that follows a script."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.scripted_server import Scripted, make_scripted

ENTRY = Path(__file__).parent.parent / "support" / "ask_scripted.py"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def scripted(tmp_path: Path) -> Scripted:
    """A script and a workspace of the test's own."""
    return make_scripted(tmp_path)


@pytest.fixture
def command(scripted: Scripted) -> list[str]:
    """The command that asks, without its arguments."""
    return [sys.executable, str(ENTRY), str(scripted.script), str(scripted.model)]


@pytest.fixture
def inglenook(command: list[str], scripted: Scripted) -> Run:
    """Run the command to its end."""

    def run(*arguments: str, stdin: str | bytes = "") -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*command, *arguments],
            capture_output=True,
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            env=scripted.environment,
            timeout=100,
            check=False,
        )
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    return run

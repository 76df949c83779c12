"""The command's own surface."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lsp_server import __version__, modelstore
from lsp_server.cli import main


def test_the_version_is_told():
    """`python -m lsp_server --version` names program and version."""
    command = [sys.executable, "-m", "lsp_server", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"inglenook {__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["dance"], ["ask", "--workspace"]])
def test_a_wrong_command_line_is_explained(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    """What is not a command ends with 2 and the usage."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: inglenook" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["serve"], ["ask"], ["model"], ["doctor"]])
def test_every_command_has_help(command: list[str], capsys: pytest.CaptureFixture[str]):
    """Each command explains itself."""
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    assert "usage: inglenook" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", ["model list", "ask --help"])
def test_a_reader_that_leaves_is_no_crash(arguments: str):
    """Each command ends quietly when nobody reads its output."""
    command = f"{sys.executable} -m lsp_server {arguments} | head -c 0"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_what_the_system_refuses_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """A folder that cannot be listed is told in words, with exit code 1."""

    def refuse() -> None:
        raise PermissionError(13, "Permission denied", str(tmp_path))

    monkeypatch.setattr(modelstore, "list_models", refuse)
    assert main(["model", "list"]) == 1
    told = capsys.readouterr().err
    assert "refused: [Errno 13] Permission denied" in told
    assert len(told.splitlines()) == 2


def test_closed_streams_are_no_crash():
    """A caller may start the command without any of the three streams."""
    command = f"{sys.executable} -m lsp_server model list <&- >&- 2>&-"
    assert subprocess.run(["bash", "-c", command], check=False).returncode == 0


def test_a_failure_does_nothing_to_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """A sentence may quote a name of anybody's."""
    assert main(["explain", "--workspace", str(tmp_path), "\x1b[2J\u202e.py:1"]) == 1
    assert "\\x1b[2J\\u202e.py" in capsys.readouterr().err

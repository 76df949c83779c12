"""The command's own surface."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lsp_server import __version__
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

"""Our own programs run our own code, wherever they are started."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from lsp_server import __version__
from lsp_server.own_programs import module_command

ROOT = Path(__file__).parents[1]
STRANGERS = ("argparse.py", "json.py", "lsp_server/__init__.py", "lsp_server/__main__.py")


@pytest.mark.parametrize("stranger", STRANGERS)
def test_nothing_is_imported_from_the_current_folder(tmp_path: Path, stranger: str):
    """A repository that holds a module of a name that we import is code to be read, not to be run."""
    file = tmp_path / stranger
    file.parent.mkdir(exist_ok=True)
    file.write_text("raise SystemExit('a stranger ran')\n", "utf-8")
    done = subprocess.run(
        module_command("lsp_server", "--version"), cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert __version__ in done.stdout


def test_every_program_of_ours_is_started_so():
    """There is one place that knows how an interpreter is told to run a module."""
    starts = re.compile(r"""sys\.executable,\s*['"]-m['"]""")
    sources = [path for room in ("lsp_server", "models") for path in (ROOT / room).rglob("*.py")]
    assert [path for path in sources if starts.search(path.read_text("utf-8"))] == []

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from lsp_server.agent import results
from lsp_server.agent.evidence import Shown
from lsp_server.agent.tokens import most_tokens
from lsp_server.agent.tools import Toolbox
from lsp_server.settings import Settings
from lsp_server.workspace.workspace import Workspace

GOLDEN = Path(__file__).parent / "golden"
GIT = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_AUTHOR_DATE": "2024-01-02T03:04:05Z",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_COMMITTER_DATE": "2024-01-02T03:04:05Z",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
}


def never() -> bool:
    """Nobody cancels."""
    return False


@pytest.fixture
def toolbox(root: Path) -> Toolbox:
    """The tools over the sample workspace."""
    return Toolbox(Workspace([root], Settings()), Shown())


@pytest.mark.parametrize("golden", sorted(GOLDEN.glob("*.txt")), ids=lambda path: path.stem)
def test_golden_transcript(golden: Path, root: Path, toolbox: Toolbox, monkeypatch: pytest.MonkeyPatch):
    """Each tool's results read exactly as the models were tuned on; a change needs a new RESULT_FORMAT."""
    for name, value in GIT.items():
        monkeypatch.setenv(name, value)
    if golden.stem == "run_command":
        for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "Open the shop"]):
            subprocess.run(["git", *command], cwd=root, check=True)
    played: list[str] = []
    for block in golden.read_text("utf-8").split("\n\n> "):
        called = block.removeprefix("> ").split("\n", 1)[0]
        result = toolbox.call(golden.stem, json.loads(called), never)
        played.append(f"> {called}\n{result.text}")
    assert "\n\n".join(played) + "\n" == golden.read_text("utf-8")


def test_results_are_bounded(root: Path):
    """However much there is, a result has at most 600 tokens, and says what was left out."""
    (root / "many.py").write_text("".join(f"def needle_{n}(alpha, beta={n}):\n    return alpha\n" for n in range(500)))
    (root / "long.txt").write_text("needle " * 5000)
    toolbox = Toolbox(Workspace([root], Settings()), Shown())
    for name, arguments in (
        ("search", {"pattern": "needle"}),
        ("symbols", {"kind": "function"}),
        ("read_file", {"path": "many.py"}),
        ("run_command", {"command": "head -n 400 many.py"}),
    ):
        outcome = toolbox.call(name, arguments, never)
        assert most_tokens(outcome.text) <= results.RESULT_TOKENS, name
        assert "left out" in outcome.text, name
        assert outcome.found
    assert outcome.hits == 400


def test_rows_are_whole(root: Path):
    """The rows behind a cut result are complete: they are what the person is shown."""
    (root / "many.py").write_text("".join(f"def needle_{n}():\n    pass\n" for n in range(300)))
    outcome = Toolbox(Workspace([root], Settings()), Shown()).call("search", {"pattern": "def needle_"}, never)
    assert outcome.text.startswith("300 matches in 1 file\n")
    assert [row.citation.start for row in outcome.rows] == list(range(1, 600, 2))


def test_unknown_tool(toolbox: Toolbox):
    """A tool that does not exist is answered with those that do."""
    outcome = toolbox.call("grep", {"pattern": "x"}, never)
    assert outcome.text.startswith("Not done: There is no tool `grep`.\nTools: search(pattern, ")
    assert outcome.error
    assert not outcome.found


def test_a_line_stays_a_line(root: Path):
    """Control characters in a line cannot forge a row or reach a terminal."""
    (root / "evil.txt").write_text("needle \x1b[31m\x0bend\n")
    outcome = Toolbox(Workspace([root], Settings()), Shown()).call("search", {"pattern": "needle"}, never)
    assert outcome.text == "1 match in 1 file\nevil.txt:1: needle  [31m end"


def test_arguments_in_words(toolbox: Toolbox):
    """Arguments that do not fit are answered with the signature, never with an exception."""
    outcome = toolbox.call("read_file", "not json", never)
    assert outcome.text == "Not done: The arguments are not JSON.\nUse read_file(path, start?, end?)."

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
from lsp_server.workspace.files import Files
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


def commit(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the workspace a history of one commit."""
    for name, value in GIT.items():
        monkeypatch.setenv(name, value)
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "Open the shop"]):
        subprocess.run(["git", *command], cwd=root, check=True)


@pytest.fixture
def toolbox(root: Path) -> Toolbox:
    """The tools over the sample workspace."""
    return Toolbox(Workspace([root], Settings()), Shown())


@pytest.mark.parametrize("golden", sorted(GOLDEN.glob("*.txt")), ids=lambda path: path.stem)
def test_golden_transcript(golden: Path, root: Path, toolbox: Toolbox, monkeypatch: pytest.MonkeyPatch):
    """Each tool's results read exactly so; a row of another form needs a new RESULT_FORMAT."""
    if golden.stem == "run_command":
        commit(root, monkeypatch)
    played: list[str] = []
    for block in golden.read_text("utf-8").split("\n\n> "):
        called = block.removeprefix("> ").split("\n", 1)[0]
        result = toolbox.call(golden.stem, json.loads(called), never)
        played.append(f"> {called}\n{result.text}")
    assert "\n\n".join(played) + "\n" == golden.read_text("utf-8")


def test_what_is_near_and_what_is_there_are_counted_apart(root: Path, toolbox: Toolbox):
    """Lines nearest by their words first, then those outside of code that have the phrase, each with their files."""
    for number in range(2):
        (root / f"near_{number}.py").write_text("# zebra goes over the crossing\n", "utf-8")
    (root / "zebra.md").write_text("A zebra crossing.\n", "utf-8")
    head, *rows = toolbox.call("search", {"pattern": "zebra crossing"}, never).text.split("\n")
    assert head == "No line of code has this phrase; 2 lines nearest by its words in 2 files, then 1 match in 1 file"
    assert [row.split(":")[0] for row in rows] == ["near_0.py", "near_1.py", "zebra.md"]


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


def test_long_names_are_bounded(root: Path):
    """Paths, hints and names in a result have their limits too, in whatever script they are written."""
    names = ["漢" * 70 + mark for mark in "abcdefghij"]
    folder = root.joinpath(*names)
    folder.mkdir(parents=True)
    (folder / "zed.py").write_text("class Zed: ...\n")
    (root / "short.py").symlink_to(folder / "zed.py")
    deep = "".join(f"{' ' * depth}def {'f' * 90}{depth}():\n" for depth in range(30))
    (root / "deep.py").write_text(f"{deep}{' ' * 30}boom()\n")
    toolbox = Toolbox(Workspace([root], Settings()), Shown())
    for name, arguments in (
        ("read_file", {"path": "short.py"}),
        ("read_file", {"path": "gone/zed.py"}),
        ("symbols", {"name": "Zed"}),
        ("symbols", {"calls": "boom"}),
        ("search", {"pattern": "漢" * 190 + "(", "regex": True}),
        ("run_command", {"command": "ls " + "漢" * 70}),
    ):
        outcome = toolbox.call(name, arguments, never)
        assert most_tokens(outcome.text) <= results.RESULT_TOKENS, (name, arguments)
    assert "deep.py:31: boom()" in toolbox.call("symbols", {"calls": "boom"}, never).text


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("symbols", {"name": "\ud800"}),
        ("search", {"pattern": "x", "glob": "[z-a]"}),
        ("read_file", {"path": "file://["}),
        ("run_command", {"command": "git log --author=\udfff"}),
        ("search", "[" * 100_000),
    ],
)
def test_hostile_arguments_are_results(toolbox: Toolbox, name: str, arguments: object):
    """Nothing that a model can say makes a tool raise."""
    outcome = toolbox.call(name, arguments, never)
    assert outcome.text.startswith("Not done: ")
    assert outcome.text.encode()


def test_what_the_system_refuses_is_a_result(toolbox: Toolbox, monkeypatch: pytest.MonkeyPatch):
    """A disk that is full or gone, or a folder that nobody may enter, does not end the answer."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Workspace, "read", refuse)
    outcome = toolbox.call("read_file", {"path": "README.md"}, never)
    assert outcome.text == "Not done: The system refused: Permission denied.\nTry another path."


def test_rows_of_one_file_read_it_once(root: Path, monkeypatch: pytest.MonkeyPatch):
    """Two thousand rows of a large file do not cost two thousand readings of it."""
    (root / "many.py").write_text("needle\n" * 3000)
    read: list[str] = []
    lines = Files.lines

    def counting(files: Files, path: str) -> tuple[str, ...]:
        read.append(path)
        return lines(files, path)

    monkeypatch.setattr(Files, "lines", counting)
    outcome = Toolbox(Workspace([root], Settings()), Shown()).call("search", {"pattern": "needle"}, never)
    assert len(outcome.rows) == 2000
    assert read == ["many.py"]


def test_a_path_that_the_model_made_up_is_left_out(root: Path, monkeypatch: pytest.MonkeyPatch):
    """The history of everything answers a question that names no file; where it names one, that one is missing."""
    commit(root, monkeypatch)
    asked = {"command": "git log --oneline -n 3 -- lib/made_up.py"}
    outcome = Toolbox(Workspace([root], Settings()), Shown(), "What changed last?").call("run_command", asked, never)
    assert outcome.error is None
    assert outcome.printed is not None
    assert outcome.printed.argv == ("git", "log", "--oneline", "-n", "3")
    assert [line.partition(" ")[2] for line in outcome.printed.text.splitlines()] == ["Open the shop"]
    assert outcome.printed.note.startswith("This is the whole repository's. There is no lib/made_up.py")
    assert "(This is the whole repository's." in outcome.text


@pytest.mark.parametrize("path", ["made_up.py", "lib/Made_Up.rst", "made_up"])
def test_a_path_that_the_person_named_is_missing(root: Path, path: str, monkeypatch: pytest.MonkeyPatch):
    """In whatever form, and in an earlier question too: another history would be taken for that file's."""
    commit(root, monkeypatch)
    asked = {"command": f"git log --oneline -n 3 -- {path}"}
    for questions in (("Who changed made_up.py?", ""), ("Who changed it last?", "What is in the Made_Up module?")):
        outcome = Toolbox(Workspace([root], Settings()), Shown(), *questions).call("run_command", asked, never)
        assert outcome.error == f"There is no {path} in the workspace, and no commit has it."


def test_beside_a_path_that_exists_a_made_up_one_is_told(root: Path, monkeypatch: pytest.MonkeyPatch):
    """What does not change in one file says nothing of the others."""
    commit(root, monkeypatch)
    asked = {"command": "git diff -- README.md never.py"}
    outcome = Toolbox(Workspace([root], Settings()), Shown(), "What did I change?").call("run_command", asked, never)
    assert outcome.error == "There is no never.py in the workspace, and no commit has it."
    assert "git diff -- README.md is about the other paths" in outcome.text

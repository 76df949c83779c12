from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.errors import OutOfScope, WorkspaceUnusable
from lsp_server.settings import Settings
from lsp_server.workspace.problems import ToolProblem
from lsp_server.workspace.workspace import Workspace
from support.shop import write


def test_read_returns_lines_and_their_place(workspace: Workspace, sample: Path):
    """Lines are one-based and inclusive; an end beyond the file is the file's."""
    part = workspace.read("src/shop/use.py", 5, 6)
    assert part.lines == ("class Shop(core.Registry):", "    def open(self):")
    assert (part.place.path, part.place.start, part.place.end, part.total_lines) == ("src/shop/use.py", 5, 6, 14)
    assert part.place.uri == (sample / "src/shop/use.py").as_uri()
    assert workspace.read("src/shop/use.py", 14, 99).place.end == 14
    assert workspace.read("src/shop/__init__.py").lines == ()


@pytest.mark.parametrize(
    ("path", "start", "end", "said"),
    [
        ("src/shop/use.py", 15, None, "14 lines"),
        ("src/shop/use.py", 0, None, "no range"),
        ("src/shop/use.py", 5, 4, "no range"),
        ("src/shop", None, None, "folder"),
        (".env", None, None, "secrets"),
        ("build/out.py", None, None, "ignored"),
        ("../x", None, None, "outside"),
        ("a\0", None, None, "NUL"),
    ],
)
def test_a_read_that_cannot_be_is_a_problem(
    workspace: Workspace, path: str, start: int | None, end: int | None, said: str
):
    """Every refusal reaches the tool's caller as a problem with a sentence."""
    with pytest.raises(ToolProblem, match=said):
        workspace.read(path, start, end)


def test_a_missing_file_suggests_one(workspace: Workspace):
    """The same name elsewhere, or one spelt alike, is the hint."""
    for path in ("core.py", "lib/shop/core.py", "src/shop/cores.py"):
        with pytest.raises(ToolProblem) as caught:
            workspace.read(path)
        assert "src/shop/core.py" in caught.value.hint


def test_a_uri_resolves_to_folder_and_path(workspace: Workspace, sample: Path):
    """Escaped spaces and letters are understood; what is no file is not."""
    file = write(sample, "with space/é.py", "")
    assert workspace.resolve_uri(file.as_uri()) == (sample.resolve(), "with space/é.py")
    for uri in ("untitled:Untitled-1", "src/shop/core.py", "file://elsewhere/x", (sample.parent / "x").as_uri()):
        with pytest.raises(OutOfScope):
            workspace.resolve_uri(uri)


def test_several_folders_share_the_tools(sample: Path, tmp_path: Path):
    """Rows carry labels that every tool takes back."""
    other = write(tmp_path, "second/more.py", "class More(Registry): ...\n").parent
    workspace = Workspace([sample, other], Settings())
    (row,) = workspace.symbols(name="More").rows
    assert row.place.path == "second/more.py"
    assert row.place.root == other.resolve()
    assert workspace.read(row.place.path).lines == ("class More(Registry): ...",)
    assert workspace.search("More", glob="second/*.py").total == 1
    assert workspace.line_text("shop-repo/README.md", 1) == "# Shop"


def test_an_unusable_folder_is_told(tmp_path: Path):
    """A missing folder is the workspace's own error; an empty one gives empty results."""
    with pytest.raises(WorkspaceUnusable):
        Workspace([tmp_path / "none"], Settings())
    empty = Workspace([tmp_path], Settings())
    assert (empty.search("x").total, empty.symbols(kind="class").total, empty.lookup("Registry")) == (0, 0, ())
    assert not empty.run_command("ls").text


def test_trust_is_shared_with_views(workspace: Workspace):
    """Taking trust away reaches views that were made before."""
    view = workspace.allow_path("build/out.py")
    workspace.trusted = False
    assert not view.trusted

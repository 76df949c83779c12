from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.settings import Settings
from lsp_server.workspace.problems import ToolProblem
from lsp_server.workspace.workspace import Workspace
from support.shop import write


def lines(workspace: Workspace, command: str) -> list[str]:
    return workspace.run_command(command).text.split("\n")


@pytest.mark.parametrize(
    "command",
    [
        "", "   ", "rm -rf x", "cat README.md", "python -c 1", "git", "git status", "git push", "git -C / log",
        "sh -c ls",
        "git -c core.pager=x log", "git --exec-path=x log", "/bin/ls", "ls; ls", "ls | head", "ls && ls", "ls > x",
        "head < README.md", "ls $(pwd)", "ls `pwd`", "ls ${HOME}", "ls &", "ls \n ls", "ls 'x", "ls a\0b", "x=1 ls",
        "ls " + "x" * 5000,
    ],
)  # fmt: skip
def test_what_is_not_on_the_list_is_refused(workspace: Workspace, command: str):
    """Other programs, shell syntax and unbalanced quotes are told apart from the allowed, with a hint."""
    with pytest.raises(ToolProblem) as caught:
        workspace.run_command(command)
    assert caught.value.hint


@pytest.mark.parametrize(
    "command",
    [
        "find . -exec rm {} +", "find . -delete", "find . -fprint x", "find . -fprintf x y", "find . -ok rm {} +",
        "find . -execdir rm {} +", "find -files0-from x", "wc --files0-from=x", "wc --files0-from x",
        "head --foo README.md",
        "ls --color", "ls -Z", "find . -newer x -prune", "find . -name", "find . ( -name x", "find . -type q",
        "find . x y -o",
        "find . -maxdepth x", "head -n x README.md", "find . -size 1q", "find . -name x )",
    ],
)  # fmt: skip
def test_flags_go_by_an_allow_list(workspace: Workspace, command: str):
    """A flag that is not listed is refused, whatever it would do."""
    with pytest.raises(ToolProblem):
        workspace.run_command(command)


@pytest.mark.parametrize(
    "program", ["ls", "find", "wc", "head", "git log --", "git blame", "git diff --", "git show --"]
)
@pytest.mark.parametrize("path", ["/etc/passwd", "../x", ".env", "deploy/id_rsa", ".git/config", "build/out.py", "out"])
def test_paths_pass_the_scope(repository: Path, program: str, path: str):
    """Outside, secret, ignored and linked-out paths are refused for every command."""
    (repository / "out").symlink_to("/etc")
    with pytest.raises(ToolProblem, match=r"outside|secret|ignored"):
        Workspace([repository], Settings()).run_command(f"{program} {path}")


def test_ls_lists_what_may_be_shown(workspace: Workspace):
    """Secret and ignored entries are left out and counted; folders end in a slash."""
    output = workspace.run_command("ls -a")
    assert output.text.split("\n") == [
        ".gitignore", "README.md", "deploy/", "keep.log", "logo.bin", "src/", "tests/", "vendor/"
    ]  # fmt: skip
    assert output.note.startswith("4 entries")
    assert lines(workspace, "ls src/shop README.md") == [
        "src/shop:", "__init__.py", "core.py", "use.py", "", "README.md"
    ]  # fmt: skip
    assert lines(workspace, "ls -R src") == ["src:", "shop/", "", "src/shop:", "__init__.py", "core.py", "use.py"]
    assert lines(workspace, "ls -l vendor")[0].split()[0] == "25"
    with pytest.raises(ToolProblem, match="no nope"):
        workspace.run_command("ls nope")


def test_find_tests_names_kinds_depth_and_size(workspace: Workspace):
    """Expressions join by and, or, not and parentheses; paths come without a leading dot."""
    assert lines(workspace, "find . -name '*.py' -not -path '*shop*'") == ["tests/test_core.py", "vendor/registry.py"]
    assert lines(workspace, r"find src \( -name use.py -o -iname CORE.PY \) -type f") == [
        "src/shop/core.py", "src/shop/use.py"
    ]  # fmt: skip
    assert lines(workspace, "find . -maxdepth 1 -type d") == [".", "deploy", "src", "tests", "vendor"]
    assert lines(workspace, "find src -empty -print") == ["src/shop/__init__.py"]
    assert lines(workspace, "find . -size +1k -mtime -1 -name '*.py'") == ["src/shop/core.py"]
    assert lines(workspace, "find . -mindepth 3 -a ! -name 'core*'") == ["src/shop/__init__.py", "src/shop/use.py"]
    assert lines(workspace, "find . -name .env -o -name '*.log'") == ["keep.log"]


def test_wc_and_head_count_and_show(workspace: Workspace, sample: Path):
    """They read through buffers, match wildcards themselves, and total several files."""
    write(sample, "n.txt", "one two\nthree\n")
    assert lines(workspace, "wc n.txt")[0].split() == ["2", "3", "14", "n.txt"]
    assert lines(workspace, "wc -l src/shop/*.py")[-1].split() == ["84", "total"]
    assert [row.split()[-1] for row in lines(workspace, "wc *.md")] == ["README.md"]
    assert lines(workspace, "head -n 1 n.txt") == lines(workspace, "head -1 n.txt") == ["one two"]
    assert lines(workspace, "head -c 5 n.txt") == ["one t"]
    assert lines(workspace, "head -n1 -- n.txt README.md")[0] == "==> n.txt <=="
    for command in ("wc", "head", "wc nope.txt", "head *.nope", "wc logo.bin"):
        with pytest.raises(ToolProblem):
            workspace.run_command(command)


def test_several_folders_are_listed_by_label(sample: Path, tmp_path: Path):
    """`.` means every folder, each under its label."""
    other = write(tmp_path, "second/a.py", "x = 1\n").parent
    workspace = Workspace([sample, other], Settings())
    assert lines(workspace, "ls")[0] == "shop-repo:"
    assert lines(workspace, "ls")[-2:] == ["second:", "a.py"]
    assert lines(workspace, "ls second") == ["a.py"]
    assert lines(workspace, "find . -name a.py") == ["second/a.py"]
    assert lines(workspace, "wc -l second/a.py")[0].split() == ["1", "second/a.py"]

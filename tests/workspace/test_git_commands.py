from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.settings import Settings
from lsp_server.workspace.problems import NeverThere, ToolProblem
from lsp_server.workspace.workspace import Workspace
from support.shop import git, write


@pytest.fixture
def history(repository: Path) -> Workspace:
    return Workspace([repository], Settings())


def text(workspace: Workspace, command: str) -> str:
    return workspace.run_command(command).text


READING = [
    "git log -p", "git log --stat", "git log --name-only", "git log --name-status", "git log --numstat", "git show",
    "git show HEAD~1", "git show --stat", "git diff HEAD~1", "git diff HEAD~1..HEAD",
    "git diff --name-only HEAD~1 HEAD", "git log -p --reverse --all", "git diff", "git diff --cached HEAD~1",
    "git show HEAD~1 --name-only", "git log -p --format='%h %s'", "git log -U0 -1", "git show HEAD:",
    "git log --follow -p -- src/shop/core.py",
]  # fmt: skip


@pytest.mark.parametrize("command", READING)
def test_secret_and_ignored_files_stay_out_of_the_output(history: Workspace, repository: Path, command: str):
    """Neither contents nor names of committed secrets and ignored files appear, and the rest does."""
    write(repository, ".env", "TOKEN=changed\n")
    write(repository, "build/out.py", "class BuiltAnew:\n    pass\n")
    write(repository, "README.md", "# Changed\n")
    shown = text(history, command)
    assert shown
    for hidden in ("hunter2", "swordfish", "TOKEN", ".env", "Built", "build/out.py"):
        assert hidden not in shown


@pytest.mark.parametrize(
    "command",
    [
        "git show HEAD:.env", "git show HEAD~1:build/out.py", "git show :.env", "git blame HEAD -- .env",
        "git log -- .env", "git log -L 1,1:.env", "git show HEAD:./.env", "git show HEAD:src/../.env",
        "git diff HEAD -- .env",
    ],
)  # fmt: skip
def test_naming_a_hidden_file_is_refused(history: Workspace, command: str):
    """`revision:path` and every path operand pass the scope."""
    with pytest.raises(ToolProblem, match=r"secret|ignored"):
        history.run_command(command)


def test_the_id_of_a_secret_blob_opens_nothing(history: Workspace, repository: Path):
    """Only ids of commits are revisions: a blob's or tree's id, or a peeled one, is refused."""
    blob = git(repository, "rev-parse", "HEAD:.env")
    tree = git(repository, "rev-parse", "HEAD^{tree}")
    git(repository, "tag", "leak", blob)
    for word in (blob, blob[:8], tree, "leak", "HEAD^{tree}", "HEAD^{blob}", "leak^{}", ":/first", "x..leak"):
        with pytest.raises(ToolProblem):
            history.run_command(f"git show {word}")
        with pytest.raises(ToolProblem):
            history.run_command(f"git diff {word} HEAD")


def test_a_secret_cannot_be_guessed_by_searching_history(history: Workspace):
    """`-S` and `-G` do not look into secrets."""
    assert text(history, "git log --oneline -S hunter2") == ""
    assert text(history, "git log --oneline -G TOKEN") == ""
    assert "second" in text(history, "git log --oneline -S 'Final = 200'")


@pytest.mark.parametrize(
    "command",
    [
        "git log --output=x", "git log --ext-diff", "git show --textconv",
        "git diff --no-index /etc/passwd README.md", "git diff -O x", "git log -c", "git log --show-signature",
        "git log --format=%G?", "git log --format=%GG", "git log --pretty=nosuch", "git log --notes=x",
        "git blame --contents README.md README.md", "git diff --submodule=log", "git log --format='%x00'",
        "git blame -S x README.md", "git diff --output-indicator-new=x", "git log -n x", "git log --remerge-diff",
        "git diff --binary", "git show --format='%(trailers)'", "git log -g",
    ],
)  # fmt: skip
def test_git_flags_go_by_an_allow_list(history: Workspace, command: str):
    """What writes, executes or reads elsewhere is not on the list, nor anything else that is not named."""
    with pytest.raises(ToolProblem):
        history.run_command(command)


def test_log_show_and_diff_read_like_gits_own(history: Workspace, repository: Path):
    """The usual forms work: counts, ranges, authors, dates, line ranges, formats, paths."""
    first, second = text(history, "git log --oneline --reverse").split("\n")
    assert (first.split(" ", 1)[1], second.split(" ", 1)[1]) == ("first", "second")
    assert "    with a body" in text(history, "git log --author=a@ex --since=2000-01-01 -n 5")
    assert text(history, "git log --format='%an|%s' -1") == "a@example.org|second"
    assert text(history, "git log HEAD~1..HEAD --oneline").endswith("second")
    assert text(history, "git log --oneline -- src/shop/use.py").endswith("first")
    assert "+MAX_SERVICES: Final = 200" in text(history, "git log -L 11,11:src/shop/core.py --oneline")
    assert " src/shop/core.py | 2 +-" in text(history, "git show --stat")
    assert "src/shop/sp ace é.py" in text(history, "git show --name-only")
    assert "diff --git a/src/shop/sp ace é.py" in text(history, "git show")
    assert text(history, "git show HEAD:src/shop/use.py").startswith("from shop import core")
    assert text(history, "git show HEAD:src/shop").split("\n") == ["__init__.py", "core.py", "sp ace é.py", "use.py"]
    write(repository, "README.md", "# New\n")
    assert "+# New" in text(history, "git diff -- README.md")
    assert text(history, "git diff --cached") == ""


def test_a_path_that_never_was_is_no_path_without_changes(history: Workspace, repository: Path):
    """No output would read as if nothing had changed; of a file that was deleted, or not committed yet, it is true."""
    for command, without in (
        ("git log --oneline -n 3 -- gone/never.py", "git log --oneline -n 3"),
        ("git diff HEAD~1 HEAD -- 'n e v e r.py' never.py", "git diff 'HEAD~1' HEAD"),
        ("git log -S zebra --grep 'a b' -- README.md never.py", "git log -S zebra --grep 'a b' -- README.md"),
        ("git log --follow --grep -- -- never.py", "git log --grep --"),
    ):
        with pytest.raises(NeverThere, match=r"no commit has it") as caught:
            history.run_command(command)
        assert caught.value.without == without
        assert caught.value.whole == ("README.md" not in command)
    write(repository, "new.py", "")
    assert text(history, "git log --oneline -- new.py") == ""
    (repository / "src/shop/use.py").unlink()
    assert text(history, "git log --oneline --grep=zebra -- src/shop/use.py") == ""


def test_a_file_that_came_and_went_on_a_merged_branch_was_there(history: Workspace, repository: Path):
    """Its branch is gone, and the merge shows nothing of it."""
    git(repository, "checkout", "-q", "-b", "side")
    write(repository, "brief.py", "brief = 1\n")
    git(repository, "add", "brief.py")
    git(repository, "commit", "-q", "-m", "add")
    git(repository, "rm", "-q", "brief.py")
    git(repository, "commit", "-q", "-m", "remove")
    git(repository, "checkout", "-q", "-")
    git(repository, "merge", "-q", "--no-ff", "-m", "merge", "side")
    git(repository, "branch", "-q", "-D", "side")
    assert text(history, "git log --oneline -- brief.py") == ""


def test_blame_is_one_short_line_each(history: Workspace):
    """Commit, author, date, number and text."""
    (line,) = text(history, "git blame -L 11,11 src/shop/core.py").split("\n")
    assert line.endswith("11) MAX_SERVICES: Final = 200")
    (old,) = text(history, "git blame -L 11,+1 HEAD~1 -- src/shop/core.py").split("\n")
    assert old.endswith("11) MAX_SERVICES: Final = 100")


def test_open_buffers_that_differ_are_named(history: Workspace, repository: Path):
    """Commands that read saved files say so; those that read commits do not."""
    history.files.open_buffer((repository / "src/shop/core.py").as_uri(), "changed\n")
    assert "src/shop/core.py" in history.run_command("git diff").note
    assert "src/shop/core.py" in history.run_command("git blame src/shop/core.py").note
    assert "core.py" not in history.run_command("git diff -- README.md").note
    assert "core.py" not in history.run_command("git log -p").note
    assert "core.py" not in history.run_command("git diff HEAD~1 HEAD").note


def test_mistakes_get_a_sentence(history: Workspace, sample: Path):
    """Unknown revisions, no repository, several blamed files: each is told."""
    for command in (
        "git log nosuch", "git show HEAD:nope.py", "git show nosuch:README.md", "git blame README.md src/shop/use.py",
        "git blame", "git log *.py", "git log -- ':(glob)**'", "git show HEAD HEAD:README.md", "git log --follow",
        "git log --stat --numstat", "git blame nope.py", "git blame -L 5000,5001 README.md",
    ):  # fmt: skip
        with pytest.raises(ToolProblem) as caught:
            history.run_command(command)
        assert "inglenook-git" not in caught.value.sentence


def test_without_trust_or_repository_git_does_not_run(history: Workspace, tmp_path: Path):
    """An untrusted workspace refuses every command with a sentence; a folder without a repository refuses git."""
    history.trusted = False
    for command in ("git log", "ls"):
        with pytest.raises(ToolProblem, match="not trusted"):
            history.run_command(command)
    with pytest.raises(ToolProblem, match="not trusted"):
        history.allow_path("build/out.py").run_command("git log")
    plain = write(tmp_path, "plain/a.py", "").parent
    with pytest.raises(ToolProblem, match="not a git repository"):
        Workspace([plain], Settings()).run_command("git log")


def test_an_empty_repository_says_so(tmp_path: Path):
    """No commit yet is git's own sentence."""
    git(tmp_path, "init", "-q")
    with pytest.raises(ToolProblem, match="does not have any commits"):
        Workspace([tmp_path], Settings()).run_command("git log")


def test_a_sub_folder_shows_its_own_part(repository: Path):
    """In a workspace below the repository's top, paths are the workspace's and the rest stays out."""
    workspace = Workspace([repository / "src"], Settings())
    shown = text(workspace, "git log -p")
    assert "diff --git a/shop/core.py" in shown
    assert "test_core" not in shown
    assert text(workspace, "git show HEAD:shop/use.py").startswith("from shop")
    assert "use.py" in text(workspace, "git show HEAD:shop")
    assert text(workspace, "git show HEAD:") == "shop/"
    assert text(workspace, "git blame -L 1,1 shop/use.py").endswith("from shop import core")


def test_nothing_is_written_to_the_repository(history: Workspace, repository: Path):
    """After every kind of command the git folder is byte for byte the same."""

    def state() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in (repository / ".git").rglob("*") if path.is_file()}

    (repository / "README.md").touch()
    before = state()
    for command in READING:
        history.run_command(command)
    assert state() == before


def test_linked_work_trees_work_and_forged_pointers_do_not(repository: Path, tmp_path: Path):
    """A work tree that its repository knows is read; a `.git` file that names someone else's repository is not."""
    git(repository, "worktree", "add", "-q", str(tmp_path / "linked"), "HEAD~1")
    assert text(Workspace([tmp_path / "linked"], Settings()), "git log --oneline").endswith("first")
    forged = write(tmp_path, "forged/.git", f"gitdir: {repository / '.git'}\n").parent
    with pytest.raises(ToolProblem, match="does not name this folder"):
        Workspace([forged], Settings()).run_command("git log")
    linked = tmp_path / "symlinked"
    linked.mkdir()
    (linked / ".git").symlink_to(repository / ".git")
    with pytest.raises(ToolProblem, match="not a git repository"):
        Workspace([linked], Settings()).run_command("git log")

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from lsp_server.settings import Settings
from lsp_server.workspace.problems import ToolProblem
from lsp_server.workspace.workspace import Workspace
from support.shop import git, write

COMMANDS = [
    "git log", "git log -p", "git log --stat -3", "git log --oneline --all", "git show", "git show HEAD~1 --stat",
    "git show HEAD:README.md", "git show HEAD:", "git diff", "git diff HEAD~1", "git diff --cached",
    "git diff --stat", "git blame README.md", "git blame HEAD -- README.md", "git log -L 1,1:README.md",
    "git log --follow -p -- README.md", "git log -S Shop -p", "ls -la", "find . -type f", "wc README.md",
    "head README.md",
]  # fmt: skip


@pytest.fixture
def trap(repository: Path, tmp_path: Path) -> Path:
    """A repository whose every executing setting touches a marker file; returns the marker's path."""
    marker = tmp_path / "marker"
    script = write(tmp_path, "evil.sh", f'#!/bin/sh\necho "$0 $@" >> {marker}\ncat\n')
    script.chmod(0o755)
    settings = {
        "core.fsmonitor": script, "core.pager": script, "core.hooksPath": tmp_path / "hooks", "core.editor": script,
        "core.sshCommand": script, "core.askPass": script, "core.attributesFile": tmp_path / "attributes",
        "diff.external": script, "diff.evil.command": script, "diff.evil.textconv": script, "pager.log": script,
        "pager.show": script, "pager.diff": script, "pager.blame": script, "alias.log": f"!{script}",
        "alias.show": f"!{script}", "filter.evil.clean": script, "filter.evil.smudge": script,
        "filter.evil.process": script, "filter.evil.required": "true", "gpg.program": script, "gpg.ssh.program": script,
        "log.showSignature": "true", "credential.helper": f"!{script}", "merge.evil.driver": script,
        "uploadpack.packObjectsHook": script, "remote.origin.url": f"ext::{script}", "remote.origin.promisor": "true",
        "remote.origin.vcs": "evil", "remote.origin.uploadpack": script, "protocol.allow": "always",
        "protocol.ext.allow": "always", "extensions.partialClone": "origin", "include.path": tmp_path / "included",
        "interactive.diffFilter": script, "diff.submodule": "diff", "submodule.recurse": "true", "format.pretty": "%G?",
        "core.worktree": "/etc", "trailer.x.command": script, "browser.x.cmd": script, "sequence.editor": script,
    }  # fmt: skip
    write(repository, ".gitattributes", "* diff=evil filter=evil merge=evil\n")
    write(repository, ".git/info/attributes", "* diff=evil filter=evil\n")
    write(tmp_path, "attributes", "* diff=evil filter=evil\n")
    write(tmp_path, "included", f"[diff]\n\texternal = {script}\n")
    for hook in ("post-index-change", "pre-commit", "fsmonitor-watchman", "post-checkout", "reference-transaction"):
        for folder in (tmp_path / "hooks", repository / ".git" / "hooks"):
            write(folder, hook, script.read_text()).chmod(0o755)
    git(repository, "config", "extensions.worktreeConfig", "true")
    write(repository, ".git/config.worktree", f"[core]\n\tfsmonitor = {script}\n")
    write(repository, "README.md", "# Changed in the work tree\n")
    os.utime(repository / "src/shop/use.py")
    with (repository / ".git/config").open("a") as file:
        for name, value in settings.items():
            section, _, key = name.rpartition(".")
            head, _, sub = section.partition(".")
            file.write(f'[{head} "{sub}"]\n' if sub else f"[{head}]\n")
            file.write(f'\t{key} = "{value}"\n')
    return marker


def test_no_configuration_of_a_repository_is_executed(trap: Path, repository: Path):
    """External diffs, textconv, filters, pagers, hooks, monitors, aliases, signatures: none runs for any command."""
    workspace = Workspace([repository], Settings())
    for command in COMMANDS:
        workspace.run_command(command)
    assert not trap.exists()


def test_the_trap_is_a_trap(trap: Path, repository: Path):
    """Plain git in the same repository does run the scripts, so that the test above means something."""
    with suppress(subprocess.CalledProcessError):  # it may well fail after having run the script
        git(repository, "-c", "core.worktree=.", "-c", "extensions.partialClone=", "diff")
    assert trap.exists()


def test_the_environment_redirects_nothing(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """GIT_* variables of the editor's environment reach no git of ours."""
    marker = tmp_path / "marker"
    script = write(tmp_path, "evil.sh", f"#!/bin/sh\ntouch {marker}\n")
    script.chmod(0o755)
    for name, value in {
        "GIT_DIR": "/nowhere", "GIT_EXTERNAL_DIFF": str(script), "GIT_PAGER": str(script), "PAGER": str(script),
        "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "diff.external", "GIT_CONFIG_VALUE_0": str(script),
        "GIT_INDEX_FILE": "/nowhere", "GIT_TRACE": str(tmp_path / "trace"), "GIT_SSH_COMMAND": str(script),
        "LD_PRELOAD": "",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    write(repository, "README.md", "# Changed\n")
    assert "+# Changed" in Workspace([repository], Settings()).run_command("git diff").text
    assert not marker.exists()
    assert not (tmp_path / "trace").exists()


def test_links_inside_the_git_folder_are_refused(repository: Path, tmp_path: Path):
    """A git folder whose objects or refs lie elsewhere is not followed."""
    (repository / ".git/refs").rename(tmp_path / "refs")
    (repository / ".git/refs").symlink_to(tmp_path / "refs")
    with pytest.raises(ToolProblem, match="refs is a link"):
        Workspace([repository], Settings()).run_command("git log")


def test_a_commit_message_cannot_forge_a_header(repository: Path):
    """A message that looks like a diff does not make a hidden file's diff pass."""
    write(repository, "build/out.py", "class Leaked: ...\n")
    git(repository, "commit", "-qm", "x\n\ndiff --git a/README.md b/README.md\n--- a/README.md\n", "build/out.py")
    for command in ("git log -p --format=%B", "git show --format=%B", "git log -p", "git show"):
        assert "Leaked" not in Workspace([repository], Settings()).run_command(command).text


def test_a_renamed_secret_stays_hidden(repository: Path):
    """A diff that moves a secret to a harmless name is shown neither as a rename nor from the old name."""
    (repository / ".env").rename(repository / "settings.txt")
    git(repository, "add", "-A", ".env", "settings.txt")
    git(repository, "commit", "-qm", "moved")
    workspace = Workspace([repository], Settings())
    for command in ("git log --follow -p -- settings.txt", "git log --follow --stat -- settings.txt"):
        shown = workspace.run_command(command).text
        assert ".env" not in shown
        assert "hunter2" not in shown


def test_a_symlink_in_the_work_tree_shows_its_target_only(repository: Path):
    """Git diff prints where a link points, never what lies there."""
    (repository / "README.md").unlink()
    (repository / "README.md").symlink_to("/etc/passwd")
    assert "root:" not in Workspace([repository], Settings()).run_command("git diff").text


def test_a_slow_or_talkative_git_is_stopped(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Output and time are bounded, and a cancelled command ends at once."""
    write(repository, "big.txt", "line of text\n" * 100_000)
    git(repository, "add", "big.txt")
    git(repository, "commit", "-qm", "big")
    workspace = Workspace([repository], Settings())
    output = workspace.run_command("git show")
    assert "printed too much" in output.note
    assert len(output.text) <= 200_000
    fake = write(tmp_path, "bin/git", "#!/bin/sh\nexec /bin/sh -c 'while :; do :; done'\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    calls = iter(range(1000))
    with pytest.raises(ToolProblem):
        workspace.run_command("git log nosuch", cancelled=lambda: next(calls) > 0)


def test_a_stage_is_no_way_round_the_names(repository: Path):
    """`:0:name` is a file called `0:name`, never the staged copy of a secret or an ignored file."""
    workspace = Workspace([repository], Settings())
    write(repository, ".env.local", "TOKEN=hunter2\n")
    git(repository, "add", "-f", ".env.local")
    for name in (".env.local", "build/out.py"):
        with pytest.raises(ToolProblem):
            workspace.run_command(f"git show :0:{name}")
    assert workspace.run_command("git show :README.md").text.startswith("#")


KEY = "-----BEGIN PRIVATE KEY-----\n" + "".join(f"{mark * 60}b0dy\n" for mark in "QSZ") + "-----END PRIVATE KEY-----\n"


def test_a_private_key_under_another_name_has_no_history(repository: Path):
    """Patches and blame leave out keys in files that are named like anything else, whichever lines they touch."""
    for text in (KEY, KEY.replace("S", "W")):
        write(repository, "notes.txt", text)
        git(repository, "add", "notes.txt")
        git(repository, "commit", "-qm", "a key")
    workspace = Workspace([repository], Settings())
    for command in ("git log -p", "git show", "git show -U0", "git log -L 2,3:notes.txt", "git diff HEAD~1 -U0"):
        output = workspace.run_command(command)
        assert "b0dy" not in output.text, command
        assert "were left out" in output.note
    for command in ("git blame HEAD -- notes.txt", "git blame -L 3,3 HEAD -- notes.txt", "git show HEAD:notes.txt"):
        with pytest.raises(ToolProblem, match="secrets"):
            workspace.run_command(command)


@pytest.mark.parametrize("flag", ["--stat", "--numstat", "--name-status", "--name-only"])
def test_a_summary_names_no_secret_that_was_renamed(repository: Path, flag: str):
    """A rename is one line of two names, folded where they share a folder: both must be allowed."""
    git(repository, "mv", "-f", "src/shop/use.py", "src/shop/used.py")
    git(repository, "commit", "-qm", "renamed")
    write(repository, "conf/.env", "a\nb\nc\n")
    git(repository, "add", "-f", "conf")
    git(repository, "commit", "-qm", "added")
    git(repository, "mv", "conf/.env", "conf/settings.txt")
    git(repository, "commit", "-qm", "moved")
    workspace = Workspace([repository], Settings())
    assert ".env" not in workspace.run_command(f"git log --follow {flag} -- conf/settings.txt").text
    assert "used.py" in workspace.run_command(f"git log --follow {flag} -- src/shop/used.py").text


def test_objects_of_another_repository_are_refused(repository: Path, tmp_path: Path):
    """A git folder that borrows objects could show a repository that nobody opened."""
    workspace = Workspace([repository], Settings())
    alternates = write(repository, ".git/objects/info/alternates", f"{tmp_path}/other/.git/objects\n")
    with pytest.raises(ToolProblem, match="borrows"):
        workspace.run_command("git log")
    alternates.unlink()
    objects = repository / ".git/objects"
    unused = next(path for number in range(256) if not (path := objects / f"{number:02x}").exists())
    unused.symlink_to(tmp_path)
    with pytest.raises(ToolProblem, match="borrows"):
        workspace.run_command("git log")


def test_a_pipe_in_the_git_folder_holds_nobody_up(repository: Path):
    """What is no regular file there is left alone: git would wait for someone to write into it."""
    (repository / ".git/config").unlink()
    (repository / ".git/packed-refs").unlink(missing_ok=True)
    for name in ("config", "packed-refs"):
        os.mkfifo(repository / ".git" / name)
    output = Workspace([repository], Settings()).run_command("git log --oneline")
    assert "second" in output.text
    assert "Stopped" not in output.note

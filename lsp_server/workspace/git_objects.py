"""`git show REVISION:PATH`: one file or folder as it stood in a commit."""

from __future__ import annotations

from lsp_server.workspace.files import Files, normal
from lsp_server.workspace.folder_commands import Printed
from lsp_server.workspace.git_operands import Operands
from lsp_server.workspace.git_repository import Git
from lsp_server.workspace.path_names import is_below
from lsp_server.workspace.places import Located
from lsp_server.workspace.problems import ToolProblem
from lsp_server.workspace.processes import Finished
from lsp_server.workspace.scope import Scope
from lsp_server.workspace.secret_names import is_private_key

_HEAD = 8192


def show_objects(git: Git, scope: Scope, operands: Operands) -> Printed:
    """Show files and folders of commits.

    Raises:
        ToolProblem: one does not exist there, is binary, or revisions are asked for in the same command.
    """
    if operands.revisions or operands.paths:
        raise ToolProblem("Commits and revision:path cannot be shown together.", "git show REVISION:PATH")
    pieces: list[str] = []
    notes: list[str] = []
    for commit, located in operands.objects:
        # Without the stage, git would read `0:name` behind the colon as the stage of another file.
        name = f"{commit or ':0'}:{git.prefix}{located.relative}".rstrip("/")
        kind = git.run(("cat-file", "-t", name))
        if kind.output.strip() == b"tree":
            pieces.append(_tree(git, scope, name, located))
        elif kind.output.strip() == b"blob":
            pieces.append(_blob(git, name, located, notes))
        else:
            raise ToolProblem(
                f"{located.relative or '.'} does not exist in that revision.", "git log --oneline -- PATH"
            )
    return Printed("\n".join(pieces), tuple(notes))


def failure(git: Git, command: str, finished: Finished) -> ToolProblem:
    """Return the problem of a git command that failed, without our own paths in it."""
    said = finished.error.split("\n", 1)[0].removeprefix("fatal: ").removeprefix("error: ")
    said = said.replace(str(git.private), ".git").replace(str(git.repository.top), ".")[:300]
    return ToolProblem(f"git {command} failed: {said or 'it does not say why'}.", "Check the revision and the path.")


def unsaved_notes(files: Files, git: Git, paths: tuple[Located, ...]) -> list[str]:
    """Say which open buffers differ from the saved files that a command read; `paths` empty means all."""
    about = paths or (Located(git.folder, ""),)
    names = [
        files.scope.show(located)
        for located in files.unsaved()
        if any(located.root == path.root and is_below(located.relative, path.relative) for path in about)
    ]
    return [f"Open buffers differ from the saved files that were read: {', '.join(names[:5])}."] if names else []


def _blob(git: Git, name: str, located: Located, notes: list[str]) -> str:
    finished = git.run(("cat-file", "blob", name))
    data = finished.output
    if b"\0" in data[:_HEAD]:
        raise ToolProblem(f"{located.relative} is a binary file in that revision.", "Name a text file.")
    if is_private_key(data):
        raise ToolProblem(f"{located.relative} may hold secrets and is never read.")
    if finished.stopped:
        notes.append(f"Stopped: {finished.stopped}.")
    return normal(data).decode("utf-8", "replace").rstrip("\n")


def _tree(git: Git, scope: Scope, name: str, located: Located) -> str:
    """List a folder, leaving out what may not be shown."""
    lines: list[str] = []
    listed = git.run(("ls-tree", "--full-tree", "-z", name.rstrip(":")))
    for entry in listed.output.split(b"\0"):
        head, _, raw = entry.partition(b"\t")
        own = raw.decode("utf-8", "replace")
        relative = f"{located.relative}/{own}" if located.relative else own
        folder = b" tree " in head
        if own and scope.permits(located.root, relative, folder=folder):
            lines.append(own + "/" * folder)
    return "\n".join(lines)

"""`git blame`: who last changed each line, one short line for each."""

from __future__ import annotations

import re
import time

from lsp_server.workspace.files import Files
from lsp_server.workspace.folder_commands import Printed
from lsp_server.workspace.git_arguments import Arguments
from lsp_server.workspace.git_objects import failure, unsaved_notes
from lsp_server.workspace.git_operands import Operands
from lsp_server.workspace.git_repository import Git
from lsp_server.workspace.problems import ToolProblem, scope_as_problem
from lsp_server.workspace.rows import cut
from lsp_server.workspace.secret_names import shows_private_key

_COMMIT = re.compile(r"([0-9a-f]{40}(?:[0-9a-f]{24})?) \d+ (\d+)")


def run_blame(git: Git, files: Files, arguments: Arguments, operands: Operands) -> Printed:
    """Blame one file, as saved or as of one revision.

    Raises:
        ToolProblem: there is not exactly one file, it may not be read, or git fails.
    """
    if len(operands.paths) != 1 or len(operands.revisions) > 1 or operands.objects:
        raise ToolProblem("git blame takes one file.", "git blame -L 10,20 -- src/app.py")
    located = operands.paths[0]
    if located.exists:
        with scope_as_problem():
            files.scope.read(located)  # too large, binary and secret files are refused here
    words = ["blame", "--line-porcelain", *(["-w"] if arguments.has("--ignore-all-space") else [])]
    words += [f"-L{value}" for name, value in arguments.flags if name == "-L"]
    finished = git.run((*words, *operands.revisions, "--", located.relative))
    if finished.exit_code and not finished.stopped:
        raise failure(git, "blame", finished)
    lines = finished.output.decode("utf-8", "replace").split("\n")
    if operands.revisions and shows_private_key(line[1:] for line in lines if line.startswith("\t")):
        raise ToolProblem(f"{located.relative} may hold secrets in that revision and is not shown.")
    notes = [f"Stopped: {finished.stopped}."] if finished.stopped else []
    if not operands.revisions:
        notes += unsaved_notes(files, git, operands.paths)
    return Printed("\n".join(_blamed(lines)), tuple(notes))


def _blamed(porcelain: list[str]) -> list[str]:
    lines: list[str] = []
    commit = number = author = date = ""
    for line in porcelain:
        found = _COMMIT.match(line)
        if line.startswith("\t"):
            lines.append(f"{commit[:8]} ({author} {date} {number}) {cut(line[1:])}")
        elif found:
            commit, number = found.groups()
        elif line.startswith("author "):
            author = line.removeprefix("author ")
        elif line.startswith("author-time "):
            date = time.strftime("%Y-%m-%d", time.gmtime(int(line.removeprefix("author-time "))))
    return lines

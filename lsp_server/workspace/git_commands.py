"""`git log`, `show`, `diff` and `blame`, read-only, each path in and out passing the scope."""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from lsp_server.errors import OutOfScope
from lsp_server.workspace.files import Files
from lsp_server.workspace.folder_commands import Printed
from lsp_server.workspace.git_arguments import Arguments, parse_arguments
from lsp_server.workspace.git_blame import run_blame
from lsp_server.workspace.git_objects import failure, show_objects, unsaved_notes
from lsp_server.workspace.git_operands import Operands, line_range_of, sort_operands
from lsp_server.workspace.git_output import OutputFilter
from lsp_server.workspace.git_repository import Git, Repository, opened
from lsp_server.workspace.places import Located
from lsp_server.workspace.problems import NeverThere, ToolProblem
from lsp_server.workspace.scope import Scope
from lsp_server.workspace.secret_names import exclusion_pathspecs

_DIFF_OFF = (
    "--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/", "--ignore-submodules=all",
)  # fmt: skip
_STYLES = {
    "oneline": "%h %s",
    "short": "commit %h%nAuthor: %an <%ae>%n%n    %s",
    "medium": "commit %h%nAuthor: %an <%ae>%nDate:   %ad%n%n%w(0,4,4)%B%w(0,0,0)",
    "full": "commit %h%nAuthor: %an <%ae>%nCommit: %cn <%ce>%n%n%w(0,4,4)%B%w(0,0,0)",
    "fuller": "commit %h%nAuthor: %an <%ae>%nDate:   %ad%nCommit: %cn <%ce> %cd%n%n%w(0,4,4)%B%w(0,0,0)",
    "reference": "%h (%s, %as)",
}

_FORMAT_FLAGS = ("--oneline", "--format", "--pretty")

Cancelled = Callable[[], bool]


def run_git(files: Files, words: tuple[str, ...], cancelled: Cancelled) -> Printed:
    """Run one of the four git commands; `words` begin behind `git`.

    Raises:
        ToolProblem: a flag, revision or path is refused, or git fails.
        NeverThere: nothing is printed, because a path was never there.
    """
    arguments = parse_arguments(words[0], words[1:])
    with opened(_folder(files.scope, arguments), cancelled) as git:
        operands = sort_operands(git, files.scope, arguments)
        if arguments.command == "blame":
            return run_blame(git, files, arguments, operands)
        if operands.objects:
            return show_objects(git, files.scope, operands)
        return _run_history(git, files, arguments, operands)


def _folder(scope: Scope, arguments: Arguments) -> Path:
    """Return the workspace folder that a command is about: the one its paths lie in, else the first repository."""
    for word in (*arguments.paths, *arguments.operands, arguments.value("-L").rpartition(":")[2]):
        with suppress(OutOfScope):
            located = scope.locate(word.rpartition(":")[2])
            if located.exists:
                return located.root
    for root in scope.roots:
        with suppress(ToolProblem):
            Repository.find(root)
            return root
    return scope.roots[0]


def _run_history(git: Git, files: Files, arguments: Arguments, operands: Operands) -> Printed:
    mark = f"<{secrets.token_hex(12)}>"
    finished = git.run(_history_words(git, files.scope, arguments, operands, mark))
    if finished.exit_code and not finished.stopped:
        raise failure(git, arguments.command, finished)
    output = OutputFilter(lambda name: files.scope.permits(git.folder, name), arguments.summary)
    parts = finished.output.decode("utf-8", "replace").split(mark)
    pieces = [output.apply(parts[0])]
    for header, rest in zip(parts[1::2], parts[2::2], strict=False):
        shown = output.apply(rest)
        pieces.append(f"{header.rstrip()}\n\n{shown}\n" if shown else header.rstrip() + "\n" * ("\n" in header))
    text = "\n".join(piece for piece in pieces if piece).rstrip("\n")
    notes = [f"Stopped: {finished.stopped}."] if finished.stopped else []
    if not text and not notes:
        _require_known(git, arguments, operands)
    if output.dropped:
        notes.append(f"{output.dropped} parts about secret, ignored or outside files were left out.")
    elif _reads_contents(arguments):
        notes.append("Secret files are left out.")
    return Printed(text, (*notes, *_notes(git, files, arguments, operands)))


def _require_known(git: Git, arguments: Arguments, operands: Operands) -> None:
    """Let no output stand for "nothing changed" where a path was never there.

    Raises:
        NeverThere: one is not in the workspace and in no commit.
    """
    behind = operands.paths[len(operands.paths) - len(arguments.paths) :]
    named = dict(zip(arguments.paths, behind, strict=True))
    if gone := tuple(word for word, located in named.items() if not located.exists and _no_commit_has(git, located)):
        without = shlex.join(("git", *arguments.without(gone)))
        raise NeverThere(gone, without, whole=len(gone) == len(arguments.paths))


def _no_commit_has(git: Git, located: Located) -> bool:
    # Without the full history, git passes over what was added and deleted on a branch that was merged.
    ran = git.run(
        ("log", "--all", "--full-history", "--max-count=1", "--format=%H", "--", f":(literal){located.relative}")
    )
    return not (ran.output.strip() or ran.exit_code or ran.stopped)


def _history_words(git: Git, scope: Scope, arguments: Arguments, operands: Operands, mark: str) -> list[str]:
    """Return the words for git: our fixed ones, the checked flags, commit ids, and path specifications."""
    words = [arguments.command, *_DIFF_OFF]
    follow = arguments.has("--follow")
    by_lines = arguments.has("-L")
    if not (follow or by_lines):
        words.append("--no-renames")
    if git.prefix:
        words.append("--relative")
    if arguments.command != "diff":
        words.append(f"--format=tformat:{mark}{_format(arguments)}{mark}")
    words += [_word(git, scope, name, value) for name, value in arguments.flags if name not in _FORMAT_FLAGS]
    words += [*operands.revisions, "--"]
    words += [f":(literal){located.relative}" if located.relative else "." for located in operands.paths]
    if follow and (arguments.has("-S", "-G") or len(operands.paths) != 1):
        raise ToolProblem(
            "--follow takes exactly one path, and neither -S nor -G.", "git log --follow --oneline -- PATH"
        )
    if by_lines and operands.paths:
        raise ToolProblem("With -L the path stands in its value.", "git log -L 10,20:src/app.py")
    if _reads_contents(arguments) and not (follow or by_lines):
        words += [*([] if operands.paths else ["."]), *exclusion_pathspecs()]
    return words


def _word(git: Git, scope: Scope, name: str, value: str) -> str:
    if name == "-L":
        return f"-L{line_range_of(git, scope, value)}"
    if name == "--stat":
        return "--stat=4096,4000"
    if not value:
        return name
    return f"{name}={value}" if name.startswith("--") else f"{name}{value}"


def _format(arguments: Arguments) -> str:
    """Return the format of a commit's header; named styles are written out, so that no other can be meant.

    Raises:
        ToolProblem: the style is not known.
    """
    if arguments.has("--oneline"):
        return _STYLES["oneline"]
    asked = arguments.value("--format", "--pretty").removeprefix("format:").removeprefix("tformat:")
    if not asked or "%" in asked:
        return asked or _STYLES["medium"]
    if asked not in _STYLES:
        raise ToolProblem(f"There is no format {asked[:40]}.", f"Known: {', '.join(_STYLES)}, or one with %h %an %s.")
    return _STYLES[asked]


def _reads_contents(arguments: Arguments) -> bool:
    flags = ("--patch", "--unified", "--function-context", "-S", "-G", "--diff-filter")
    return arguments.command != "log" or bool(arguments.summary) or arguments.has(*flags)


def _notes(git: Git, files: Files, arguments: Arguments, operands: Operands) -> list[str]:
    """Say what the output does not show: open buffers, for a command that reads the saved files."""
    ends = len(operands.revisions) + sum(".." in revision for revision in operands.revisions)
    if arguments.command != "diff" or arguments.has("--cached", "--staged") or ends > 1:
        return []
    return unsaved_notes(files, git, operands.paths)

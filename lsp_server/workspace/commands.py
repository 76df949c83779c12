"""Read-only commands: words from an allow-list, no shell, every path in and out passing the scope."""

from __future__ import annotations

from collections.abc import Callable

from lsp_server.workspace.command_words import split_command, unknown_command
from lsp_server.workspace.files import Files
from lsp_server.workspace.find_command import run_find
from lsp_server.workspace.folder_commands import Printed, run_ls
from lsp_server.workspace.git_arguments import FLAGS
from lsp_server.workspace.git_commands import run_git
from lsp_server.workspace.problems import ToolProblem
from lsp_server.workspace.rows import CommandOutput
from lsp_server.workspace.text_commands import run_head, run_wc

_MAX_TEXT = 200_000

Cancelled = Callable[[], bool]


def run_command(files: Files, command: str, *, trusted: bool, cancelled: Cancelled) -> CommandOutput:
    """Run `git log|show|blame|diff`, `ls`, `find`, `wc` or `head`.

    Raises:
        ToolProblem: the workspace is not trusted; the command, a flag or a path is refused; or the command fails.
    """
    if not trusted:
        raise ToolProblem("This workspace is not trusted, so no command is run in it.", "Use search and read_file.")
    words = split_command(command)
    printed = _run(files, words, cancelled)
    notes = printed.notes
    if len(printed.text) > _MAX_TEXT:
        notes += (f"Cut after {_MAX_TEXT:,} of {len(printed.text):,} characters.",)
    return CommandOutput(words, printed.text[:_MAX_TEXT], printed.exit_code, " ".join(notes))


def _run(files: Files, words: tuple[str, ...], cancelled: Cancelled) -> Printed:
    native = {"ls": run_ls, "find": run_find, "wc": run_wc, "head": run_head}.get(words[0])
    if native is not None:
        return native(files, words[1:], cancelled)
    if words[0] != "git":
        raise unknown_command(words)
    rest = words[1:]
    while rest and rest[0] == "--no-pager":
        rest = rest[1:]
    if not rest or rest[0] not in FLAGS:
        raise unknown_command(words)
    return run_git(files, rest, cancelled)

"""From a command string to its words: no shell reads it, and what only a shell could do is refused."""

from __future__ import annotations

import re
import shlex

from lsp_server.workspace.problems import ToolProblem

COMMANDS = ("git log", "git show", "git blame", "git diff", "ls", "find", "wc", "head")
_MAX_COMMAND = 4000
_OPERATORS = "|&;<>"


def split_command(command: str) -> tuple[str, ...]:
    """Return the words of a command.

    Raises:
        ToolProblem: it is empty, unbalanced, or uses pipes, redirections, substitutions or several commands.
    """
    if not command.strip():
        raise ToolProblem("The command is empty.", _allowed())
    if len(command) > _MAX_COMMAND:
        raise ToolProblem(f"The command is longer than {_MAX_COMMAND} characters.", _allowed())
    if "\0" in command or "\n" in command.strip() or "\r" in command.strip():
        raise ToolProblem("The command holds a NUL or a line break.", "Give one command on one line.")
    try:
        lexer = shlex.shlex(command, posix=True, punctuation_chars=_OPERATORS)
        lexer.whitespace_split = True
        lexer.commenters = ""
        words = tuple(lexer)
    except ValueError as error:
        raise ToolProblem("The command has an unbalanced quote or a trailing back slash.", _allowed()) from error
    if any(word and set(word) <= set(_OPERATORS) for word in words) or "`" in command or re.search(r"\$[({]", command):
        raise ToolProblem(
            "Pipes, redirections, substitutions and several commands at once are not run: there is no shell.",
            "Give one command alone; long output is cut by itself.",
        )
    return words


def unknown_command(words: tuple[str, ...]) -> ToolProblem:
    """Return the problem of a command that is not on the list."""
    said = " ".join(words[: 2 if words[0] == "git" else 1])[:80]
    return ToolProblem(f"{said} is not an allowed command.", _allowed())


def refused_flag(command: str, flag: str, known: tuple[str, ...]) -> ToolProblem:
    """Return the problem of a flag that is not on the command's list."""
    return ToolProblem(f"{command} does not take {flag[:60]} here.", f"Known: {' '.join(known)}")


def _allowed() -> str:
    return f"Allowed: {', '.join(COMMANDS)}."


def whole_number(command: str, flag: str, text: str, limit: int = 1_000_000) -> int:
    """Return a flag's value as a number from 0 to `limit`.

    Raises:
        ToolProblem: it is something else.
    """
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise ToolProblem(f"{command} {flag} wants a whole number.", f"{command} {flag} 20")
    return min(int(text), limit)

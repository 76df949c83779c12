"""What git's operands mean: revisions become commit ids, paths become places of the scope."""

from __future__ import annotations

import re

import attrs

from lsp_server.workspace.git_arguments import Arguments
from lsp_server.workspace.git_repository import Git
from lsp_server.workspace.places import Located
from lsp_server.workspace.problems import ToolProblem, scope_as_problem
from lsp_server.workspace.scope import Scope

_REVISION = re.compile(r"[\w@./][\w@^~./{}+-]{0,199}")
_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MAX_OPERANDS = 20


@attrs.frozen
class Operands:
    """The operands of one command, safe to hand to git."""

    revisions: tuple[str, ...]
    """Commit ids and ranges of them: never a tree's or a file's id, which could be anything's."""
    objects: tuple[tuple[str, Located], ...]
    """For each `revision:path`, the commit id (empty for the index) and the place."""
    paths: tuple[Located, ...]


def sort_operands(git: Git, scope: Scope, arguments: Arguments) -> Operands:
    """Resolve the operands of a command in a workspace folder.

    Raises:
        ToolProblem: one is neither a revision nor a file that may be seen.
    """
    if len(arguments.operands) + len(arguments.paths) > _MAX_OPERANDS:
        raise ToolProblem(f"More than {_MAX_OPERANDS} revisions and paths were given.", "Ask for fewer at a time.")
    revisions: list[str] = []
    objects: list[tuple[str, Located]] = []
    paths: list[Located] = []
    for word in arguments.operands:
        if ":" in word and "://" not in word:
            objects.append(_object(git, scope, arguments.command, word))
        elif (found := _revision_or_range(git, word)) is not None:
            revisions.append(found)
        else:
            paths.append(_existing(git, scope, word))
    paths += [_place(git, scope, word) for word in arguments.paths]
    return Operands(tuple(revisions), tuple(objects), tuple(paths))


def line_range_of(git: Git, scope: Scope, value: str) -> str:
    """Return the value of `git log -L` with its path resolved."""
    lines, _, path = value.partition(":")
    return f"{lines}:{_place(git, scope, path).relative}"


def _object(git: Git, scope: Scope, command: str, word: str) -> tuple[str, Located]:
    revision, _, path = word.partition(":")
    if command != "show":
        raise ToolProblem(f"git {command} does not take revision:path here.", f"git {command} REVISION -- PATH")
    commit = _commit(git, revision) if revision else ""
    if commit is None:
        raise ToolProblem(f"There is no revision {revision[:80]}.", "git log --oneline lists some.")
    return commit, _place(git, scope, path.removeprefix(git.prefix) or ".")


def _revision_or_range(git: Git, word: str) -> str | None:
    exclude = "^" if word.startswith("^") else ""
    for dots in ("...", ".."):
        if dots in word and not word.startswith("../") and "/.." not in word:
            ends = [_commit(git, end or "HEAD") for end in word.split(dots, 1)]
            return dots.join(end for end in ends if end) if all(ends) else None
    commit = _commit(git, word.removeprefix("^"))
    return None if commit is None else exclude + commit


def _commit(git: Git, revision: str) -> str | None:
    if not _REVISION.fullmatch(revision):
        return None
    found = git.run(("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")).output.decode("ascii", "replace")
    return found.strip() if _HASH.fullmatch(found.strip()) else None


def _existing(git: Git, scope: Scope, word: str) -> Located:
    located = _place(git, scope, word)
    if not located.exists:
        raise ToolProblem(f"{word[:80]} is neither a revision nor a file here.", "Put -- before a deleted file's path.")
    return located


def _place(git: Git, scope: Scope, word: str) -> Located:
    if word.startswith(":") or any(char in word for char in "*?["):
        raise ToolProblem(f"git takes plain paths here, not patterns like {word[:60]}.", "Name a file or folder.")
    with scope_as_problem():
        located = scope.locate(word)
    if located.root != git.folder:
        raise ToolProblem("A git command asks about one workspace folder at a time.", "Ask for each by itself.")
    return located

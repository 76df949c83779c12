"""Which flags each git command takes: an allow-list; what is not on it is refused."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping

import attrs

from lsp_server.workspace.command_words import refused_flag
from lsp_server.workspace.problems import ToolProblem

_NUMBER = r"[0-9]{1,7}"
_TEXT = r"[^\0\n]{1,300}"
_DATE = r"[\w :.,+/@-]{1,60}"
_DATE_STYLE = r"short|iso|iso8601|iso-strict|rfc|rfc2822|relative|default|human|unix|raw|local"
_PLACEHOLDER = r"%(?:[HhTtPpsbBfDdSnm%]|[ac][nNeEdDrtiIs]|g[dDs])"
_FORMAT = rf"(?:t?format:)?(?:[^%\0\x1e\x1f]|{_PLACEHOLDER}){{1,300}}"
_LINES = r"[0-9]{1,7},\+?[0-9]{1,7}"

IGNORED = frozenset({
    "--no-pager", "--no-color", "--color=never", "--color=auto", "--no-renames", "--no-ext-diff", "--no-textconv",
    "--decorate", "--no-decorate", "--graph", "--abbrev-commit", "-r",
})  # fmt: skip
"""Accepted and dropped: already so, or without meaning for a reader that is no terminal."""

_SUMMARIES = ("--stat", "--shortstat", "--numstat", "--name-only", "--name-status")
_DIFF: Mapping[str, str] = {
    **dict.fromkeys(_SUMMARIES, ""),
    "--patch": "", "--no-patch": "", "--unified": _NUMBER, "--ignore-all-space": "", "--ignore-space-change": "",
    "--ignore-blank-lines": "", "--function-context": "", "--diff-filter": "[ACDMRTUXBacdmrtuxb]{1,9}",
    "--minimal": "", "--histogram": "", "--patience": "",
}  # fmt: skip
_WALK: Mapping[str, str] = {
    "--max-count": _NUMBER, "--skip": _NUMBER, "--since": _DATE, "--after": _DATE, "--until": _DATE,
    "--before": _DATE, "--author": _TEXT, "--committer": _TEXT, "--grep": _TEXT, "--all-match": "",
    "--invert-grep": "", "--regexp-ignore-case": "", "--fixed-strings": "", "--extended-regexp": "", "--all": "",
    "--merges": "", "--no-merges": "", "--first-parent": "", "--reverse": "", "--follow": "", "--date-order": "",
    "--topo-order": "", "-S": _TEXT, "-G": _TEXT, "--pickaxe-all": "", "--pickaxe-regex": "", "-L": _LINES + ":.+",
}  # fmt: skip
_SHOWN: Mapping[str, str] = {
    "--oneline": "", "--format": _FORMAT, "--pretty": _FORMAT, "--date": _DATE_STYLE,
}  # fmt: skip

FLAGS: Mapping[str, Mapping[str, str]] = {
    "log": {**_WALK, **_DIFF, **_SHOWN},
    "show": {**_DIFF, **_SHOWN},
    "diff": {**_DIFF, "--cached": "", "--staged": "", "--merge-base": ""},
    "blame": {"-L": _LINES, "--ignore-all-space": "", "--date": _DATE_STYLE},
}
"""For each command its flags and what their values must match; an empty pattern takes no value."""

_SHORT: Mapping[str, str] = {
    "-n": "--max-count", "-p": "--patch", "-u": "--patch", "-s": "--no-patch", "-U": "--unified",
    "-w": "--ignore-all-space", "-b": "--ignore-space-change", "-W": "--function-context",
    "-i": "--regexp-ignore-case", "-F": "--fixed-strings", "-E": "--extended-regexp",
}  # fmt: skip

_SUMMARY_SET = frozenset(_SUMMARIES)


@attrs.frozen
class Arguments:
    """A git command's words, sorted."""

    command: str
    flags: tuple[tuple[str, str], ...]
    """Long name and value, in order; the value is empty for a flag without one."""
    operands: tuple[str, ...]
    """What stands before `--`: revisions and paths."""
    paths: tuple[str, ...]
    """What stands behind `--`: paths."""
    words: tuple[str, ...]
    """All of it as it was given, the command first."""

    def has(self, *names: str) -> bool:
        """Say whether one of the flags is given."""
        return any(name in names for name, _ in self.flags)

    def value(self, *names: str) -> str:
        """Return the last value given to one of the flags; empty when none is."""
        return next((value for name, value in reversed(self.flags) if name in names), "")

    def without(self, paths: Container[str]) -> tuple[str, ...]:
        """Return the words less some of the paths behind `--`, and less what needs a path where none is left."""
        kept = tuple(path for path in self.paths if path not in paths)
        ahead = self.words[: len(self.words) - len(self.paths) - 1] if self.paths else self.words
        return (*ahead, "--", *kept) if kept else tuple(word for word in ahead if word != "--follow")

    @property
    def summary(self) -> str:
        """Which short form of a diff is asked: `--stat` and the like; empty for none."""
        return next((name for name, _ in self.flags if name in _SUMMARY_SET), "")


def parse_arguments(command: str, words: tuple[str, ...]) -> Arguments:
    """Sort the words behind `git log` and the like.

    Raises:
        ToolProblem: a flag is not on the list or its value is not of the right form.
    """
    known = FLAGS[command]
    flags: list[tuple[str, str]] = []
    operands: list[str] = []
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            break
        if not word.startswith("-") or word == "-":
            operands.append(word)
        elif word not in IGNORED:
            flags.append(_flag(command, known, word, waiting))
    if sum(name in _SUMMARY_SET for name, _ in flags) > 1:
        raise ToolProblem("Ask for one of --stat, --shortstat, --numstat, --name-only and --name-status at a time.")
    return Arguments(command, tuple(flags), tuple(operands), tuple(waiting), (command, *words))


def _flag(command: str, known: Mapping[str, str], word: str, waiting: list[str]) -> tuple[str, str]:
    if re.fullmatch(rf"-{_NUMBER}", word) and "--max-count" in known:
        return ("--max-count", word[1:])
    name, equals, value = word.partition("=") if word.startswith("--") else (word[:2], "", word[2:])
    name = _SHORT.get(name, name)
    pattern = known.get(name)
    if pattern is None:
        raise refused_flag(f"git {command}", word, tuple(sorted(known)))
    if not pattern:
        if equals or value:
            raise refused_flag(f"git {command}", word, tuple(sorted(known)))
        return (name, "")
    if not equals and not value:
        value = waiting.pop(0) if waiting else ""
    if not re.fullmatch(pattern, value):
        raise ToolProblem(f"git {command} {name} does not take the value {value[:60]!r} here.", _value_hint(name))
    return (name, value)


def _value_hint(name: str) -> str:
    hints = {
        "-L": "-L 10,20",
        "--format": '--format="%h %an %s"',
        "--pretty": '--format="%h %an %s"',
        "--date": "short",
    }
    return f"Such as {hints[name]}" if name in hints else "Give a plain value."

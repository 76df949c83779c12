"""Keeps out of git's output what the scope would not show: diffs, summary lines and names of hidden files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import attrs

from lsp_server.workspace.secret_names import shows_private_key

_SECTION = re.compile(r"diff --(?:git|cc|combined) ")
_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_BOTH_QUOTED = re.compile(rf"{_QUOTED} {_QUOTED}$")
_ESCAPES = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, '"': 34, "\\": 92}
_MOVED = ("rename from ", "rename to ", "copy from ", "copy to ")
_FOLDED_MOVE = re.compile(r"(.*)\{(.*) => (.*)\}(.*)")
_HUNK = re.compile(r"@@+ [-+,0-9 ]+ @@+ ?")
_UNMERGED = "* Unmerged path "
_COUNTS = re.compile(r" \d+ files? changed")

Permits = Callable[[str], bool]
"""Says whether a path, relative to the workspace folder, may be shown."""


@attrs.define
class OutputFilter:
    """Filters the diff parts of one command's output and counts what it left out."""

    permits: Permits
    summary: str
    """`--stat` and the like; empty when only patches are expected."""
    dropped: int = 0

    def apply(self, text: str) -> str:
        """Return a diff part without what may not be shown; what cannot be understood is not shown either."""
        lines = text.split("\n")
        first = next((index for index, line in enumerate(lines) if _SECTION.match(line)), len(lines))
        kept = [shown for line in lines[:first] if (shown := self._summary_line(line)) is not None]
        for section in _sections(lines[first:]):
            kept += self._section(section)
        return "\n".join(kept).strip("\n")

    def _section(self, section: list[str]) -> list[str]:
        names = _names(section)
        unmerged = [line for line in section if line.startswith(_UNMERGED)]
        rest = [line for line in section if not line.startswith(_UNMERGED)]
        kept = [line for line in unmerged if self._allowed(unquoted(line.removeprefix(_UNMERGED)))]
        if names and all(self.permits(name) for name in names) and not shows_private_key(map(_content, rest)):
            return rest + kept
        self.dropped += 1
        return kept

    def _summary_line(self, line: str) -> str | None:
        if not line.strip() or _COUNTS.match(line):
            return line
        if line.startswith(_UNMERGED):
            return line if self._allowed(unquoted(line.removeprefix(_UNMERGED))) else None
        if self.summary == "--stat":
            name, found, counts = line.rpartition(" | ")
            shown = f" {name.strip()} | {counts.strip()}"
            return shown if found and self._allowed(*_moved_names(name.strip())) else None
        fields = {"--name-only": 0, "--name-status": 1, "--numstat": 2}.get(self.summary)
        if fields is None:
            return None
        parts = line.split("\t", fields)
        if len(parts) != fields + 1:
            return None
        names = [name for part in parts[fields].split("\t") for name in _moved_names(part)]
        return line if self._allowed(*names) else None

    def _allowed(self, *names: str) -> bool:
        allowed = all(map(self.permits, names))
        self.dropped += not allowed
        return allowed


def unquoted(name: str) -> str:
    """Return a path as it is, from git's quoting."""
    if len(name) < 2 or not (name.startswith('"') and name.endswith('"')):  # noqa: PLR2004 - a pair of quotes
        return name
    out = bytearray()
    for plain, octal, letter in re.findall(r"([^\\]+)|\\([0-7]{3})|\\(.)", name[1:-1]):
        if plain:
            out += plain.encode("utf-8", "surrogateescape")
        else:
            out.append(int(octal, 8) & 255 if octal else _ESCAPES.get(letter, 63))
    return out.decode("utf-8", "surrogateescape")


def _moved_names(name: str) -> tuple[str, ...]:
    """Return the one name of a summary line, or both of `old => new` and `folder/{old => new}/file`."""
    folded = _FOLDED_MOVE.fullmatch(name)
    if folded:
        head, old, new, tail = folded.groups()
        return tuple(f"{head}{middle}{tail}".replace("//", "/") for middle in (old, new))
    return tuple(unquoted(part) for part in name.split(" => "))


def _content(line: str) -> str:
    """Return what a line of a diff shows of the file: without its sign, or the words behind a hunk's numbers."""
    hunk = _HUNK.match(line)
    return line[hunk.end() :] if hunk else line[1:]


def _sections(lines: list[str]) -> Iterator[list[str]]:
    section: list[str] = []
    for line in lines:
        if _SECTION.match(line) and section:
            yield section
            section = []
        section.append(line)
    if section:
        yield section


def _names(section: list[str]) -> tuple[str, ...]:
    """Return every path that a section is about; none when its header cannot be read, which hides it."""
    moved: list[str] = []
    for line in section[1:]:
        if line.startswith(("@@", "--- ", "Binary ")):
            break
        moved += [unquoted(line.removeprefix(lead)) for lead in _MOVED if line.startswith(lead)]
    if moved:
        return tuple(moved)
    kind, _, rest = section[0].removeprefix("diff --").partition(" ")
    if kind != "git":
        return (unquoted(rest),)
    return _same_names(rest)


def _same_names(rest: str) -> tuple[str, ...]:
    """Read `a/NAME b/NAME`: renames are off, so both are one name, which may hold spaces."""
    quoted = _BOTH_QUOTED.match(rest)
    if quoted:
        left, right = (unquoted(f'"{name}"') for name in quoted.groups())
    else:
        half = len(rest) // 2
        left, right = rest[:half], rest[half + 1 :]
    if left.startswith("a/") and right.startswith("b/") and left[2:] == right[2:]:
        return (left[2:],)
    return ()

"""Which paths a workspace folder ignores: ignore files at every level, info/exclude, known caches, a setting."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import attrs
from pathspec import GitIgnoreSpec

VCS_FOLDERS = frozenset({".git", ".hg", ".svn", ".jj", ".bzr", "CVS", "_darcs"})
"""Never read by any tool; git is asked instead."""

CACHE_FOLDERS = frozenset({
    "node_modules", "bower_components", "jspm_packages", ".venv", "venv", "virtualenv", "site-packages", "__pycache__",
    "__pypackages__", ".tox", ".nox", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".pytype", ".eggs",
    ".gradle", ".next", ".nuxt", ".svelte-kit", ".parcel-cache", ".terraform", ".yarn", ".pnpm-store", ".cache",
    ".bundle", ".dart_tool", ".direnv", ".import_linter_cache",
})  # fmt: skip
"""Folders that other tools fill; ignored even where no ignore file names them."""

IGNORE_FILES = (".gitignore", ".ignore")
_MAX_IGNORE_BYTES = 1_000_000
_MAX_LINES = 10_000
"""Further lines of one folder's ignore files are not read."""
_BLOCK = 500
"""Lines that are compiled together: the matcher's automaton holds some two thousand, no more."""

ReadFile = Callable[[Path, int], bytes]
Stamps = tuple[tuple[int, int, int], ...]


@attrs.frozen(eq=False)
class Level:
    """The rules of one folder."""

    strip: int
    """Characters of a path relative to the workspace folder that stand before this level's paths."""
    prefix: str
    """What stands before them instead, for a level above the workspace folder."""
    specs: tuple[GitIgnoreSpec, ...]
    """The rules in order; of the patterns that match, the last decides."""

    def decides(self, relative: str, ending: str) -> bool | None:
        """Say whether a path relative to the workspace folder is ignored; None where no rule speaks of it."""
        path = f"{self.prefix}{relative[self.strip :]}{ending}"
        found = (spec.check_file(path).include for spec in reversed(self.specs))
        return next((include for include in found if include is not None), None)


Levels = tuple[Level, ...]


class IgnoreRules:
    """The rules of one workspace folder, read when they are needed and again when their files change."""

    def __init__(self, root: Path, read: ReadFile, excluded: GitIgnoreSpec | None = None) -> None:
        self._root = root
        self._read = read
        self._excluded = excluded
        self._cache: dict[str, tuple[Stamps, tuple[GitIgnoreSpec, ...]]] = {}

    def ignored(self, relative: str, *, folder: bool) -> bool:
        """Say whether the path or a folder above it is ignored; the path need not exist."""
        if not relative:
            return False
        parts = relative.split("/")
        levels = self.top()
        for count in range(1, len(parts) + 1):
            ancestor = "/".join(parts[:count])
            is_folder = folder or count < len(parts)
            if self.matches(levels, ancestor, parts[count - 1], folder=is_folder):
                return True
            if count < len(parts):
                levels = self.enter(levels, ancestor)
        return False

    def top(self) -> Levels:
        """Return the rules in force in the workspace folder: its own and those above it in the same repository.

        Rules above that ignore the folder as a whole are left out: whoever opens it wants to see it.
        """
        levels: Levels = ()
        above = self._folders_above()
        for index, folder in enumerate(above):
            prefix = "/".join(part.name for part in above[index + 1 :])
            specs = self._specs(str(folder), exclude=index == 0)
            prefix = f"{prefix}/" if prefix else ""
            if specs:
                levels += (Level(0, f"{prefix}{self._root.name}/", specs),)
        if any(level.decides("", "") for level in levels):
            levels = ()
        specs = self._specs(str(self._root), exclude=not above)
        return (*levels, Level(0, "", specs)) if specs else levels

    def within(self, relative: str) -> Levels:
        """Return the rules in force inside the folder `relative`."""
        levels = self.top()
        parts = relative.split("/") if relative else []
        for count in range(1, len(parts) + 1):
            levels = self.enter(levels, "/".join(parts[:count]))
        return levels

    def enter(self, levels: Levels, relative: str) -> Levels:
        """Return the rules in force inside the folder `relative`, given those that hold around it."""
        specs = self._specs(f"{self._root}/{relative}")
        return (*levels, Level(len(relative) + 1, "", specs)) if specs else levels

    def matches(self, levels: Levels, relative: str, name: str, *, folder: bool) -> bool:
        """Say whether a path whose parents are not ignored is: the deepest rule that speaks of it decides."""
        if folder and name in CACHE_FOLDERS:
            return True
        ending = "/" if folder else ""
        if self._excluded is not None and self._excluded.check_file(relative + ending).include:
            return True
        for level in reversed(levels):
            include = level.decides(relative, ending)
            if include is not None:
                return include
        return False

    def _folders_above(self) -> list[Path]:
        """Return the folders from the repository's top down to the workspace folder's parent; none without one."""
        if (self._root / ".git").exists():
            return []
        parents = list(self._root.parents)
        for index, parent in enumerate(parents):
            if (parent / ".git").exists():
                return parents[index::-1]
        return []

    def _specs(self, folder: str, *, exclude: bool = False) -> tuple[GitIgnoreSpec, ...]:
        # plain strings, as every folder of every walk comes here
        files = [f"{folder}/.git/info/exclude"] if exclude else []
        files += [f"{folder}/{name}" for name in IGNORE_FILES]
        signature = tuple(map(_stamp, files))
        known = self._cache.get(folder)
        if known is not None and known[0] == signature:
            return known[1]
        specs = self._compile(files) if any(stamp[0] for stamp in signature) else ()
        self._cache[folder] = (signature, specs)
        return specs

    def _compile(self, files: list[str]) -> tuple[GitIgnoreSpec, ...]:
        lines: list[str] = []
        for path in files:
            try:
                text = self._read(Path(path), _MAX_IGNORE_BYTES).decode("utf-8-sig", "replace")
            except OSError:
                continue  # a missing or unreadable ignore file ignores nothing, as in git
            lines += [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
        del lines[_MAX_LINES:]
        blocks = (_compile_block(tuple(lines[at : at + _BLOCK])) for at in range(0, len(lines), _BLOCK))
        return tuple(spec for spec in blocks if spec is not None)


def is_version_control(name: str) -> bool:
    """Say whether a component of a path is version control's own; some file systems ignore letter case."""
    return (name.casefold() if name.startswith(".") else name) in VCS_FOLDERS


def compile_lines(lines: tuple[str, ...]) -> GitIgnoreSpec | None:
    """Compile patterns in .gitignore's language; None when one of them is malformed, or all are too large together."""
    try:
        return GitIgnoreSpec.from_lines(lines)
    except Exception:  # noqa: BLE001 - beside ValueError, each of its two regex libraries has an error of its own
        return None


def _compile_block(lines: tuple[str, ...]) -> GitIgnoreSpec | None:
    """Compile the lines together, without those that are malformed."""
    whole = compile_lines(lines)
    if whole is not None:
        return whole
    return compile_lines(tuple(line for line in lines if compile_lines((line,)) is not None))


def _stamp(path: str) -> tuple[int, int, int]:
    try:
        found = os.lstat(path)
    except OSError:
        return (0, 0, 0)
    return (found.st_ino or 1, found.st_mtime_ns, found.st_size)

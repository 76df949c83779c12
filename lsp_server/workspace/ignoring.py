"""Which paths a workspace folder ignores: .gitignore files at every level, .ignore, info/exclude, known caches."""

from __future__ import annotations

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

_IGNORE_FILES = (".gitignore", ".ignore")
_MAX_IGNORE_BYTES = 1_000_000

ReadFile = Callable[[Path, int], bytes]
Stamps = tuple[tuple[int, int, int], ...]


@attrs.frozen(eq=False)
class Level:
    """The rules of one folder."""

    strip: int
    """Characters of a path relative to the workspace folder that stand before this level's paths."""
    prefix: str
    """What stands before them instead, for a level above the workspace folder."""
    spec: GitIgnoreSpec


Levels = tuple[Level, ...]


class IgnoreRules:
    """The rules of one workspace folder, read when they are needed and again when their files change."""

    def __init__(self, root: Path, read: ReadFile) -> None:
        self._root = root
        self._read = read
        self._cache: dict[str, tuple[Stamps, GitIgnoreSpec | None]] = {}

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
            spec = self._spec(folder, exclude=index == 0)
            prefix = f"{prefix}/" if prefix else ""
            if spec is not None:
                levels += (Level(0, f"{prefix}{self._root.name}/", spec),)
        if any(level.spec.check_file(level.prefix).include for level in levels):
            levels = ()
        spec = self._spec(self._root, exclude=not above)
        return levels if spec is None else (*levels, Level(0, "", spec))

    def enter(self, levels: Levels, relative: str) -> Levels:
        """Return the rules in force inside the folder `relative`, given those that hold around it."""
        spec = self._spec(self._root / relative)
        return levels if spec is None else (*levels, Level(len(relative) + 1, "", spec))

    def matches(self, levels: Levels, relative: str, name: str, *, folder: bool) -> bool:
        """Say whether a path whose parents are not ignored is: the deepest rule that speaks of it decides."""
        if folder and name in CACHE_FOLDERS:
            return True
        ending = "/" if folder else ""
        for level in reversed(levels):
            include = level.spec.check_file(f"{level.prefix}{relative[level.strip :]}{ending}").include
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

    def _spec(self, folder: Path, *, exclude: bool = False) -> GitIgnoreSpec | None:
        files = [folder / ".git" / "info" / "exclude"] if exclude else []
        files += [folder / name for name in _IGNORE_FILES]
        signature = tuple(_stamp(path) for path in files)
        key = str(folder)
        known = self._cache.get(key)
        if known is not None and known[0] == signature:
            return known[1]
        spec = self._compile(files) if any(stamp[0] for stamp in signature) else None
        self._cache[key] = (signature, spec)
        return spec

    def _compile(self, files: list[Path]) -> GitIgnoreSpec | None:
        lines: list[str] = []
        for path in files:
            try:
                text = self._read(path, _MAX_IGNORE_BYTES).decode("utf-8-sig", "replace")
            except OSError:
                continue  # a missing or unreadable ignore file ignores nothing, as in git
            lines += [line for line in text.splitlines() if compile_lines((line,)) is not None]
        return compile_lines(tuple(lines)) if lines else None


def compile_lines(lines: tuple[str, ...]) -> GitIgnoreSpec | None:
    """Compile patterns in .gitignore's language; None when one of them is malformed."""
    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return None


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        found = path.lstat()
    except OSError:
        return (0, 0, 0)
    return (found.st_ino or 1, found.st_mtime_ns, found.st_size)

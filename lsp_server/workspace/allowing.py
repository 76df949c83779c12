"""What the setting `files.allowIgnored` opens of what the ignore rules hide."""

from __future__ import annotations

from collections.abc import Sequence

from lsp_server.workspace.ignoring import compile_lines


class Allowed:
    """The setting's globs, relative to every workspace folder."""

    def __init__(self, globs: Sequence[str]) -> None:
        globs = tuple(glob.removeprefix("./") for glob in globs)
        self._spec = compile_lines(globs) if globs else None
        self._starts = tuple(start for start in map(_literal_start, globs) if start)
        self.parts = frozenset(part for glob in globs for part in glob.split("/"))
        """What the globs are made of, between their slashes."""

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is opened."""
        return self._spec is None

    def opens(self, relative: str, *, folder: bool) -> bool:
        """Say whether a path is opened; a folder also where it only lies on the way to what is."""
        if self._spec is None:
            return False
        if folder and any(f"{start}/".startswith(f"{relative}/") for start in self._starts):
            return True
        return bool(self._spec.check_file(f"{relative}/" if folder else relative).include)


def _literal_start(glob: str) -> str:
    """Return the leading folders of a glob that hold no wildcard, so that a walk finds its way to what it opens."""
    parts = glob.strip("/").split("/")
    plain: list[str] = []
    for part in parts:
        if any(char in part for char in "*?["):
            break
        plain.append(part)
    return "/".join(plain) if "/" in glob.rstrip("/") else ""

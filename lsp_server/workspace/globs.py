"""The globs of the tools: `*.py` at any depth, `src/**`, `src/*.py`; no braces, no negation."""

from __future__ import annotations

from collections.abc import Callable

from lsp_server.workspace.ignoring import compile_lines
from lsp_server.workspace.places import Located
from lsp_server.workspace.problems import ToolProblem

_MAX_GLOB = 500


def file_filter(glob: str | None, show: Callable[[Located], str]) -> Callable[[Located], bool]:
    """Return a predicate over files; `show` gives the path as rows write it, which the glob may match too.

    Raises:
        ToolProblem: the glob climbs out, is absolute or malformed, or uses braces or negation.
    """
    if not glob or glob in {"*", "**", "**/*", ".", "./"}:
        return lambda _located: True
    pattern = glob.strip().replace("\\", "/").removeprefix("./")
    if "{" in pattern or pattern.startswith("!"):
        raise ToolProblem(f"The glob {glob} uses braces or negation, which are not understood.", "Use one like *.py")
    if ".." in pattern.split("/") or pattern.startswith(("/", "~")) or "\0" in pattern or "\n" in pattern:
        raise ToolProblem(f"The glob {glob!r} does not stay inside the workspace.", "Use one like *.py or src/**")
    spec = compile_lines((pattern if not pattern.startswith("#") else "\\" + pattern,))
    if spec is None or len(pattern) > _MAX_GLOB:
        raise ToolProblem(f"The glob {glob[:80]} is malformed.", "Use one like *.py or src/**")

    def matches(located: Located) -> bool:
        if spec.check_file(located.relative).include:
            return True
        shown = show(located)
        return shown != located.relative and bool(spec.check_file(shown).include)

    return matches

"""What a query may end with: a call that cannot be carried out, told so that it can be corrected, or late edits."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from lsp_server.errors import OutOfScope


class Outdated(Exception):
    """A buffer was edited while a look that is not verified was used: it is to be dropped for another one."""


class ToolProblem(Exception):
    """What is wrong (`sentence`) and what to ask for instead (`hint`).

    Not an `InglenookError`: a person never sees it; the caller renders it as an ordinary result.
    """

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint


class NeverThere(ToolProblem):
    """A command asks for the history of paths that are not in the workspace and in no commit."""

    def __init__(self, paths: tuple[str, ...], without: str, *, whole: bool) -> None:
        """Take what was asked and what can be.

        Args:
            paths: as they were named.
            without: the same command without them.
            whole: whether that is about the whole repository; else about the other paths.
        """
        self.paths = paths
        self.without = without
        self.whole = whole
        named = ", ".join(path[:80] for path in paths[:3])
        super().__init__(
            f"There is no {named} in the workspace, and no commit has it.",
            f"{without} is about {'the whole repository' if whole else 'the other paths'}.",
        )


@contextmanager
def scope_as_problem() -> Generator[None]:
    """Turn a refusal of the scope into a tool's problem."""
    try:
        yield
    except OutOfScope as error:
        raise ToolProblem(error.sentence, error.hint) from error

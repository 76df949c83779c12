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


@contextmanager
def scope_as_problem() -> Generator[None]:
    """Turn a refusal of the scope into a tool's problem."""
    try:
        yield
    except OutOfScope as error:
        raise ToolProblem(error.sentence, error.hint) from error

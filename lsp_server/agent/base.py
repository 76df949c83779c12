"""What the editor's side knows of asking: a selection, a listener, and the Asker protocol. No framework here."""

from __future__ import annotations

from typing import Protocol

import attrs

from lsp_server.wire import AskPart, AskResult


@attrs.frozen
class Selection:
    """Code that the person had selected while asking."""

    uri: str
    path: str
    """Relative to the workspace, with forward slashes."""
    start: int
    """First line, one-based."""
    end: int
    """Last line, one-based and inclusive."""
    text: str


class Listener(Protocol):
    """Hears of an answer while it is being made."""

    def part(self, part: AskPart) -> None:
        """Take the next piece of the answer; pieces come in order, from one task."""
        ...

    def progress(self, message: str, percent: int | None) -> None:
        """Take one line about the step that runs, with its percentage where there is one."""
        ...


class Asker(Protocol):
    """Whatever answers questions about a workspace."""

    async def ask(
        self,
        question: str,
        *,
        selection: Selection | None = None,
        conversation_id: str | None = None,
        listener: Listener,
    ) -> AskResult:
        """Answer `question`, telling `listener` of every piece.

        Two questions in one conversation are answered one after the other. Cancelling the task stops the
        model and the tools, and leaves the conversation as it was before the question. An id that is unknown
        or forgotten begins a conversation of its own, whose new id is in the result.

        Raises:
            InglenookError: the question is empty or too long, or the model cannot answer.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections; the engine belongs to the caller."""
        ...

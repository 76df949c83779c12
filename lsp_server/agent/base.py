"""What the editor's side knows of asking and explaining: values, a listener, two protocols. No framework here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import attrs

from lsp_server.wire import AskPart, AskResult, ExplainResult

if TYPE_CHECKING:
    from lsp_server.workspace.explaining import ExplainTarget


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


class Explainer(Protocol):
    """Whatever explains symbols and selections in two or three sentences. Used on the loop's thread."""

    @property
    def fast(self) -> bool | None:
        """Whether the device is fast enough to explain unasked: in about 3 s, by what past explanations took.

        None before the first on this machine: let one be made in the background, and it is known from then on.
        """
        ...

    def known(self, target: ExplainTarget) -> str | None:
        """Return the words there are, at once."""
        ...

    def begin(self, target: ExplainTarget) -> None:
        """Have an explanation made in the background, for a hover. Never raises, and never waits.

        One is made at a time and at most one waits: a newer replaces it. What failed is not tried again for a while.
        """
        ...

    def prefetch(self, targets: Sequence[ExplainTarget]) -> None:
        """Have these explained, in order, while nothing else runs; they replace those of the call before.

        All are dropped, and the one that runs is stopped, when anyone wants the model, or by an empty list. On
        its battery the machine makes none.
        """
        ...

    async def wait(self, target: ExplainTarget, seconds: float) -> str | None:
        """Return the words as soon as they are there; None when the time is over or nothing is being made."""
        ...

    async def explain(self, target: ExplainTarget, *, refresh: bool = False, listener: Listener) -> ExplainResult:
        """Return an explanation that a person asked for, from the cache or telling `listener` of every piece.

        Where one is being made of the same content, this one joins it. Cancelling the task stops the model, unless
        someone else waits for the same words.

        Args:
            target: What to explain.
            refresh: Make a new one although there is one, and keep that.
            listener: Hears what was said so far, then every piece.

        Raises:
            InglenookError: the model cannot answer, or found no words.
        """
        ...

    async def aclose(self) -> None:
        """Stop what runs and let go of files and connections; the engine belongs to the caller."""
        ...

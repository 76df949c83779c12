"""Holds a call to the schemas of the given tools: constrained decoding through llguidance."""

from __future__ import annotations

from collections.abc import Sequence

from llguidance import LLMatcher

from lsp_server.engine.base import ToolSpec
from lsp_server.errors import InglenookError
from lsp_server.resident.chat import Chat


class CallGrammar:
    """The state of one call: what has been written of it and what may come next."""

    def __init__(self, chat: Chat, tools: Sequence[ToolSpec]) -> None:
        """Compile the grammar of a call of one of `tools`.

        Raises:
            InglenookError: a tool's schema is beyond the grammar compiler.
        """
        self._matcher = LLMatcher(chat.matching, chat.dialect.grammar(tools), log_level=0)
        if self._matcher.is_error():
            raise InglenookError(f"The tools' schemas cannot be held: {self._matcher.get_error()}")

    def accepts(self, token: int) -> bool:
        """Whether the token may come next."""
        return self._matcher.validate_tokens([token]) == 1

    def advance(self, token: int) -> None:
        """Take the token as written.

        Raises:
            InglenookError: it may not come next; the mask was not applied.
        """
        if not self._matcher.consume_token(token):
            raise InglenookError(f"A call left its grammar: {self._matcher.get_error()}")

    def mask(self) -> bytes:
        """Return one bit a token, least significant first: what may come next."""
        return self._matcher.compute_bitmask()

    def forced(self) -> list[int]:
        """Take the tokens that alone may come next, and return them."""
        tokens = self._matcher.compute_ff_tokens()
        for token in tokens:
            self.advance(token)
        return tokens

    @property
    def complete(self) -> bool:
        """Whether the call is whole and nothing can follow."""
        return self._matcher.is_stopped() or (self._matcher.is_accepting() and not self._matcher.compute_ff_tokens())

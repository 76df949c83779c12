"""The exact transcripts of the last conversations."""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Sequence

import anyio
import attrs
from pydantic_ai.messages import ModelMessage

from lsp_server.agent.evidence import Shown

KEPT = 20
"""Conversations that are remembered; the one that was silent longest goes first."""


@attrs.frozen
class Exchange:
    """A question, all that was done about it, and its answer."""

    question: str
    messages: tuple[ModelMessage, ...]
    tokens: int
    """Tokens of the transcript up to this exchange's end, as the model counted them."""


class Conversation:
    """One conversation; its questions are answered one after the other."""

    def __init__(self) -> None:
        self.id = uuid.uuid4().hex
        self.turn = anyio.Lock()
        self.shown = Shown()
        self.exchanges: tuple[Exchange, ...] = ()

    @property
    def asked(self) -> str:
        """The questions so far, a line each."""
        return "\n".join(exchange.question for exchange in self.exchanges)

    @property
    def tokens(self) -> int:
        """Tokens of the transcript so far."""
        return self.exchanges[-1].tokens if self.exchanges else 0

    def trimmed(self, limit: int) -> tuple[Exchange, ...]:
        """Return the newest exchanges that take at most half of `limit`, so that the next questions have room.

        Whole exchanges go, the oldest first, and the counts of those that stay shrink by what went.
        """
        for gone in range(1, len(self.exchanges)):
            before = self.exchanges[gone - 1].tokens
            if self.tokens - before <= limit // 2:
                kept = self.exchanges[gone:]
                return tuple(attrs.evolve(exchange, tokens=exchange.tokens - before) for exchange in kept)
        return ()

    def keep(self, exchanges: Sequence[Exchange]) -> None:
        """Replace the transcript."""
        self.exchanges = tuple(exchanges)


class Conversations:
    """The last conversations by id."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Conversation] = OrderedDict()

    def find(self, conversation_id: str | None) -> Conversation:
        """Return the conversation of that id; a fresh one, with an id of its own, where there is none."""
        conversation = self._kept.get(conversation_id or "")
        return Conversation() if conversation is None else conversation

    def remember(self, conversation: Conversation) -> None:
        """Keep a conversation that has just been spoken in; the longest silent one is forgotten."""
        self._kept[conversation.id] = conversation
        self._kept.move_to_end(conversation.id)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

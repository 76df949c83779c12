"""What the tokens of one turn mean: speech or a call, decided by how the turn begins.

A turn is a call from the bytes of the dialect's `call_start` on; from there the grammar holds it. Any other
beginning makes it text to its end, whatever fences it holds.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from typing import Literal

from lsp_server.engine.base import CallMode, ToolCall, ToolSpec
from lsp_server.resident.chat import Chat
from lsp_server.resident.grammar import CallGrammar
from lsp_server.resident.stops import StopFinder

Mode = Literal["opening", "text", "call"]


class Turn:
    """The tokens written so far, and what may come next."""

    def __init__(self, chat: Chat, tools: Sequence[ToolSpec], calls: CallMode, stops: Sequence[str]) -> None:
        self._chat = chat
        self._speaking_only = calls == "forbidden"
        self._grammar = CallGrammar(chat, tools) if tools and calls != "forbidden" else None
        self._stops = StopFinder(stops)
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._opening = b""
        self.token_ids: list[int] = []
        self.mode: Mode = "text" if not tools else "call" if calls == "demanded" else "opening"
        self.ended = False

    # -- choosing

    def mask(self) -> bytes | None:
        """Return what may be chosen next (see backend.Choice.mask), None for anything."""
        if self.mode == "call" and self._grammar is not None:
            return self._grammar.mask()
        if self.mode == "opening" and self._speaking_only:
            return self._chat.mask_without(self._bans_left(self._opening))
        return None

    def refuses(self, token: int) -> bytes | None:
        """Return the mask to choose again under, if `token` would begin a call that no tool takes."""
        if self.mode != "opening" or self._grammar is None or self._grammar.accepts(token):
            return None
        begins = (self._opening + self._chat.token_bytes(token)).startswith(self._call_start)
        return self._grammar.mask() if begins else None

    # -- taking

    def take(self, token: int) -> str:
        """Take a chosen token and return the text that may now be shown.

        `ended` tells whether the turn is over.
        """
        if token in self._chat.ends:
            self.token_ids.append(self._chat.turn_end)
            self.ended = True
            return self._flush()
        self.token_ids.append(token)
        match self.mode:
            case "call":
                self._take_call(token)
                return ""
            case "opening":
                return self._take_opening(token)
            case "text":
                return self._speak(self._visible(token))

    def forced(self) -> list[int]:
        """Take the tokens that a call must go on with, and return them."""
        if self.mode != "call" or self._grammar is None or self.ended:
            return []
        tokens = [] if self._grammar.complete else self._grammar.forced()
        self.token_ids.extend(tokens)
        self._end_if_complete()
        return tokens

    def cut(self) -> str:
        """End the turn here, at a limit; return what was still held back."""
        self.ended = True
        return self._flush() if self.mode != "call" else ""

    @property
    def call(self) -> ToolCall | None:
        """The call that the turn is, once it is whole."""
        if self.mode != "call" or not self.ended:
            return None
        written = (token for token in self.token_ids if token != self._chat.turn_end)
        return self._chat.dialect.parse_call(b"".join(map(self._chat.token_bytes, written)).decode(errors="replace"))

    def replay_ids(self) -> tuple[int, ...]:
        """Return the ids by which the turn stands in later prompts; always closed by the end-of-turn id."""
        ids = self._ids_before_stop() if self._stops.found else list(self.token_ids)
        return (*ids, *(() if ids[-1:] == [self._chat.turn_end] else (self._chat.turn_end,)))

    # -- inside

    @property
    def _call_start(self) -> bytes:
        return self._chat.dialect.call_start.encode()

    def _visible(self, token: int) -> bytes:
        return b"" if self._chat.is_special(token) else self._chat.token_bytes(token)

    def _take_call(self, token: int) -> None:
        assert self._grammar is not None  # noqa: S101 - a call mode without tools cannot be reached
        self._grammar.advance(token)
        self._end_if_complete()

    def _end_if_complete(self) -> None:
        if self._grammar is not None and self._grammar.complete:
            self.token_ids.append(self._chat.turn_end)
            self.ended = True

    def _take_opening(self, token: int) -> str:
        self._opening += self._chat.token_bytes(token)
        if self._grammar is not None and self._grammar.accepts(token):
            self._grammar.advance(token)
            if self._opening.startswith(self._call_start):
                self.mode = "call"
                self._end_if_complete()
            return ""
        if self._grammar is None and self._bans_left(self._opening):
            return ""
        self.mode = "text"
        return self._speak(b"".join(map(self._visible, self.token_ids)))

    def _bans_left(self, written: bytes) -> tuple[bytes, ...]:
        """Return what may not come next, for a turn that must speak."""
        bans = (ban.encode() for ban in self._chat.dialect.speech_bans)
        return tuple(ban[len(written) :] for ban in bans if ban.startswith(written))

    def _speak(self, data: bytes) -> str:
        shown = self._stops.feed(self._decoder.decode(data))
        self.ended = self.ended or self._stops.found
        return shown

    def _flush(self) -> str:
        pending = b"".join(map(self._visible, self.token_ids)) if self.mode == "opening" else b""
        self.mode = "text" if self.mode == "opening" else self.mode
        return self._stops.feed(self._decoder.decode(pending, final=True)) + self._stops.rest()

    def _ids_before_stop(self) -> list[int]:
        kept = self._stops.shown.encode()
        ids: list[int] = []
        length = 0
        for token in self.token_ids:
            size = len(self._visible(token))
            if length + size > len(kept):
                break
            ids.append(token)
            length += size
        return ids + self._chat.encode_text(kept[length:].decode(errors="ignore"))

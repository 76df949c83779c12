"""Transcripts to token ids, and token ids to bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from llguidance import LLTokenizer
from tokenizers import Tokenizer

from lsp_server.dialects import TURN_END, Dialect, Plain, Replay, Special
from lsp_server.engine.base import Message
from lsp_server.errors import ModelRefused

_OTHER_ENDS = ("<|endoftext|>",)


class Chat:
    """A model folder's tokenizer, seen through a dialect.

    Text from people, files and tools is tokenised by a tokenizer that knows no special tokens, so that nothing
    in it can end a turn or begin one.
    """

    def __init__(self, tokenizer_json: str, dialect: Dialect, vocabulary: int | None = None) -> None:
        """Read a `tokenizer.json`; `vocabulary` is the model's number of logits where it is larger.

        Raises:
            ModelRefused: the tokenizer lacks one of the dialect's special tokens.
        """
        data = json.loads(tokenizer_json)
        self.dialect = dialect
        self._json = tokenizer_json
        self._added: dict[int, bytes] = {token["id"]: token["content"].encode() for token in data["added_tokens"]}
        self._plain = _without_special_tokens(data)
        self._known = max(self._plain.get_vocab_size() - 1, *self._added) + 1
        self.vocabulary = max(vocabulary or 0, self._known)
        ids = {token["content"]: token["id"] for token in data["added_tokens"]}
        self._marker_ids = {token: self._required(ids, token) for token in dialect.markers}
        self.turn_end = self._marker_ids[TURN_END]
        self.ends: frozenset[int] = frozenset({self.turn_end, *(ids[token] for token in _OTHER_ENDS if token in ids)})
        self._masks: dict[tuple[bytes, ...], bytes] = {}

    @classmethod
    def of_folder(cls, folder: Path, dialect: Dialect) -> Chat:
        """Read the tokenizer of a model folder.

        Raises:
            ModelRefused: there is none, it cannot be read, or it lacks a special token.
        """
        try:
            text = (folder / "tokenizer.json").read_text(encoding="utf-8")
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            return cls(text, dialect, config.get("vocab_size"))
        except ModelRefused:
            raise
        except Exception as error:
            raise ModelRefused(f"The tokenizer in {folder} cannot be read: {error}.") from error

    def _required(self, ids: Mapping[str, int], token: str) -> int:
        if token not in ids:
            raise ModelRefused(f"The tokenizer has no {token}, which the dialect {self.dialect.name} needs.")
        return ids[token]

    @cached_property
    def matching(self) -> LLTokenizer:
        """The tokenizer as constrained decoding wants it (made once: it takes most of a second)."""
        return LLTokenizer(self._json, n_vocab=self.vocabulary, eos_token=self.turn_end)

    def encode_text(self, text: str) -> list[int]:
        """Return the ids of plain text."""
        return self._plain.encode(text, add_special_tokens=False).ids

    def encode(self, messages: Sequence[Message]) -> list[int]:
        """Return the ids of a transcript, up to where the assistant's next turn begins."""
        ids: list[int] = []
        for segment in self.dialect.segments(messages):
            match segment:
                case Special(token):
                    ids.append(self._marker_ids[token])
                case Plain(text):
                    ids.extend(self.encode_text(text))
                case Replay(token_ids):
                    ids.extend(token_ids)
        return ids

    def marker_id(self, token: str) -> int:
        """Return the id of one of the dialect's special tokens."""
        return self._marker_ids[token]

    def unused_ids(self, count: int) -> list[int]:
        """Return ids of logits that stand for no token: rows that were never trained. May be empty."""
        return list(range(self._known, self.vocabulary))[-count:]

    def token_bytes(self, token: int) -> bytes:
        """Return what a token writes; a special token writes its name, an unused id nothing."""
        if token in self._added:
            return self._added[token]
        if token >= self._known:
            return b""
        return self.matching.decode_bytes([token])

    def is_special(self, token: int) -> bool:
        """Whether a token is one of the tokenizer's added tokens, or stands for nothing."""
        return token in self._added or token >= self._known

    def mask_without(self, beginnings: tuple[bytes, ...]) -> bytes:
        """Return a mask (see backend.Choice) of every token whose bytes begin with none of `beginnings`."""
        if beginnings not in self._masks:
            mask = bytearray(b"\xff" * (4 * ((self.vocabulary + 31) // 32)))
            for token in range(self.vocabulary):
                if self.token_bytes(token).startswith(beginnings):
                    mask[token // 8] &= ~(1 << (token % 8))
            self._masks[beginnings] = bytes(mask)
        return self._masks[beginnings]


def _without_special_tokens(data: Mapping[str, Any]) -> Tokenizer:
    return Tokenizer.from_str(json.dumps({**data, "added_tokens": [], "post_processor": None}))

"""A backend whose next token follows a script: everything above it (queue, cache, grammar, socket) is real."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from tokenizers import AddedToken, Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel

from lsp_server.dialects import Dialect, dialect_named
from lsp_server.resident.backend import Choice, GoOn, Interrupted
from lsp_server.resident.chat import Chat
from lsp_server.resident.generate import Model
from lsp_server.resident.pace import Pace
from lsp_server.resident.prefix_cache import PrefixCache

BYTES_KNOWN = 256

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>")
UNUSED = 11
"""Ids at the vocabulary's end that stand for no token, as real models have them."""
_ASSISTANT = "<|im_start|>assistant\n"

Script = Callable[[str], str]
"""From the whole prompt, as text, to the turn that follows."""


def byte_tokenizer() -> str:
    """Return the `tokenizer.json` of a tokenizer with one token a byte."""
    alphabet = sorted(ByteLevel.alphabet())
    tokenizer = Tokenizer(BPE(vocab={letter: number for number, letter in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False, use_regex=False)  # pyright: ignore[reportAttributeAccessIssue]
    tokenizer.decoder = ByteLevelDecoder()  # pyright: ignore[reportAttributeAccessIssue]
    special = [AddedToken(token, special=True) for token in SPECIAL]
    tokenizer.add_special_tokens(special)  # pyright: ignore[reportUnknownMemberType] - its stub says no more than list
    return tokenizer.to_str()


@cache
def byte_chat(dialect: str = "json-fence") -> Chat:
    """Return the chat over the byte tokenizer, which takes a while to make."""
    return Chat(byte_tokenizer(), dialect_named(dialect), BYTES_KNOWN + len(SPECIAL) + UNUSED)


@attrs.define
class ScriptedState:
    """The tokens that were computed."""

    tokens: list[int] = attrs.field(factory=list[int])


class ScriptedBackend:
    """Prefers the script's next byte; a mask may force another."""

    def __init__(self, chat: Chat, script: Script, seconds_per_token: float = 0.0) -> None:
        self._chat = chat
        self._script = script
        self._seconds = seconds_per_token
        self._byte_ids = {chat.token_bytes(number): number for number in range(BYTES_KNOWN)}
        self.steps: list[int] = []
        """How many tokens each prefill or step computed."""
        self.closed = False
        self.window = 10**9
        """Tokens up to which a state can be cut back."""

    @property
    def vocabulary(self) -> int:
        return self._chat.vocabulary

    @property
    def device(self) -> str:
        return "script"

    def new_state(self) -> ScriptedState:
        return ScriptedState()

    def prefill(self, state: ScriptedState, tokens: Sequence[int], go_on: GoOn | None = None) -> None:
        self._compute(state, tokens, self._seconds / 8, go_on)

    def step(
        self, state: ScriptedState, tokens: Sequence[int], keep: int = 1, go_on: GoOn | None = None
    ) -> np.ndarray[Any, Any]:
        self._compute(state, tokens, self._seconds / len(tokens), go_on)
        logits = np.zeros((keep, self.vocabulary), np.float32)
        logits[:, self._chat.turn_end] = 1.0
        for row in range(keep):
            logits[row, self._wanted(state.tokens[: len(state.tokens) - keep + 1 + row])] = 2.0
        return logits

    def choose(self, logits: np.ndarray[Any, Any], row: int, choice: Choice) -> int:
        scores: np.ndarray[Any, Any] = logits[row].copy()
        if choice.mask is not None:
            bits = np.unpackbits(np.frombuffer(choice.mask, np.uint8), bitorder="little")[: self.vocabulary]
            scores[bits == 0] = -np.inf
        if choice.sampling.temperature > 0:
            generator = np.random.default_rng((choice.seed, choice.step))
            noise: np.ndarray[Any, Any] = generator.gumbel(size=self.vocabulary)
            scores = np.add(scores, noise * choice.sampling.temperature)
        return int(np.argmax(scores))

    def trim(self, state: ScriptedState, length: int) -> bool:
        if len(state.tokens) > self.window:
            return False
        del state.tokens[length:]
        return True

    def spare(self, state: ScriptedState) -> int:
        return self.window - len(state.tokens)

    def copy(self, state: ScriptedState, length: int) -> ScriptedState:
        return ScriptedState(state.tokens[:length])

    def nbytes(self, state: ScriptedState) -> int:
        return 100 * len(state.tokens)

    def memory(self) -> int:
        return 1_000_000

    def row_similarity(self, token: int, others: Sequence[int]) -> float:
        return 1.0 if self._chat.token_bytes(token).startswith(b"<tool") else 0.1

    def close(self) -> None:
        self.closed = True

    def _compute(self, state: ScriptedState, tokens: Sequence[int], seconds: float, go_on: GoOn | None) -> None:
        asks = go_on if self.spare(state) >= len(tokens) else None
        before = len(state.tokens)
        for token in tokens:
            time.sleep(seconds)  # the device's speed, not a signal
            state.tokens.append(token)
            if asks is not None and not asks():
                self.trim(state, before)
                raise Interrupted
        self.steps.append(len(tokens))

    def _wanted(self, tokens: list[int]) -> int:
        data = b"".join(map(self._chat.token_bytes, tokens))
        prompt, _, written = data.rpartition(_ASSISTANT.encode())
        reply = self._script(prompt.decode()).encode()
        if not reply.startswith(written) or len(reply) == len(written):
            return self._chat.turn_end
        rest = reply[len(written) :]
        for special in SPECIAL:
            if rest.startswith(special.encode()):
                return BYTES_KNOWN + SPECIAL.index(special)
        return self._byte_ids[rest[:1]]


def scripted_model(
    script: Script,
    *,
    dialect: str = "json-fence",
    seconds_per_token: float = 0.0,
    context_tokens: int = 100_000,
    cache_bytes: int = 100_000_000,
) -> Model:
    """Return a model that follows a script, ready for `generate`; without drafts a token is a step."""
    chat = byte_chat(dialect)
    backend = ScriptedBackend(chat, script, seconds_per_token)
    held = PrefixCache(backend, cache_bytes)
    return Model(backend, chat, held, Pace(), context_tokens, "scripted", longest_draft=0)


def device_of(model: Model) -> ScriptedBackend:
    """Return the scripted device of a model that `scripted_model` made."""
    assert isinstance(model.backend, ScriptedBackend)
    return model.backend


def rules_script(rules: Sequence[Mapping[str, Any]], dialect: Dialect) -> Script:
    """Return the script of a list of rules, for a process of its own.

    A rule is `{"when": text, "say": text}` or `{"when": text, "call": {"name": ..., "arguments": ...}}`; the first
    whose `when` stands in the last turn of the prompt answers. `"repeat": n` says the text n times;
    `"seconds_per_token": s` slows this turn down, whatever the device's speed. `{"when": text, "raise": text}` fails as
    the device does.
    """
    from lsp_server.engine.base import ToolCall  # noqa: PLC0415

    def script(prompt: str) -> str:
        last = prompt.rstrip("\n").removesuffix("<|im_end|>").rpartition("<|im_start|>")[2]
        for rule in rules:
            if rule["when"] not in last:
                continue
            time.sleep(float(rule.get("seconds_per_token", 0.0)))  # the device's speed, not a signal
            if "raise" in rule:
                raise RuntimeError(rule["raise"])
            if "call" in rule:
                return dialect.render_call(ToolCall(rule["call"]["name"], rule["call"]["arguments"]))
            return str(rule["say"]) * int(rule.get("repeat", 1))
        return "I do not know."

    return script


def read_rules(path: Path) -> tuple[list[dict[str, Any]], float]:
    """Return the rules of a script file, `{"rules": [...], "seconds_per_token": s}`, and the device's speed."""
    data = json.loads(path.read_text(encoding="utf-8"))
    return data["rules"], float(data.get("seconds_per_token", 0.0))

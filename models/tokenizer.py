"""GGUF's vocabulary -> tokenizer.json: byte-level BPE with Qwen2's split pattern."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from lsp_server.errors import ModelBuildFailed

_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_CONTROL, _USER_DEFINED, _UNUSED = 3, 4, 5
"""GGUF's token types: never shown; shown, but one token wherever it stands; a row without a token."""


@attrs.frozen
class Vocabulary:
    """A byte-level BPE vocabulary, ids by position."""

    tokens: tuple[str, ...]
    kinds: tuple[int, ...]
    """GGUF's type of each token."""
    merges: tuple[str, ...]
    """Pairs with a space between, the first to be joined first."""
    end: int
    """Id of the token that ends a turn."""
    padding: int
    context_tokens: int


def build_tokenizer(vocabulary: Vocabulary) -> Tokenizer:
    """Return the tokenizer of `vocabulary`."""
    typed = list(enumerate(zip(vocabulary.tokens, vocabulary.kinds, strict=True)))
    words = {token: row for row, (token, kind) in typed if kind not in {_CONTROL, _USER_DEFINED, _UNUSED}}
    merges: list[tuple[str, str]] = []
    for merge in vocabulary.merges:
        left, right = merge.split(" ")
        merges.append((left, right))
    tokenizer = Tokenizer(models.BPE(vocab=words, merges=merges, fuse_unk=False, byte_fallback=False))
    tokenizer.normalizer = normalizers.NFC()
    split = pre_tokenizers.Split(Regex(_SPLIT), behavior="isolated", invert=False)
    bytewise = pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, bytewise])
    tokenizer.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    added = [_added(token, kind) for _, (token, kind) in typed if kind in {_CONTROL, _USER_DEFINED}]
    tokenizer.add_tokens(added)  # pyright: ignore[reportUnknownMemberType] - a bare list in its stubs
    return tokenizer


def write_tokenizer(vocabulary: Vocabulary, folder: Path) -> None:
    """Write tokenizer.json and tokenizer_config.json into `folder`; the chat template is the folder's own matter."""
    tokenizer = build_tokenizer(vocabulary)
    for row, (token, kind) in enumerate(zip(vocabulary.tokens, vocabulary.kinds, strict=True)):
        if kind in {_CONTROL, _USER_DEFINED} and tokenizer.token_to_id(token) != row:
            raise ModelBuildFailed(f"The base's vocabulary is unlike Qwen2's: {token!r} is not its token {row}.")
    tokenizer.save(str(folder / "tokenizer.json"))
    config: dict[str, Any] = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "add_bos_token": False,
        "add_prefix_space": False,
        "bos_token": None,
        "eos_token": vocabulary.tokens[vocabulary.end],
        "pad_token": vocabulary.tokens[vocabulary.padding],
        "unk_token": None,
        "clean_up_tokenization_spaces": False,
        "errors": "replace",
        "model_max_length": vocabulary.context_tokens,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", "utf-8")


def _added(token: str, kind: int) -> AddedToken:
    return AddedToken(token, special=kind == _CONTROL, normalized=False, single_word=False, lstrip=False, rstrip=False)

"""Whether a call asks for what the conversation suggests: anything else teaches the model to make things up."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsp_server.engine.base import Message, ToolCall

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_STEM = 4
"""Letters by which words are told apart: `retry` and `retries` are one word."""
_EVERYWHERE = frozenset({"init"})
"""Parts of names that need not be said: whoever asks for a constructor's arguments means `__init__`."""


def unsuggested(messages: Sequence[Message]) -> str:
    """Return in a few words which call of a conversation asks for what nothing before it suggests, or nothing."""
    said: set[str] = set()
    for message in messages:
        if message.call is not None:
            fault = _fault(message.call, said)
            if fault:
                return fault
        elif message.role != "system":
            said |= stems(message.text)
    return ""


def stems(text: str) -> set[str]:
    """Return the beginnings of a text's words, names of code taken apart."""
    return {word[:_STEM].lower() for word in _WORD.findall(text)}


def _fault(call: ToolCall, said: set[str]) -> str:
    match call.name:
        case "search":
            pattern = stems(str(call.arguments.get("pattern", "")))
            return "a search for words that nothing suggests" if pattern and not pattern & said else ""
        case "symbols":
            names = stems(" ".join(str(value) for key, value in call.arguments.items() if key != "kind"))
            return "a call with a name that nobody said" if names - said - _EVERYWHERE else ""
        case "read_file":
            return "a file that nobody named" if stems(str(call.arguments.get("path", ""))) - said else ""
        case _:
            return ""

"""Finds the calls that other models write as text: JSON, bare or in a fence, and XML-like shapes, while it streams.

A call is taken where a line begins with one of
    ```json {"name": ..., "arguments": {...}} ```    (the fence may name json or nothing)
    {"name": ..., "arguments": {...}}
    <tools> or <tool_call> round either of these
    <function=name>{...}</function>, or <parameter=key>value</parameter> inside
and the name is that of a known tool. Everything else comes out unchanged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

import attrs

from lsp_server.engine.base import ToolCall

_LONGEST = 6000
"""A call is not longer than this many characters; what is, is text."""

_OPENER = re.compile(
    r"(?:(?P<wrapper><tools>|<tool_call>)\s*)?"
    r"(?:(?P<fence>```(?:json)?[ \t]*\n\s*)?(?P<json>\{)|<function=(?P<function>[^>\n]{1,64})>)"
)
_MAY_OPEN = ("```json", "<tools>", "<tool_call>", "<function=")
_FIRST_KEY = re.compile(r'\{\s*"name"\s*:\s*"(?P<name>[^"\\]*)"')
_FIRST_KEY_BEGINS = re.compile(r'\{\s*(?:$|"(?:$|n$|na$|nam$|name$|name"\s*(?:$|:\s*(?:$|"[^"\\]{0,64}$))))')
_PARAMETER = re.compile(r"<parameter=([^>\n]+)>\n?(.*?)\n?</parameter>", re.DOTALL)
_NAMES_OF_ARGUMENTS = ("arguments", "parameters")
_KEYS_OF_A_CALL = frozenset({"name", "id", "type", *_NAMES_OF_ARGUMENTS})


@attrs.frozen
class _Found:
    call: ToolCall
    length: int


class ForeignCalls:
    """Separates text from calls in one turn of an endpoint's model."""

    def __init__(self, tools: Iterable[str]) -> None:
        self._tools = frozenset(tools)
        self._held = ""
        self._at_line_start = True

    def feed(self, text: str) -> list[str | ToolCall]:
        """Take more text; return what is decided now, in order."""
        self._held += text
        return self._drain(last=False)

    def finish(self) -> list[str | ToolCall]:
        """The turn is whole: return the rest."""
        return self._drain(last=True)

    def _drain(self, *, last: bool) -> list[str | ToolCall]:
        pieces: list[str | ToolCall] = []
        while self._held:
            start = self._next_candidate()
            if start:
                self._text(pieces, start)
                continue
            decided = self._decide(last=last)
            if decided is None:
                break
            if isinstance(decided, int):
                self._text(pieces, decided)
                continue
            pieces.append(decided.call)
            self._held = self._held[decided.length :]
            self._at_line_start = True
        return pieces

    def _text(self, pieces: list[str | ToolCall], length: int) -> None:
        text, self._held = self._held[:length], self._held[length:]
        self._at_line_start = text.endswith("\n") or (self._at_line_start and not text.strip(" \t"))
        if pieces and isinstance(pieces[-1], str):
            pieces[-1] += text
        else:
            pieces.append(text)

    def _next_candidate(self) -> int:
        """Return how much of the held text stands before the next place where a call could begin."""
        if self._at_line_start:
            blank = len(self._held) - len(self._held.lstrip(" \t"))
            if blank:
                return blank
            if self._held[0] in "`<{":
                return 0
        line_end = self._held.find("\n")
        return len(self._held) if line_end < 0 else line_end + 1

    def _decide(self, *, last: bool) -> _Found | int | None:
        """Return the call at the held text's start, or how much of it is text; None while that is open."""
        text = self._held[:_LONGEST]
        open_end = not last and len(self._held) < _LONGEST
        opener = _OPENER.match(text)
        if opener is None:
            return None if open_end and _opener_begins(text) else self._one_mark(text)
        if opener["function"] is not None:
            return self._function(text, opener, open_end=open_end)
        return self._object(text, opener, open_end=open_end)

    def _one_mark(self, text: str) -> int:
        # Only the mark itself is text for sure: what follows a wrapper may be a call of another shape.
        return max(1, len(text) - len(text.lstrip("`<{")))

    def _object(self, text: str, opener: re.Match[str], *, open_end: bool) -> _Found | int | None:
        begin = opener.start("json")
        name = _FIRST_KEY.match(text, begin)
        if name is None:
            return None if open_end and _FIRST_KEY_BEGINS.match(text[begin:]) else self._one_mark(text)
        if name["name"] not in self._tools:
            return self._one_mark(text)
        end = _object_end(text, begin)
        if end is None:
            return None if open_end else self._one_mark(text)
        call = _call(text[begin:end])
        if call is None:
            return self._one_mark(text)
        closers = ["```"] if opener["fence"] else []
        if opener["wrapper"]:
            closers.append(opener["wrapper"].replace("<", "</"))
        length = _closed(text, end, closers, open_end=open_end)
        return None if length is None else _Found(call, length)

    def _function(self, text: str, opener: re.Match[str], *, open_end: bool) -> _Found | int | None:
        name = opener["function"].strip()
        if name not in self._tools:
            return self._one_mark(text)
        end = text.find("</function>", opener.end())
        if end < 0:
            return None if open_end else self._one_mark(text)
        arguments = _arguments(text[opener.end() : end])
        if arguments is None:
            return self._one_mark(text)
        closers = [opener["wrapper"].replace("<", "</")] if opener["wrapper"] else []
        length = _closed(text, end + len("</function>"), closers, open_end=open_end)
        return None if length is None else _Found(ToolCall(name, arguments), length)


def _opener_begins(text: str) -> bool:
    """Say whether `text` may be the beginning of an opener that is not whole yet."""
    rest = text
    for wrapper in ("<tools>", "<tool_call>"):
        if wrapper.startswith(rest):
            return True
        if text.startswith(wrapper):
            rest = text[len(wrapper) :].lstrip()
    if not rest or any(opener.startswith(rest) for opener in _MAY_OPEN):
        return True
    if re.fullmatch(r"```(?:json)?[ \t]*(?:\n\s*)?", rest):
        return True
    return re.fullmatch(r"<function=[^>\n]{0,64}", rest) is not None


def _object_end(text: str, begin: int) -> int | None:
    """Return where the JSON object that begins at `begin` ends; None where it does not."""
    depth, quoted, escaped = 0, False, False
    for at in range(begin, len(text)):
        character = text[at]
        if quoted:
            quoted = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            quoted = True
        elif character in "{[":
            depth += 1
        elif character in "}]":
            depth -= 1
            if depth == 0:
                return at + 1
    return None


def _call(text: str) -> ToolCall | None:
    data = _json_object(text)
    if data is None or not _KEYS_OF_A_CALL.issuperset(data):
        return None
    given = [data[name] for name in _NAMES_OF_ARGUMENTS if name in data]
    if len(given) != 1:
        return None
    arguments = _json_object(given[0]) if isinstance(given[0], str) else given[0]
    return ToolCall(str(data["name"]), cast("dict[str, Any]", arguments)) if isinstance(arguments, dict) else None


def _arguments(body: str) -> Mapping[str, Any] | None:
    parameters = _PARAMETER.findall(body)
    if parameters:
        return {name.strip(): value for name, value in parameters}
    return {} if not body.strip() else _json_object(body)


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", data) if isinstance(data, dict) else None


def _closed(text: str, at: int, closers: Iterable[str], *, open_end: bool) -> int | None:
    """Return where a call ends with its closing marks, those that are there; None while one may still come."""
    for closer in closers:
        rest = text[at:].lstrip()
        if rest.startswith(closer):
            at = len(text) - len(rest) + len(closer)
        elif open_end and closer.startswith(rest):
            return None
    return at

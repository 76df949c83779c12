"""Rows of the training data: conversations as they were recorded, on the disk and as token ids."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import attrs

from lsp_server.engine.base import Message, ToolCall
from lsp_server.errors import ModelBuildFailed
from lsp_server.resident.chat import Chat

_ROLES = ("system", "user", "assistant", "tool")
_ADDED = re.compile(r"\n\n(?:In this workspace: |Selected, )")
"""How what the product adds to a question begins: a lookup line, a selection."""
_HINT = "Correct the line, or run `python -m models data make` to make the file anew."


@attrs.frozen
class Row:
    """One conversation as the product sends it; every assistant turn in it is trained."""

    id: str
    kind: str
    codebase: str
    wording: str
    """Which way of asking the question was made with; empty where it was written by hand."""
    messages: tuple[Message, ...]
    """The system message first, an answer last; assistant turns without token ids."""

    @property
    def questions(self) -> tuple[str, ...]:
        """Every question, without what the product added below it; of an explanation the whole prompt."""
        asked = [message.text for message in self.messages if message.role == "user"]
        return tuple(asked if self.kind == "explanation" else (_ADDED.split(text, maxsplit=1)[0] for text in asked))

    @property
    def question(self) -> str:
        """The first question."""
        return self.questions[0]

    @property
    def answer(self) -> str:
        """The last answer."""
        return self.messages[-1].text

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """Every call, in order."""
        return tuple(message.call for message in self.messages if message.call is not None)


@attrs.frozen
class Encoded:
    """A row as token ids, exactly as the product would have sent and received them."""

    prefix_ids: tuple[int, ...]
    """The system message: the same for all rows of one system prompt."""
    ids: tuple[int, ...]
    """What follows, to the end of the last answer's turn."""
    trained: tuple[bool, ...]
    """For each of `ids` whether the model generated it: assistant turns with their turn ends."""

    @property
    def total(self) -> int:
        """Tokens of the whole conversation."""
        return len(self.prefix_ids) + len(self.ids)


def encode(row: Row, chat: Chat) -> Encoded:
    """Return a row as token ids, with the ids that are trained."""
    messages = [_generated(message, chat) for message in row.messages]
    ids: list[int] = []
    trained: list[bool] = []
    for number, message in enumerate(messages):
        if message.role != "assistant":
            continue
        prompt = chat.encode(messages[:number])
        fresh = (*prompt[len(ids) :], *message.token_ids)
        trained += [False] * (len(prompt) - len(ids)) + [True] * len(message.token_ids)
        ids += fresh
    opening = len(chat.encode(()))
    prefix = len(chat.encode(messages[:1])) - opening
    return Encoded(tuple(ids[:prefix]), tuple(ids[prefix:]), tuple(trained[prefix:]))


def generated_ids(message: Message, chat: Chat) -> tuple[int, ...]:
    """Return the ids that a model generates for an assistant turn, its end included."""
    text = message.text if message.call is None else chat.dialect.render_call(message.call)
    return (*chat.encode_text(text), chat.turn_end)


def read_rows(path: Path) -> tuple[Row, ...]:
    """Read a file of rows.

    Raises:
        ModelBuildFailed: it is missing, cannot be read, or a line of it is broken: the sentence names the line.
    """
    return tuple(_row(value, where) for where, value in json_lines(path, _HINT))


def json_lines(path: Path, hint: str = _HINT) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the objects of a JSONL file, each with the words that name its line; blank lines are left out.

    Raises:
        ModelBuildFailed: the file cannot be read, or a line of it is no JSON object.
    """
    try:
        lines = path.read_text("utf-8").split("\n")
    except OSError as error:
        raise ModelBuildFailed(f"{path} cannot be read: {error.strerror or error}.", hint) from error
    except UnicodeDecodeError as error:
        raise ModelBuildFailed(f"{path} is no UTF-8 text: {error.reason}.", hint) from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            value: Any = json.loads(line)
        except ValueError as error:
            raise ModelBuildFailed(f"{where}, is broken: {error}.", hint) from error
        if not isinstance(value, dict):
            raise ModelBuildFailed(f"{where}, is broken: it is no JSON object.", hint)
        yield where, value


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write rows such that the file appears whole or stays as it was."""
    fresh = path.with_name(f".{path.name}")
    fresh.write_text("".join(json.dumps(_to_json(row), ensure_ascii=False) + "\n" for row in rows), "utf-8")
    fresh.replace(path)


def _generated(message: Message, chat: Chat) -> Message:
    if message.role != "assistant":
        return message
    return attrs.evolve(message, token_ids=generated_ids(message, chat))


def _to_json(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "codebase": row.codebase,
        "wording": row.wording,
        "messages": [_message_to_json(message) for message in row.messages],
    }


def _message_to_json(message: Message) -> dict[str, Any]:
    if message.call is not None:
        return {"role": message.role, "call": {"name": message.call.name, "arguments": dict(message.call.arguments)}}
    return {"role": message.role, "content": message.text}


def _row(value: dict[str, Any], where: str) -> Row:
    match value:
        case {
            "id": str(name),
            "kind": str(kind),
            "codebase": str(codebase),
            "wording": str(wording),
            "messages": [_, _, _, *_] as messages,
        }:
            row = Row(name, kind, codebase, wording, tuple(_message(message, where) for message in messages))
        case _:
            raise _broken(where, "a row has id, kind, codebase, wording, and at least three messages")
    if not _is_conversation(row.messages):
        raise _broken(where, "its messages are no conversation that begins with a system message and ends in words")
    return row


def _message(value: object, where: str) -> Message:
    match value:
        case {"role": str(role), "content": str(content)} if role in _ROLES:
            return Message(role, content)
        case {"role": "assistant", "call": {"name": str(name), "arguments": dict()}}:
            call = cast("dict[str, Any]", value)["call"]
            return Message("assistant", call=ToolCall(name, call["arguments"]))
        case _:
            raise _broken(where, "a message has a role, and content or a call")


def _is_conversation(messages: Sequence[Message]) -> bool:
    """Whether turns alternate: a question or a result, then what the model generates; words come last."""
    first, *turns = messages
    asked, said = turns[::2], turns[1::2]
    return (
        first.role == "system"
        and len(asked) == len(said)
        and all(turn.role == "assistant" for turn in said)
        and said[-1].call is None
        and [turn.role for turn in asked] == ["user", *("tool" if turn.call else "user" for turn in said[:-1])]
    )


def _broken(where: str, why: str) -> ModelBuildFailed:
    return ModelBuildFailed(f"{where}, is broken: {why}.", _HINT)

"""The framework's messages as the engine's, and back; the prefix of a transcript never changes."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from lsp_server.agent.prompts import unknown_tool
from lsp_server.agent.results import problem_text
from lsp_server.engine.base import Message, ToolCall

TOKEN_IDS = "token_ids"  # noqa: S105 - a key, not a secret
"""Key of a response's provider details: the ids that were generated for it."""


def engine_messages(system: str, history: Sequence[ModelMessage]) -> tuple[Message, ...]:
    """Return the transcript for the engine, the system message first."""
    messages = [Message("system", system)]
    for message in in_our_words(history):
        if isinstance(message, ModelResponse):
            messages.append(_assistant(message))
        else:
            messages.extend(_requests(message))
    return tuple(messages)


def in_our_words(history: Sequence[ModelMessage]) -> list[ModelMessage]:
    """Return the history with the framework's own words about failed calls replaced by ours.

    The framework answers a call of an unknown tool by itself; every other failure is a result of tools.py.
    """
    return [_reworded(message) if isinstance(message, ModelRequest) else message for message in history]


def _reworded(request: ModelRequest) -> ModelRequest:
    if not any(isinstance(part, ToolReturnPart) and part.outcome == "retried" for part in request.parts):
        return request
    parts = [
        ToolReturnPart(part.tool_name, problem_text(*unknown_tool(part.tool_name)), part.tool_call_id)
        if isinstance(part, ToolReturnPart) and part.outcome == "retried"
        else part
        for part in request.parts
    ]
    return ModelRequest(parts=parts, instructions=request.instructions)


def _assistant(response: ModelResponse) -> Message:
    ids: Sequence[int] = (response.provider_details or {}).get(TOKEN_IDS, ())
    calls = [part for part in response.parts if isinstance(part, ToolCallPart)]
    if calls:
        return Message("assistant", call=ToolCall(calls[0].tool_name, calls[0].args_as_dict()), token_ids=tuple(ids))
    text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
    return Message("assistant", text, token_ids=tuple(ids))


def _requests(request: ModelRequest) -> list[Message]:
    messages: list[Message] = []
    for part in request.parts:
        if isinstance(part, UserPromptPart):
            messages.append(Message("user", _user_text(part)))
        elif isinstance(part, ToolReturnPart):
            messages.append(Message("tool", part.model_response_str()))
    return messages


def _user_text(part: UserPromptPart) -> str:
    return part.content if isinstance(part.content, str) else "\n".join(str(piece) for piece in part.content)

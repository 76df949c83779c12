"""The tools as the framework sees them: every call is admitted by the ledger, run beside the loop, and recorded."""

from __future__ import annotations

import json
import threading
from typing import Any, Literal, cast

import anyio.to_thread
from pydantic_ai import RunContext
from pydantic_ai.tools import ToolDefinition
from pydantic_ai.toolsets import AbstractToolset, ToolsetTool

from lsp_server.agent.prompts import TOOLS
from lsp_server.agent.tools import Toolbox, ToolOutcome
from lsp_server.agent.turns import Turns
from lsp_server.trace import SpanName
from lsp_server.trace_lines import call_words

_RAW = "raw"
"""Key under which arguments that are no JSON object travel to `Toolbox`, which says so in our words."""


class WorkspaceTools(AbstractToolset[Any]):
    """The four tools for one question."""

    def __init__(self, toolbox: Toolbox, turns: Turns) -> None:
        self._toolbox = toolbox
        self._turns = turns
        self.outcomes: list[ToolOutcome] = []
        """Of every call so far, in order; those answered from memory included."""

    @property
    def id(self) -> str:
        """The toolset's name."""
        return "workspace"

    async def get_tools(self, ctx: RunContext[Any]) -> dict[str, ToolsetTool[Any]]:
        """Return the tools; always the same, so that a prompt's prefix never changes."""
        del ctx
        return {
            tool.name: ToolsetTool(
                toolset=self,
                tool_def=ToolDefinition(
                    name=tool.name,
                    description=tool.summary,
                    parameters_json_schema=dict(tool.parameters),
                    sequential=True,
                ),
                max_retries=0,
                args_validator=_Anything(),
            )
            for tool in TOOLS
        }

    async def call_tool(
        self, name: str, tool_args: dict[str, Any], ctx: RunContext[Any], tool: ToolsetTool[Any]
    ) -> str:
        """Run a call and return the result as the model sees it."""
        del ctx, tool
        arguments = _given(tool_args)
        shown = arguments if isinstance(arguments, dict) else None
        span_name: SpanName = name  # pyright: ignore[reportAssignmentType] - the tools' names are span names
        with self._turns.recorder.span(span_name, shown) as span:
            self._turns.progress(call_words(name, shown))
            outcome = self._turns.ledger.recall(name, arguments)
            if outcome is None:
                outcome = await self._run(name, arguments)
                self._turns.ledger.remember(name, arguments, outcome)
            span.summary = outcome.summary
            span.hits = outcome.hits
            span.error = outcome.error
            span.locations = tuple(row.citation for row in outcome.rows)
        self.outcomes.append(outcome)
        return outcome.text

    async def _run(self, name: str, arguments: object) -> ToolOutcome:
        stop = threading.Event()
        try:
            return await anyio.to_thread.run_sync(
                self._toolbox.call, name, arguments, stop.is_set, abandon_on_cancel=True
            )
        finally:
            stop.set()


class _Anything:
    """Takes whatever a model sends: the tools check their arguments themselves."""

    def validate_json(
        self,
        input: str | bytes | bytearray,  # noqa: A002 - the framework's name
        *,
        allow_partial: bool | Literal["off", "on", "trailing-strings"] = False,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Pass the text on."""
        del allow_partial, kwargs
        return {_RAW: input if isinstance(input, str) else bytes(input).decode(errors="replace")}

    def validate_python(
        self,
        input: Any,  # noqa: A002 - the framework's name
        *,
        allow_partial: bool | Literal["off", "on", "trailing-strings"] = False,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Pass an object on as it is."""
        del allow_partial, kwargs
        return input if isinstance(input, dict) else {_RAW: input}  # pyright: ignore[reportUnknownVariableType]


def _given(tool_args: dict[str, Any]) -> dict[str, Any] | str:
    """Return the arguments as an object where they are one, else as the model wrote them."""
    raw = tool_args.get(_RAW)
    if not isinstance(raw, str) or len(tool_args) > 1:
        return tool_args
    try:
        data: object = json.loads(raw or "{}")
    except (ValueError, RecursionError):
        return raw
    return cast("dict[str, Any]", data) if isinstance(data, dict) else raw

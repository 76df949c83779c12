"""A trace in words: the line of a step, and the line of a whole answer."""

from __future__ import annotations

from collections.abc import Mapping

from lsp_server.trace import TOOL_SPANS, Trace

_LONGEST_ARGUMENTS = 80
_CHIEF_ARGUMENTS = frozenset({"pattern", "name", "path", "command"})


def step_line(name: str, arguments: Mapping[str, object] | None, summary: str, ms: float) -> str:
    """Return the line of one step: "search `class .*Protocol` · 12 hits · 34 ms"."""
    return " · ".join(filter(None, (call_words(name, arguments), summary, f"{ms:.0f} ms")))


def call_words(name: str, arguments: Mapping[str, object] | None) -> str:
    """Return a step and what it is asked for: "search `class .*Protocol`"."""
    return f"{name} `{_in_words(arguments)}`" if arguments else name


def timing_line(trace: Trace) -> str:
    """Return the line of a whole answer: "1.9 s · 2 tools · 96 % cached · 41 tok/s"."""
    tools = sum(span.name in TOOL_SPANS for span in trace.spans)
    timing = trace.timing
    parts = [f"{trace.total_ms / 1000:.1f} s", f"{tools} tool{'' if tools == 1 else 's'}"]
    if timing.prompt_tokens:
        parts.append(f"{100 * timing.cached_tokens / timing.prompt_tokens:.0f} % cached")
    if timing.decode_tokens_per_second:
        parts.append(f"{timing.decode_tokens_per_second:.0f} tok/s")
    return " · ".join(parts)


def _in_words(arguments: Mapping[str, object]) -> str:
    """What a tool is chiefly asked for needs no name."""
    words = " ".join(str(value) if name in _CHIEF_ARGUMENTS else f"{name}={value}" for name, value in arguments.items())
    words = " ".join(words.split()).replace("`", "'")
    return words if len(words) <= _LONGEST_ARGUMENTS else words[: _LONGEST_ARGUMENTS - 1] + "…"

"""What happened while a question was answered: places, spans and timing, as values."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Literal

import attrs
from lsprotocol.types import Position, Range

SpanName = Literal[
    "lookup", "search", "symbols", "read_file", "run_command", "prefill", "decode", "queue", "load", "verify"
]

TOOL_SPANS: frozenset[SpanName] = frozenset({"search", "symbols", "read_file", "run_command"})


@attrs.frozen
class Citation:
    """A place in the workspace."""

    uri: str
    """The file's URI."""
    path: str
    """The path relative to its workspace folder, with forward slashes."""
    range: Range
    """Zero-based, as in LSP; whole lines."""
    text: str = ""
    """The first line of the place as it stands in the file or open buffer."""
    verified: bool = False
    """Whether the place was checked against the files (see agent/citations.py)."""

    @property
    def start(self) -> int:
        """First line, one-based."""
        return self.range.start.line + 1

    @property
    def end(self) -> int:
        """Last line, one-based and inclusive."""
        return self.range.end.line + 1


def line_range(start: int, end: int, last_length: int = 0) -> Range:
    """Return the LSP range of the one-based, inclusive lines `start` to `end`."""
    return Range(Position(start - 1, 0), Position(end - 1, last_length))


@attrs.frozen
class Span:
    """One step of an answer."""

    name: SpanName
    summary: str
    """One line for a person: what was asked and what came back."""
    start_ms: float
    """Milliseconds since the trace began."""
    ms: float
    arguments: Mapping[str, object] | None = None
    hits: int | None = None
    error: str | None = None
    locations: tuple[Citation, ...] = ()


@attrs.frozen
class Timing:
    """The sums over all turns of an answer."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    """Prompt tokens whose keys and values were still held from an earlier turn."""
    output_tokens: int = 0
    ttft_ms: float = 0.0
    """From the question to the first visible character."""
    prefill_tokens_per_second: float = 0.0
    decode_tokens_per_second: float = 0.0
    peak_memory_bytes: int = 0


@attrs.frozen
class Trace:
    """The whole story of one answer."""

    id: str
    model: str
    started_at: str
    """ISO 8601, UTC."""
    total_ms: float
    spans: tuple[Span, ...]
    timing: Timing


@attrs.define
class OpenSpan:
    """A span that is still running; fill in what becomes known."""

    name: SpanName
    arguments: Mapping[str, object] | None = None
    summary: str = ""
    hits: int | None = None
    error: str | None = None
    locations: tuple[Citation, ...] = ()


class TraceRecorder:
    """Collects spans and tells a listener of each as it ends."""

    def __init__(self, listener: Callable[[Span], None] | None = None) -> None:
        self._began = time.perf_counter()
        self._listener = listener
        self.spans: list[Span] = []

    def now_ms(self) -> float:
        """Milliseconds since the recorder was made."""
        return (time.perf_counter() - self._began) * 1000

    @contextmanager
    def span(self, name: SpanName, arguments: Mapping[str, object] | None = None) -> Generator[OpenSpan]:
        """Record a span around the block, also when the block raises."""
        opened = OpenSpan(name, arguments)
        start = self.now_ms()
        try:
            yield opened
        except BaseException as error:
            opened.error = opened.error or str(error) or type(error).__name__
            raise
        finally:
            self.add(
                Span(
                    name=name,
                    summary=opened.summary,
                    start_ms=round(start, 1),
                    ms=round(self.now_ms() - start, 1),
                    arguments=opened.arguments,
                    hits=opened.hits,
                    error=opened.error,
                    locations=opened.locations,
                )
            )

    def add(self, span: Span) -> None:
        """Append a finished span, for steps that were timed elsewhere."""
        self.spans.append(span)
        if self._listener is not None:
            self._listener(span)

"""The account of one question's turns: spans, sums, time to the first visible character."""

from __future__ import annotations

from lsp_server.agent.base import Listener
from lsp_server.agent.limits import Ledger
from lsp_server.engine.base import TurnTiming
from lsp_server.trace import Span, SpanName, Timing, TraceRecorder
from lsp_server.wire import AskPart, ResetPart, SpanPart, TextPart

_NOTICEABLE_SECONDS = 0.001


class Turns:
    """What a model implementation tells of the turns it takes, for one question."""

    def __init__(self, ledger: Ledger, listener: Listener) -> None:
        self.ledger = ledger
        self.recorder = TraceRecorder(self._span_ended)
        self._listener = listener
        self._first_text_ms: float | None = None
        self._prefill_seconds = 0.0
        self._decode_seconds = 0.0
        self._prompt = 0
        self._cached = 0
        self._output = 0
        self._peak = 0
        self.context_tokens = 0
        """Prompt and output of the last turn: what the transcript takes of the window."""

    def part(self, part: AskPart) -> None:
        """Hand a part to the listener, noting when the first text is seen."""
        if isinstance(part, TextPart) and self._first_text_ms is None and part.delta.strip():
            self._first_text_ms = self.recorder.now_ms()
        if isinstance(part, ResetPart):
            self._first_text_ms = None
        self._listener.part(part)

    def progress(self, message: str, percent: int | None = None) -> None:
        """Hand a line about the running step to the listener."""
        self._listener.progress(message, percent)

    def turn_ended(self, timing: TurnTiming, began_ms: float, what: str) -> None:
        """Record a turn.

        Args:
            timing: Its tokens and seconds.
            began_ms: When it was begun, on the recorder's clock.
            what: What came of it, such as "call of search".
        """
        fresh = timing.prompt_tokens - timing.cached_tokens
        share = round(100 * timing.cached_tokens / timing.prompt_tokens) if timing.prompt_tokens else 0
        at = began_ms
        at = self._step("queue", at, timing.queue_seconds, "waited for the model", always=False)
        at = self._step("load", at, timing.load_seconds, "loaded the model", always=False)
        at = self._step("prefill", at, timing.prefill_seconds, f"read {fresh} tokens, {share} % cached")
        rate = _rate(timing.output_tokens, timing.decode_seconds)
        self._step("decode", at, timing.decode_seconds, f"{what}, {timing.output_tokens} tokens, {rate:.0f} tok/s")
        self._prompt += timing.prompt_tokens
        self._cached += timing.cached_tokens
        self._output += timing.output_tokens
        self._prefill_seconds += timing.prefill_seconds
        self._decode_seconds += timing.decode_seconds
        self._peak = max(self._peak, timing.peak_memory_bytes)
        self.context_tokens = timing.prompt_tokens + timing.output_tokens
        self.ledger.turn_ended(timing.prompt_tokens, timing.output_tokens)

    def timing(self) -> Timing:
        """Return the sums so far."""
        return Timing(
            prompt_tokens=self._prompt,
            cached_tokens=self._cached,
            output_tokens=self._output,
            ttft_ms=round(self.recorder.now_ms() if self._first_text_ms is None else self._first_text_ms, 1),
            prefill_tokens_per_second=round(_rate(self._prompt - self._cached, self._prefill_seconds), 1),
            decode_tokens_per_second=round(_rate(self._output, self._decode_seconds), 1),
            peak_memory_bytes=self._peak,
        )

    def _step(self, name: SpanName, at: float, seconds: float, summary: str, *, always: bool = True) -> float:
        if always or seconds >= _NOTICEABLE_SECONDS:
            self.recorder.add(Span(name, summary, round(at, 1), round(seconds * 1000, 1)))
        return at + seconds * 1000

    def _span_ended(self, span: Span) -> None:
        self._listener.part(SpanPart(span))


def _rate(tokens: int, seconds: float) -> float:
    return tokens / seconds if seconds > 0 else 0.0

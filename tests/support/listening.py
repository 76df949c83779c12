"""A listener that keeps what it hears."""

from __future__ import annotations

from lsp_server.trace import Citation, Span
from lsp_server.wire import AskPart, CitationPart, ResetPart, SpanPart, TextPart


class Heard:
    """Keeps every part and every line of progress."""

    def __init__(self) -> None:
        self.parts: list[AskPart] = []
        self.lines: list[tuple[str, int | None]] = []

    def part(self, part: AskPart) -> None:
        """Keep a part."""
        self.parts.append(part)

    def progress(self, message: str, percent: int | None) -> None:
        """Keep a line."""
        self.lines.append((message, percent))

    @property
    def text(self) -> str:
        """What stands on the person's screen."""
        text = ""
        for part in self.parts:
            if isinstance(part, ResetPart):
                text = ""
            elif isinstance(part, TextPart):
                text += part.delta
        return text

    @property
    def citations(self) -> list[Citation]:
        """Every place that was checked."""
        return [part.citation for part in self.parts if isinstance(part, CitationPart)]

    @property
    def spans(self) -> list[Span]:
        """Every step that ended."""
        return [part.span for part in self.parts if isinstance(part, SpanPart)]

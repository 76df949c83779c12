"""A trace as diagnostics: where the tools looked and what the answer cites, in the editor's own margin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

import attrs
from lsprotocol import types

from lsp_server.lsp import edits
from lsp_server.trace import TOOL_SPANS, Citation
from lsp_server.wire import AskResult

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer

SOURCE = "inglenook"
PER_FILE = 30
"""More marks than this hide the code."""

Mode = Literal["off", "citations", "all"]


@attrs.frozen
class Mark:
    """A line of a file, and why it is marked."""

    line: int
    """Zero-based."""
    text: str
    """The line as it is now; empty where it is not known."""
    diagnostic: types.Diagnostic


Marks = dict[str, list[Mark]]


class TraceDiagnostics:
    """The marks of the last answer, by file."""

    def __init__(self, ls: InglenookServer) -> None:
        self._ls = ls
        self._shown: Marks = {}

    def show(self, result: AskResult, mode: Mode) -> None:
        """Replace the marks of the answer before."""
        name = f"ask #{result.trace.id.removeprefix('ask-')}"
        marks: Marks = {}
        if mode != "off":
            for place, severity, message in _places(result, name, everything=mode == "all"):
                _add(marks, self._mark(place, severity, message, result.trace.id), place.uri)
        self._publish(marks)

    def clear(self) -> None:
        """Take every mark away."""
        self._publish({})

    def clear_below(self, folder_uri: str) -> None:
        """Take the marks of a folder that was closed away."""
        below = folder_uri.rstrip("/") + "/"
        self._publish({uri: marks for uri, marks in self._shown.items() if not uri.startswith(below)})

    def follow(self, uri: str, changes: Sequence[edits.Change], text: str) -> None:
        """Move the marks of an edited buffer with their lines; one whose line was edited away goes.

        Args:
            uri: of the buffer.
            changes: in the order in which they were made.
            text: the buffer's whole text after the last of them.
        """
        if uri not in self._shown:
            return
        lines, moved = edits.split(text), list[Mark]()
        for mark in self._shown[uri]:
            line = edits.moved_line(mark.line, mark.diagnostic.range, mark.text, changes)
            if line is not None and line < len(lines) and lines[line].strip():
                diagnostic = attrs.evolve(mark.diagnostic, range=self._line(line, lines[line]))
                moved.append(Mark(line, lines[line], diagnostic))
        marks = self._shown | {uri: moved} if moved else {name: of for name, of in self._shown.items() if name != uri}
        self._publish(marks)

    def _publish(self, marks: Marks) -> None:
        before, self._shown = self._shown, marks
        for uri in sorted(before.keys() | marks.keys()):
            shown = [mark.diagnostic for mark in marks.get(uri, ())]
            if shown != [mark.diagnostic for mark in before.get(uri, ())]:
                params = types.PublishDiagnosticsParams(uri=uri, diagnostics=shown)
                self._ls.text_document_publish_diagnostics(params)

    def _mark(self, place: Citation, severity: types.DiagnosticSeverity, message: str, code: str) -> Mark:
        line = place.range.start.line
        diagnostic = types.Diagnostic(
            range=self._line(line, place.text), message=message, severity=severity, source=SOURCE, code=code
        )
        return Mark(line, place.text, diagnostic)

    def _line(self, line: int, text: str) -> types.Range:
        """Return the range of a line, without its indentation: whole functions would drown."""
        if not text.strip():
            return types.Range(types.Position(line, 0), types.Position(line + 1, 0))
        units = self._ls.workspace.position_codec.client_num_units
        begin = units(text[: len(text) - len(text.lstrip())])
        return types.Range(types.Position(line, begin), types.Position(line, units(text.rstrip())))


def _places(
    result: AskResult, name: str, *, everything: bool
) -> Iterator[tuple[Citation, types.DiagnosticSeverity, str]]:
    """Yield what is to be marked, the answer's own places first."""
    for place in (*result.citations, *result.evidence):
        yield place, types.DiagnosticSeverity.Information, f"{name}: the answer cites this"
    if not everything:
        return
    for span in result.trace.spans:
        if span.name in TOOL_SPANS:
            for place in span.locations:
                yield place, types.DiagnosticSeverity.Hint, f"{name}: `{span.name}` matched here · {span.ms:.0f} ms"


def _add(marks: Marks, mark: Mark, uri: str) -> None:
    """Add a mark, unless its line has one or the file has enough."""
    there = marks.setdefault(uri, [])
    if len(there) < PER_FILE and all(other.line != mark.line for other in there):
        there.append(mark)

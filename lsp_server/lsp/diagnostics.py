"""A trace as diagnostics: where the tools looked and what the answer cites, in the editor's own margin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from lsprotocol import types

from lsp_server.trace import TOOL_SPANS, Citation
from lsp_server.wire import AskResult

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer

SOURCE = "inglenook"
PER_FILE = 30
"""More marks than this hide the code."""

Mode = Literal["off", "citations", "all"]
Marks = dict[str, list[types.Diagnostic]]


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
                _add(marks, self._diagnostic(place, severity, message, result.trace.id), place.uri)
        self._publish(marks)

    def clear(self) -> None:
        """Take every mark away."""
        self._publish({})

    def clear_below(self, folder_uri: str) -> None:
        """Take the marks of a folder that was closed away."""
        below = folder_uri.rstrip("/") + "/"
        self._publish({uri: marks for uri, marks in self._shown.items() if not uri.startswith(below)})

    def _publish(self, marks: Marks) -> None:
        before, self._shown = self._shown, marks
        for uri in sorted(before.keys() | marks.keys()):
            if before.get(uri) != marks.get(uri):
                params = types.PublishDiagnosticsParams(uri=uri, diagnostics=marks.get(uri, []))
                self._ls.text_document_publish_diagnostics(params)

    def _diagnostic(
        self, place: Citation, severity: types.DiagnosticSeverity, message: str, code: str
    ) -> types.Diagnostic:
        return types.Diagnostic(
            range=self._first_line(place), message=message, severity=severity, source=SOURCE, code=code
        )

    def _first_line(self, place: Citation) -> types.Range:
        """Return the range of the place's first line, without its indentation: whole functions would drown."""
        line = place.range.start.line
        text = place.text
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


def _add(marks: Marks, diagnostic: types.Diagnostic, uri: str) -> None:
    """Add a mark, unless its line has one or the file has enough."""
    there = marks.setdefault(uri, [])
    line = diagnostic.range.start.line
    if len(there) < PER_FILE and all(other.range.start.line != line for other in there):
        there.append(diagnostic)

"""A trace as diagnostics: where the tools looked and what the answer cites, in the editor's own margin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import attrs
from lsprotocol import types

from lsp_server.errors import OutOfScope
from lsp_server.lsp import edits
from lsp_server.lsp.ranges import encoding_of, units
from lsp_server.lsp.threads import glance
from lsp_server.trace import TOOL_SPANS, Citation
from lsp_server.wire import AskResult

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer
    from lsp_server.workspace.workspace import Workspace

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
    """The line as it was when it was marked, or last edited; empty where that is not known."""
    start: int
    """What of the line has to survive for it to be the same, in characters: at first all but the indentation."""
    end: int
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

    def keep_below(self, folders: Iterable[Path]) -> None:
        """Take the marks of all other folders away."""
        below = tuple(folder.as_uri().rstrip("/") + "/" for folder in folders)
        self._publish({uri: marks for uri, marks in self._shown.items() if uri.startswith(below)})

    def follow(self, uri: str, before: str, done: Sequence[edits.Splice], after: str) -> None:
        """Move the marks of an edited buffer with their lines; one whose line was edited away goes.

        Args:
            uri: of the buffer, as the client writes it.
            before: the buffer's whole text.
            done: the edits, in the order in which they were made.
            after: the text after the last of them.
        """
        ours = self._ours(uri)
        if ours in self._shown:
            moved = (self._moved(mark, before, done, after) for mark in self._shown[ours])
            self._publish(self._shown | {ours: [mark for mark in moved if mark is not None]})

    def look_again(self, uri: str, text: str) -> None:
        """Find the marked lines again in a text that may be another one; a mark whose line is not in it goes."""
        self.follow(uri, text, (), text)

    def read_again(self, uris: Sequence[str]) -> None:
        """Find the marked lines of files again that no editor holds: they may have changed, or buffers were dropped."""
        if self._shown:
            self._ls.in_background(partial(self._read_again, tuple(uris)))

    async def _read_again(self, uris: Sequence[str]) -> None:
        texts = await glance(self._ls, partial(_texts, uris=uris, marked=frozenset(self._shown)), {})
        held = {self._ours(document.uri) for document in self._ls.workspace.text_documents.values()}
        for uri in texts.keys() - held:
            self.look_again(uri, texts[uri])

    def _ours(self, uri: str) -> str:
        """Return a file's URI as the marks have it: a client may escape other characters, or name it by a link."""
        if self._shown and uri not in self._shown and (workspace := self._ls.session.workspace):
            with suppress(OutOfScope):
                return workspace.scope.locate_uri(uri, even_ignored=True).uri
        return uri

    def _publish(self, marks: Marks) -> None:
        before, self._shown = self._shown, {uri: of for uri, of in marks.items() if of}
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
        return Mark(line, place.text, *_without_indentation(place.text), diagnostic)

    def _moved(self, mark: Mark, before: str, done: Sequence[edits.Splice], after: str) -> Mark | None:
        at = _found(mark, before)
        for edit in done:
            if at is not None:
                at = _found(mark, edit.text) if edit.whole else at.after(edit)
        if at is None or not after[at.start : at.end].strip():
            return None
        line = edits.line_number(after, at.start)
        begins = edits.start_of_line(after, line) or 0
        text = edits.line_from(after, begins)
        diagnostic = attrs.evolve(mark.diagnostic, range=self._line(line, text))
        return Mark(line, text, at.start - begins, at.end - begins, diagnostic)

    def _line(self, line: int, text: str) -> types.Range:
        """Return the range of a line, without its indentation: whole functions would drown."""
        if not text.strip():
            return types.Range(types.Position(line, 0), types.Position(line + 1, 0))
        begin, end = (units(text[:at], encoding_of(self._ls)) for at in _without_indentation(text))
        return types.Range(types.Position(line, begin), types.Position(line, end))


def _texts(workspace: Workspace, uris: Sequence[str], marked: frozenset[str]) -> dict[str, str]:
    """Return the texts of the marked ones of some files; an empty one for a file that is gone."""
    view, texts = workspace.view(), dict[str, str]()
    for uri in uris:
        with suppress(OutOfScope):
            located = workspace.scope.locate_uri(uri, even_ignored=True)
            if located.uri in marked:
                texts[located.uri] = (view.data(located) or b"").decode("utf-8", "replace")
    return texts


def _without_indentation(text: str) -> tuple[int, int]:
    return len(text) - len(text.lstrip()), len(text.rstrip())


def _found(mark: Mark, text: str) -> edits.Stretch | None:
    """Return where a mark stands in a text: on its line, else on the nearest that reads the same."""
    start, begin, end = edits.start_of_line(text, mark.line), mark.start, mark.end
    there = "" if start is None else edits.line_from(text, start)
    if not mark.text:
        begin, end = _without_indentation(there)
    elif there != mark.text:
        start = edits.nearest_line(text, mark.line, mark.text)
    return None if start is None or begin >= end else edits.Stretch(start + begin, start + end)


def _places(
    result: AskResult, name: str, *, everything: bool
) -> Iterator[tuple[Citation, types.DiagnosticSeverity, str]]:
    """Yield what is to be marked, the answer's own places first."""
    checked = (place for place in result.citations if place.verified)  # another may lie beyond the end of its file
    for place in (*checked, *result.evidence):
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

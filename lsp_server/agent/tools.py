"""The four tools that the model is given, over the workspace; every failure is an ordinary result."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from lsp_server.agent import results
from lsp_server.agent.arguments import WrongArguments, checked
from lsp_server.agent.evidence import Row, Shown, citations_of, whole_lines
from lsp_server.agent.prompts import TOOLS, unknown_tool
from lsp_server.engine.base import ToolSpec
from lsp_server.errors import OutOfScope
from lsp_server.workspace.problems import NeverThere, ToolProblem
from lsp_server.workspace.rows import CommandOutput, Rows, SymbolRow, TextRow
from lsp_server.workspace.workspace import Workspace

BY_NAME: Mapping[str, ToolSpec] = {tool.name: tool for tool in TOOLS}

Cancelled = Callable[[], bool]


@attrs.frozen
class ToolOutcome:
    """What a call came to."""

    text: str
    """The result as the model sees it."""
    summary: str
    """One line for a person."""
    rows: tuple[Row, ...] = ()
    """The places that answer, complete and in order."""
    total: int = 0
    """How many there are in all; more than `rows` where the workspace's own limit cut them."""
    listing: bool = False
    """Whether the rows are a list (of symbols or matches), fit to be shown as it is."""
    near: int = 0
    """How many of the rows, the first ones, do not hold what was looked for but are near to it by their words."""
    note: str = ""
    """Of rows: a remark on them, such as that they are not quite what was asked for."""
    found: bool = False
    """Whether there was anything: a row, a line of a file, a line of output."""
    hits: int | None = None
    error: str | None = None
    printed: CommandOutput | None = None
    """Of a command that succeeded and printed anything."""


class Toolbox:
    """Runs calls for one conversation and remembers which lines they showed."""

    def __init__(self, workspace: Workspace, shown: Shown, question: str = "", earlier: str = "") -> None:
        """Take what the calls need.

        Args:
            workspace: what they look at.
            shown: remembers the lines that they show.
            question: what the person asks: a search by words looks for its words, too.
            earlier: what the person asked before in this conversation.
        """
        self._workspace = workspace
        self._question = question
        self._asked = f"{earlier}\n{question}"
        self._shown = shown
        self._tools: dict[str, Callable[[dict[str, Any], Cancelled], ToolOutcome]] = {
            "search": self._search,
            "symbols": self._symbols,
            "read_file": self._read_file,
            "run_command": self._run_command,
        }

    def call(self, name: str, arguments: object, cancelled: Cancelled) -> ToolOutcome:
        """Run one call; blocking. Nothing that the model can say makes it raise."""
        tool = BY_NAME.get(name)
        if tool is None:
            return problem(*unknown_tool(name))
        try:
            return self._tools[name](checked(tool, arguments), cancelled)
        except WrongArguments as error:
            return problem(str(error), f"Use {tool.signature}.")
        except (ToolProblem, OutOfScope) as error:
            return problem(error.sentence, error.hint)
        except OSError as error:
            return problem(f"The system refused: {error.strerror or error}.", "Try another path.")

    def _search(self, arguments: dict[str, Any], cancelled: Cancelled) -> ToolOutcome:
        found: Rows[TextRow] = self._workspace.search(**arguments, about=self._question, cancelled=cancelled)
        return self._rows(
            "match",
            found,
            [(row, results.text_label(row)) for row in found.rows],
            "Narrow the pattern or give a glob.",
            "Try fewer words, or symbols.",
        )

    def _symbols(self, arguments: dict[str, Any], cancelled: Cancelled) -> ToolOutcome:
        found: Rows[SymbolRow] = self._workspace.symbols(**arguments, cancelled=cancelled)
        return self._rows(
            "call" if "calls" in arguments else "raise statement" if "raises" in arguments else "symbol",
            found,
            [(row, results.symbol_label(row)) for row in found.rows],
            "Give more arguments.",
            "Try fewer arguments, or search.",
        )

    def _rows(
        self,
        noun: str,
        found: Rows[TextRow] | Rows[SymbolRow],
        labelled: Sequence[tuple[TextRow | SymbolRow, str]],
        narrower: str,
        wider: str,
    ) -> ToolOutcome:
        if not found.rows:
            text = results.nothing(noun, found.files, found.note or wider)
            return ToolOutcome(text, text.split(". ")[0], hits=0)
        citations = citations_of(self._workspace, (row.place for row, _ in labelled))
        rows = tuple(
            Row(citation, label, site=isinstance(row, TextRow) or bool(row.relation))
            for (row, label), citation in zip(labelled, citations, strict=True)
        )
        near, exact = rows[: found.by_words], rows[found.by_words :]
        head = results.counted(found.total - len(near), noun, _files(exact)) if exact else ""
        if near:
            head = results.counted_by_words(len(near), _files(near), head)
        written = [f"{results.shown_path(row.citation.path)}:{row.citation.start}: {row.label}" for row in rows]
        for row in rows:
            self._shown.add(row.citation.path, row.citation.start, (row.citation.text,))
        return ToolOutcome(
            results.rows_text(head, written, found.total, narrower, found.note),
            head,
            rows,
            found.total,
            listing=True,
            near=found.by_words,
            note=found.note,
            found=True,
            hits=found.total,
        )

    def _read_file(self, arguments: dict[str, Any], cancelled: Cancelled) -> ToolOutcome:
        del cancelled  # a slice of one file is read at once
        part = self._workspace.read(arguments["path"], arguments.get("start"), arguments.get("end"))
        place = part.place
        text, kept = results.slice_text(results.shown_path(place.path), place.start, part.lines, part.total_lines)
        if not kept:
            return ToolOutcome(text, text)
        last = place.start + kept - 1
        self._shown.add(place.path, place.start, whole_lines(self._workspace, place.path, place.start, last))
        [citation] = citations_of(self._workspace, [attrs.evolve(place, end=last)])
        row = Row(citation, results.one_line(citation.text), site=True)
        return ToolOutcome(text, text.split("\n", 1)[0], (row,), 1, found=True, hits=kept)

    def _run_command(self, arguments: dict[str, Any], cancelled: Cancelled) -> ToolOutcome:
        try:
            output = self._workspace.run_command(arguments["command"], cancelled=cancelled)
        except NeverThere as error:
            # A path that the person did not name is the model's invention: the rest of its question is a good one.
            if not error.whole or any(_names(self._asked, path) for path in error.paths):
                raise
            output = self._workspace.run_command(error.without, cancelled=cancelled)
            notes = ("This is the whole repository's.", error.sentence, output.note)
            output = attrs.evolve(output, note=" ".join(filter(None, notes)))
        text = results.output_text(output.text, output.exit_code, output.note)
        found = bool(output.text.strip()) and output.exit_code == 0
        lines = len(output.text.splitlines())
        return ToolOutcome(text, text.split("\n", 1)[0], found=found, hits=lines, printed=output if found else None)


def _names(text: str, path: str) -> bool:
    """Say whether words name a path, be it without its folders and its ending."""
    stem = path.replace("\\", "/").rstrip("/").rpartition("/")[2].partition(".")[0]
    return re.search(rf"(?<![^\W_]){re.escape(stem)}(?![^\W_])", text, re.IGNORECASE) is not None


def problem(sentence: str, hint: str) -> ToolOutcome:
    """Return the outcome of a call that could not be made."""
    return ToolOutcome(results.problem_text(sentence, hint), sentence, error=sentence)


def _files(rows: Sequence[Row]) -> int:
    return len({row.citation.uri for row in rows})

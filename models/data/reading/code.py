"""The definitions of a codebase that are worth asking about, with what their docs say of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property

import attrs

from lsp_server.engine.base import ToolCall
from lsp_server.errors import OutOfScope
from lsp_server.workspace.docs import doc_text
from lsp_server.workspace.facts import Definition, Facts
from lsp_server.workspace.languages import grammar_of
from lsp_server.workspace.places import Located
from lsp_server.workspace.ranking import is_record, rank
from lsp_server.workspace.rows import Rows, SymbolRow
from models.data.codebases import Codebase
from models.data.reading.phrases import number_of
from models.data.reading.sentences import first_sentence

LINES_READ = 15
"""A definition is read from its line on, so many lines further."""
_LINES_ABOVE = 10
"""Where docs stand above a definition, as in all languages but Python, reading begins so many lines before it."""
_ASIDE = frozenset({"docs", "doc", "examples", "example", "benchmarks", "benchmark", "tools", "extras", "stubs"})
_ENDINGS = (".py", ".js", ".ts", ".rs")
_UNASKED = ("setup.py", "noxfile.py", "conf.py", ".d.ts", ".config.js")


@attrs.frozen
class Named:
    """A definition, where it stands, and what is said of it."""

    located: Located
    definition: Definition
    doc: str
    """First sentence of its doc, without markup; empty where there is none that serves."""
    doc_line: int
    """Where the doc begins; the definition's own line where there is none."""
    sites: tuple[tuple[int, str], ...]
    """Lines and bare names of the calls in it."""
    asked: str
    """How a question names it: by its full name, or by its last part where that is enough."""

    @property
    def path(self) -> str:
        """Path in the workspace."""
        return self.located.relative

    @property
    def name(self) -> str:
        """Qualified within the file."""
        return self.definition.name

    @property
    def bare(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]

    @property
    def place(self) -> str:
        """Where it stands, as an answer names it."""
        return f"{self.path}:{self.definition.line}"

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return self.definition.end_line - self.definition.line + 1

    @property
    def first_read(self) -> int:
        """The line that reading begins with."""
        if self.path.endswith(".py"):
            return self.definition.line
        return max(1, self.definition.line - _LINES_ABOVE)

    @property
    def last_read(self) -> int:
        """The line that reading ends with."""
        return self.definition.line + LINES_READ

    @property
    def whole(self) -> bool:
        """Whether all of it is read."""
        return self.definition.end_line <= self.last_read and self.doc_line >= self.first_read

    def reading(self) -> ToolCall:
        """Return the call that reads it."""
        return ToolCall("read_file", {"path": self.path, "start": self.first_read, "end": self.last_read})

    def finding(self) -> ToolCall:
        """Return the call that finds it."""
        return ToolCall("symbols", {"name": self.asked})


@attrs.frozen(slots=False)
class Code:
    """A codebase, seen as definitions in its own code: no tests, examples or generated files."""

    codebase: Codebase

    @cached_property
    def named(self) -> tuple[Named, ...]:
        """All definitions, by path and line."""
        return tuple(item for located in self.files for item in self._definitions(located))

    @cached_property
    def files(self) -> tuple[Located, ...]:
        """The files of code."""
        listed = self.codebase.workspace.view().listed(lambda located: _is_own_code(located.relative), lambda: False)
        return tuple(sorted(listed, key=lambda located: located.relative))

    @cached_property
    def names(self) -> frozenset[str]:
        """Bare names of everything that is defined here."""
        return frozenset(item.bare for item in self.named)

    @cached_property
    def unique(self) -> tuple[Named, ...]:
        """What one name finds: the definitions whose full name stands for nothing else in the workspace."""
        full, bare = Counter(item.name for item in self.named), Counter(item.bare for item in self.named)
        once = [item for item in self.named if full[item.name] == 1 and not item.bare.startswith("__")]
        return tuple(
            attrs.evolve(item, asked=item.bare) if bare[item.bare] == 1 and number_of("bare", item.place) % 2 else item
            for item in once
            if item.bare.lower() != self.codebase.name
        )

    def callables(self) -> tuple[Named, ...]:
        """Return the functions and methods among `unique`."""
        return tuple(item for item in self.unique if item.definition.kind in ("function", "method"))

    def classes(self) -> tuple[Named, ...]:
        """Return the classes among `unique`."""
        return tuple(item for item in self.unique if item.definition.kind == "class")

    def found_alone(self, item: Named) -> bool:
        """Say whether asking for the name finds this definition and nothing else."""
        rows = self.find({"name": item.asked})
        return rows.total == 1 and rows.rows[0].place.start == item.definition.line and not rows.note

    def find(self, query: Mapping[str, str]) -> Rows[SymbolRow]:
        """Return what `symbols` finds."""
        name, calls, raises = query.get("name"), query.get("calls"), query.get("raises")
        inherits = query.get("inherits")
        return self.codebase.workspace.symbols(name=name, inherits=inherits, calls=calls, raises=raises)

    def sites(self, query: Mapping[str, str]) -> tuple[SymbolRow, ...]:
        """Return the rows of `symbols`; none where it remarks that they may be something else."""
        rows = self.find(query)
        return () if rows.note or rows.total > len(rows.rows) else rows.rows

    def text(self, path: str) -> tuple[str, ...]:
        """Return the lines of a file; none where it cannot be read."""
        try:
            return self.codebase.workspace.files.lines(path)
        except OutOfScope:
            return ()

    def _definitions(self, located: Located) -> Iterator[Named]:
        view = self.codebase.workspace.view()
        facts, data = view.facts(located), view.data(located) or b""
        grammar = grammar_of(located.relative)
        language = grammar.name if grammar else ""
        for index, definition in enumerate(facts.definitions):
            inner = definition.owner >= 0 and facts.definitions[definition.owner].kind != "class"
            if inner or definition.kind == "heading" or definition.minor:
                continue
            raw = data[definition.doc_start : definition.doc_end].decode("utf-8", "replace")
            doc = first_sentence(doc_text(language, raw)) if raw else ""
            above = data.count(b"\n", 0, definition.doc_start) + 1 if raw else definition.line
            line = min(above, definition.line)
            yield Named(located, definition, doc, line, _calls(facts, index), definition.name)


def _is_own_code(relative: str) -> bool:
    parts = relative.split("/")
    code = relative.endswith(_ENDINGS) and not relative.endswith(_UNASKED)
    return code and not rank(relative) and not is_record(relative) and not _ASIDE & set(parts)


def _calls(facts: Facts, index: int) -> tuple[tuple[int, str], ...]:
    sites = (site for site in facts.sites if site.enclosing == index and site.relation == "call")
    return tuple((site.line, site.target.rpartition(".")[2]) for site in sites)

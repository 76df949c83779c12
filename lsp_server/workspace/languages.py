"""The languages that can be parsed: file endings, tree-sitter grammars, and tag queries (queries/*.scm)."""

from __future__ import annotations

import importlib
import pkgutil
import threading
from collections.abc import Mapping
from typing import Any, cast

import attrs
from tree_sitter import Language, Node, Parser, Query, QueryCursor


@attrs.frozen
class Grammar:
    """Where a language's grammar and queries come from."""

    name: str
    module: str
    endings: tuple[str, ...]
    queries: str
    """Name of the file in queries/."""
    function: str = "language"


GRAMMARS: tuple[Grammar, ...] = (
    Grammar("python", "tree_sitter_python", (".py", ".pyi", ".pyw"), "python"),
    Grammar("javascript", "tree_sitter_javascript", (".js", ".jsx", ".mjs", ".cjs"), "javascript"),
    Grammar(
        "typescript", "tree_sitter_typescript", (".ts", ".mts", ".cts"), "typescript", function="language_typescript"
    ),
    Grammar("tsx", "tree_sitter_typescript", (".tsx",), "typescript", function="language_tsx"),
    Grammar("rust", "tree_sitter_rust", (".rs",), "rust"),
    Grammar("go", "tree_sitter_go", (".go",), "go"),
    Grammar("java", "tree_sitter_java", (".java",), "java"),
    Grammar("c", "tree_sitter_c", (".c",), "c"),
    Grammar("cpp", "tree_sitter_cpp", (".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".hxx", ".ipp"), "cpp"),
)

_BY_ENDING: Mapping[str, Grammar] = {ending: grammar for grammar in GRAMMARS for ending in grammar.endings}

Captures = dict[str, list[Node]]


def grammar_of(name: str) -> Grammar | None:
    """Return the grammar for a file name; None when the language is not known."""
    stem, dot, ending = name.rpartition(".")
    return _BY_ENDING.get(f".{ending.lower()}") if dot and stem else None


@attrs.frozen(eq=False)
class Tagger:
    """A grammar with its compiled queries."""

    language: Language
    query: Query

    def matches(self, data: bytes) -> list[Captures]:
        """Return the captures of every match in UTF-8 bytes, in no promised order."""
        tree = Parser(self.language).parse(data)
        return [captures for _, captures in QueryCursor(self.query).matches(tree.root_node)]


class Languages:
    """Loads each grammar when its first file comes; safe to use from several threads."""

    def __init__(self) -> None:
        self._taggers: dict[str, Tagger] = {}
        self._lock = threading.Lock()

    def tagger(self, grammar: Grammar) -> Tagger:
        """Return the loaded grammar."""
        with self._lock:
            tagger = self._taggers.get(grammar.name)
            if tagger is None:
                tagger = self._taggers[grammar.name] = _load(grammar)
            return tagger


def _load(grammar: Grammar) -> Tagger:
    module = cast("Any", importlib.import_module(grammar.module))
    pointer: object = getattr(module, grammar.function)()
    language = Language(pointer)
    source = pkgutil.get_data("lsp_server.workspace", f"queries/{grammar.queries}.scm") or b""
    return Tagger(language, Query(language, source.decode()))

"""The languages that can be parsed: file endings, tree-sitter grammars, and tag queries (queries/*.scm)."""

from __future__ import annotations

import importlib
import pkgutil
import threading
import time
from collections.abc import Mapping
from typing import Any, cast

import attrs
from tree_sitter import Language, Node, Parser, Query, QueryCursor, Tree


@attrs.frozen
class Grammar:
    """Where a language's grammar and queries come from."""

    name: str
    module: str
    endings: tuple[str, ...]
    queries: str
    """Name of the file in queries/."""
    function: str = "language"
    panics: frozenset[str] = frozenset()
    """Calls that raise, by name."""


GRAMMARS: tuple[Grammar, ...] = (
    Grammar("python", "tree_sitter_python", (".py", ".pyi", ".pyw"), "python"),
    Grammar("javascript", "tree_sitter_javascript", (".js", ".jsx", ".mjs", ".cjs"), "javascript"),
    Grammar(
        "typescript", "tree_sitter_typescript", (".ts", ".mts", ".cts"), "typescript", function="language_typescript"
    ),
    Grammar("tsx", "tree_sitter_typescript", (".tsx",), "typescript", function="language_tsx"),
    Grammar(
        "rust",
        "tree_sitter_rust",
        (".rs",),
        "rust",
        panics=frozenset({"panic", "todo", "unimplemented", "unreachable"}),
    ),
    Grammar("go", "tree_sitter_go", (".go",), "go", panics=frozenset({"panic"})),
    Grammar("java", "tree_sitter_java", (".java",), "java"),
    Grammar("c", "tree_sitter_c", (".c",), "c"),
    Grammar("cpp", "tree_sitter_cpp", (".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".hxx", ".ipp"), "cpp"),
    Grammar("markdown", "tree_sitter_markdown", (".md", ".markdown"), "markdown"),
)

_BY_ENDING: Mapping[str, Grammar] = {ending: grammar for grammar in GRAMMARS for ending in grammar.endings}

_CHUNK = 1 << 16
_MIN_SECONDS = 1.0
_SECONDS_A_BYTE = 2e-6
"""Ten times what real code takes; texts made to be ambiguous take longer, and much memory."""
_MAX_DEPTH = 4000
"""Deeper nodes match nothing: the time of a query grows with the square of the depth."""
_MAX_STATES = 256
"""Matches that are under way at once; real code has some dozens."""
_MAX_NODES = 1_500_000
"""A text of more is data: a table, or minified code of several megabytes."""
_MAX_TOKENS = 20_000
"""A node of more tokens in a row that are no nodes of their own, such as brackets, is no code; the square again."""

Captures = dict[str, list[Node]]


def grammar_of(name: str) -> Grammar | None:
    """Return the grammar for a file name, Markdown's too; None when the language is not known."""
    stem, dot, ending = name.rpartition(".")
    return _BY_ENDING.get(f".{ending.lower()}") if dot and stem else None


def is_code(name: str) -> bool:
    """Say whether a file name is that of a programming language that is known."""
    grammar = grammar_of(name)
    return grammar is not None and grammar.name != "markdown"


@attrs.frozen(eq=False)
class Tagger:
    """A grammar with its compiled queries."""

    language: Language
    query: Query

    def matches(self, data: bytes) -> list[tuple[int, Captures]]:
        """Return the pattern's number and the captures of every match in UTF-8 bytes, in no promised order.

        A text that is too large or takes too long has none; of one that is nested very deeply, the deepest parts are
        left out.
        """
        tree = parse(self.language, data)
        if tree is None or tree.root_node.descendant_count > _MAX_NODES or _is_endless(tree):
            return []
        cursor = QueryCursor(self.query, match_limit=_MAX_STATES)
        cursor.set_max_start_depth(_MAX_DEPTH)
        return cursor.matches(tree.root_node)


def parse(language: Language, data: bytes) -> Tree | None:
    """Parse UTF-8 bytes; None when it takes longer than any code does."""
    deadline = time.monotonic() + _MIN_SECONDS + _SECONDS_A_BYTE * len(data)
    try:
        return Parser(language).parse(
            lambda offset, _point: data[offset : offset + _CHUNK],
            progress_callback=lambda _offset, _error: time.monotonic() > deadline,
        )
    except ValueError:  # what the binding makes of a parse that was stopped
        return None


def _is_endless(tree: Tree) -> bool:
    """Say whether some node holds very many more tokens than nodes: a query would look for the next node from each."""
    cursor = tree.walk()
    while True:
        node = cursor.node
        if node is not None and node.end_byte - node.start_byte > _MAX_TOKENS:
            if node.child_count - 2 * node.named_child_count > _MAX_TOKENS:
                return True
            if cursor.depth < _MAX_DEPTH and cursor.goto_first_child():
                continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return False


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
                language = load(grammar)
                source = pkgutil.get_data("lsp_server.workspace", f"queries/{grammar.queries}.scm") or b""
                tagger = self._taggers[grammar.name] = Tagger(language, Query(language, source.decode()))
            return tagger


def load(grammar: Grammar) -> Language:
    """Return the grammar's language, without its queries."""
    module = cast("Any", importlib.import_module(grammar.module))
    pointer: object = getattr(module, grammar.function)()
    return Language(pointer)

"""The identifier that stands at a place, as what it stands there, and what it means."""

from __future__ import annotations

import attrs

from lsp_server.workspace.facts import Definition, Facts, Import, Relation
from lsp_server.workspace.files import line_at
from lsp_server.workspace.identifiers import token_at
from lsp_server.workspace.local_names import Binding
from lsp_server.workspace.module_files import family_of
from lsp_server.workspace.names import last
from lsp_server.workspace.places import Located
from lsp_server.workspace.resolve import Resolution, resolve, resolve_import, resolve_module
from lsp_server.workspace.view import View

_IMPORTING = ("from ", "import ", "use ", "pub use ", "export ")

_LITERALS = (b'".', b"'.", b"`.")
"""What stands before a member of a string."""


@attrs.frozen
class Occurrence:
    """One identifier token of a file."""

    start: int
    """First byte in the file's normal text."""
    end: int
    chain: str
    """The dotted name that ends with it: `self.registry.get`."""
    enclosing: int
    """Index into `Facts.definitions` of the innermost class or function around it; -1 at the top of the file."""
    defines: int = -1
    """Index of the definition that it names; -1 when it names none."""
    imported: Import | None = None
    """The import that takes it."""
    relation: Relation | None = None
    """As what it is referred to; None for a plain mention."""
    binding: Binding | None = None
    """How the function around it binds the first part of its dotted name; None where it does not."""
    of_type: bool = False
    """Whether the grammar knows it for a type's name."""

    @property
    def name(self) -> str:
        """The token itself."""
        return last(self.chain)


def occurrence_at(located: Located, data: bytes, facts: Facts, offset: int) -> Occurrence | None:
    """Return the identifier at a byte offset; None on comments, strings, keywords, space and outside the text.

    Args:
        located: the file, whose name tells the language.
        data: its normal text.
        facts: what is known of it; where it is of another text than `data`, less is told, nothing wrong.
        offset: of any byte of the token, or of the byte after its last.
    """
    token = token_at(located.name, data, offset)
    if token is None:
        return None
    start, end, chain = token.start, token.end, token.chain
    text = data[start:end].decode("utf-8", "replace")
    return Occurrence(
        start,
        end,
        chain,
        enclosing_at(facts, start),
        _defined_at(facts, start, text),
        next((item for item in facts.imports if item.start <= start < item.end and text in _names(item)), None),
        next((site.relation for site in facts.sites if site.start == start and last(site.target) == text), None),
        token.binding,
        token.of_type,
    )


def enclosing_at(facts: Facts, offset: int) -> int:
    """Return the index of the innermost class or function around a byte; -1 outside any."""
    found = -1
    for index, item in enumerate(facts.definitions):
        if item.start > offset:
            break
        if offset < item.end and item.kind not in {"constant", "heading"} and not _is_implementation(item):
            found = index
    return found


def meaning_of(view: View, located: Located, data: bytes, facts: Facts, at: Occurrence) -> Resolution:
    """Return the definitions or the module that an occurrence means."""
    if at.defines >= 0:
        return Resolution(((located, facts.definitions[at.defines]),))
    if at.imported is not None:
        return resolve_import(view, located, at.imported)
    before = data[max(0, at.start - 8) : at.start]
    if before.endswith(_LITERALS):
        return Resolution(outside=True)
    path = _importing(data, facts, at) if at.enclosing < 0 else None
    if path is not None:
        found = resolve(view, located, facts, at.chain, at.enclosing, guess=False)
        return resolve_module(view, located, path) if path and found == Resolution() else found
    chain = f"super.{at.name}" if before == b"super()." else at.chain
    called = at.relation == "call" or before.endswith(b"::") or data.startswith(b"(", at.end)
    called = called or (at.of_type and family_of(located) == "c")
    guess = not (before.endswith(b"::") and family_of(located) == "rust")  # a path of Rust is known, or from outside
    found = resolve(view, located, facts, chain, at.enclosing, called=called, guess=guess, binding=at.binding)
    if found.module is not None and _is_value(located, data, at):
        return Resolution(outside=True)
    return _types(found) if at.of_type else found


def _types(found: Resolution) -> Resolution:
    """Return those of some definitions that a type may mean: no functions, constructors among them, and no fields."""
    kept = tuple(
        (file, item)
        for file, item in found.definitions
        if item.kind not in {"function", "method"} and not (item.kind == "constant" and item.minor)
    )
    return attrs.evolve(found, definitions=kept) if kept or found.module is not None else Resolution(outside=True)


def _is_value(located: Located, data: bytes, at: Occurrence) -> bool:
    """Say whether a name that is also a module's stands for a value of Rust, where a module is none."""
    around = data[max(0, at.start - 4) : at.start], data[at.end : at.end + 2]
    return family_of(located) == "rust" and around[0] != b"mod " and b"::" not in (around[0][-2:], around[1])


def _importing(data: bytes, facts: Facts, at: Occurrence) -> str | None:
    """Return the path that a token inside an import's path stands for, empty for a part of none; None elsewhere."""
    line = data.count(b"\n", 0, at.start) + 1
    if not line_at(data, line).lstrip().startswith(_IMPORTING):
        return None
    for item in facts.imports:
        plain = item.module.lstrip(".")
        if item.line >= line and f"{plain}.".startswith(f"{at.chain}."):
            return item.module[: len(item.module) - len(plain)] + at.chain
    return ""


def _defined_at(facts: Facts, start: int, text: str) -> int:
    for index, item in enumerate(facts.definitions):
        if item.name_start <= start < item.name_end and last(item.name) == text and not _is_implementation(item):
            return index
    return -1


def _is_implementation(item: Definition) -> bool:
    """Say whether it only adds a base to a class that stands elsewhere, as Rust's `impl Trait for Type`."""
    return item.minor and item.kind == "class"


def _names(item: Import) -> tuple[str, ...]:
    return (item.local, item.name, last(item.module), last(item.module.replace("/", ".")))

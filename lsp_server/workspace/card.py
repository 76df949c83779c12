"""What is known at once of the name at a place: its definition, its documentation, its uses, its last change."""

from __future__ import annotations

from typing import Literal

import attrs

from lsp_server.workspace.docs import doc_text
from lsp_server.workspace.facts import Definition
from lsp_server.workspace.keywords import keyword_of, spoken_kind
from lsp_server.workspace.languages import grammar_of
from lsp_server.workspace.last_change import Change, LastChanges
from lsp_server.workspace.names import last
from lsp_server.workspace.occurrence import Occurrence, meaning_of, occurrence_at
from lsp_server.workspace.places import Located, Place
from lsp_server.workspace.resolve import Resolution
from lsp_server.workspace.rows import Kind
from lsp_server.workspace.view import View

_MAX_MEMBERS = 12
_MAX_OTHERS = 5
_MAX_DOC = 4_000
"""Characters of a documentation text; the rest is cut."""

CardKind = Kind | Literal["heading", "module", "name"]
"""`module` is a whole file; `name` stands for too many definitions to show one."""


@attrs.frozen
class Card:
    """The facts of one name. Texts are the code's own words: untrusted."""

    name: str
    """Qualified within its file; as it is written for `module`, and bare for `name`."""
    kind: CardKind
    language: str
    """Of the file that defines it, as its grammar is called."""
    signature: str
    """On one line; the name alone for `module` and `name`."""
    doc: str
    """Plain text of several lines; empty without any."""
    place: Place
    """Of the definition; for kind `name`, of the line asked about."""
    located: Located
    """The file of `place`."""
    definition: Definition | None
    """None for `module` and `name`."""
    uses: int
    """How often anything of that bare name is called, raised, inherited from or used as a decorator."""
    bases: tuple[str, ...]
    members: tuple[str, ...]
    """Bare names of a class's members, public ones first, not all of many."""
    change: Change | None
    """The last change of the definition; None while it is not known."""
    by_name: bool
    """Whether only the name speaks for this definition."""
    others: tuple[Place, ...]
    """Further definitions that it may be."""
    token: tuple[int, int]
    """First byte, and the byte after the last, of the name asked about."""
    named: int = 1
    """How many definitions it may be, as far as they were counted."""
    keyword: str = ""
    """What stands before the name where it is defined, such as `struct`; empty where nothing does."""
    spoken: str = ""
    """What a person calls its kind, such as `interface`; empty for `module` and `name`."""


def card(view: View, located: Located, offset: int, last_change: LastChanges | None = None) -> Card | None:
    """Return the facts of the name at a byte offset of a file.

    Args:
        view: the files; with an index behind it, no file but those of the name and its definition is looked into.
        located: the file.
        offset: in its normal text.
        last_change: who knows the last changes; the first question about a file starts its blame.

    Returns:
        The facts; None on comments, strings, keywords, local variables and names from outside the workspace, outside
        the text, and for a file that is gone or of no known language.
    """
    data = view.data(located)
    if data is None or grammar_of(located.name) is None:
        return None
    facts = view.facts(located)
    at = occurrence_at(located, data, facts, offset)
    if at is None:
        return None
    found = meaning_of(view, located, data, facts, at)
    if found.definitions:
        return _of_definition(view, at, found, last_change)
    if found.module is not None:
        return _of_module(view, at, found.module)
    return _of_many(view, located, data, at, found.named) if found.named else None


def _of_definition(view: View, at: Occurrence, found: Resolution, last_change: LastChanges | None) -> Card | None:
    (located, item), *others = found.definitions
    data = view.data(located)
    if data is None:
        return None  # gone since it was found
    language = language_of(located)
    keyword = keyword_of(data, item)
    change = None if last_change is None else last_change.of(located, item.line, data, item.end_line)
    return Card(
        name=item.name,
        kind=item.kind,
        language=language,
        signature=item.signature,
        doc=doc_of(language, data, item),
        place=view.files.place(located, item.line, item.end_line),
        located=located,
        definition=item,
        uses=view.uses(last(item.name)),
        bases=bases_of(view, located, item),
        members=_members(view, located, item),
        change=change,
        by_name=found.by_name,
        others=tuple(view.files.place(file, it.line, it.end_line) for file, it in others[:_MAX_OTHERS]),
        token=(at.start, at.end),
        named=len(found.definitions),
        keyword=keyword,
        spoken=spoken_kind(data, item, keyword),
    )


def _of_module(view: View, at: Occurrence, located: Located) -> Card:
    return _plain(at, located, view.files.place(located, 1, 1), "module", 1)


def _of_many(view: View, located: Located, data: bytes, at: Occurrence, named: int) -> Card:
    line = data.count(b"\n", 0, at.start) + 1
    plain = _plain(at, located, view.files.place(located, line, line), "name", named)
    return attrs.evolve(plain, uses=view.uses(at.name), by_name=True)


def _plain(at: Occurrence, located: Located, place: Place, kind: CardKind, named: int) -> Card:
    name = at.chain if kind == "module" else at.name
    return Card(
        name=name,
        kind=kind,
        language=language_of(located),
        signature=name,
        doc="",
        place=place,
        located=located,
        definition=None,
        uses=0,
        bases=(),
        members=(),
        change=None,
        by_name=False,
        others=(),
        token=(at.start, at.end),
        named=named,
    )


def language_of(located: Located) -> str:
    """Return the name of a file's grammar; empty when its language is not known."""
    grammar = grammar_of(located.name)
    return "" if grammar is None else grammar.name


def doc_of(language: str, data: bytes, item: Definition) -> str:
    """Return a definition's documentation as plain text, cut; empty without any."""
    if item.doc_end <= item.doc_start:
        return ""
    text = doc_text(language, data[item.doc_start : item.doc_end].decode("utf-8", "replace")).strip()
    return text if len(text) <= _MAX_DOC else text[:_MAX_DOC] + "…"


def bases_of(view: View, located: Located, item: Definition) -> tuple[str, ...]:
    """Return a class's bases, those too that its file adds elsewhere, such as the traits of a Rust type."""
    if item.kind != "class":
        return ()
    same = (it for it in view.definitions(located, last(item.name)) if it.kind == "class" and it.name == item.name)
    return tuple(dict.fromkeys(base for owner in (item, *same) for base in owner.bases))


def _members(view: View, located: Located, item: Definition) -> tuple[str, ...]:
    """Return the bare names of a class's members in its file, at most `_MAX_MEMBERS`."""
    if item.kind != "class":
        return ()
    names = dict.fromkeys(last(it.name) for it in view.definitions(located) if it.name.rpartition(".")[0] == item.name)
    return tuple(sorted(names, key=lambda name: name.startswith(("_", "#", "~")))[:_MAX_MEMBERS])

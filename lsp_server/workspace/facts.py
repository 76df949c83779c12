"""What is known of one parsed file: its definitions, imports, and the references in it, as values.

Offsets are bytes in the file's normal text (see files.normal), so that a range can be told in any position encoding.
"""

from __future__ import annotations

from typing import Literal

import attrs

from lsp_server.workspace.rows import Kind

Relation = Literal["call", "raise", "inherit", "decorate"]
Role = Literal["define", "call", "raise", "inherit", "decorate", "import"]
"""As what a file may hold a name."""


@attrs.frozen
class Definition:
    """A class, function, method, constant or heading."""

    kind: Kind | Literal["heading"]
    name: str
    """Qualified within the file: `Outer.Inner.method`, `function.inner`."""
    signature: str
    """The qualified name with parameters, bases or value, on one line."""
    line: int
    """One-based, of the `def` or `class` itself, not of its decorators."""
    end_line: int
    bases: tuple[str, ...] = ()
    """Direct bases, dotted, without subscripts."""
    decorators: tuple[str, ...] = ()
    """Dotted, without arguments."""
    minor: bool = False
    """An assignment that is no constant by its name: found by name, not listed among the constants."""
    start: int = 0
    """First byte of the definition, decorators left out."""
    end: int = 0
    """The byte after its last."""
    name_start: int = 0
    """First byte of the token that names it."""
    name_end: int = 0
    doc_start: int = 0
    """First byte of its docstring or doc comment, as it is written, quotes or comment signs included."""
    doc_end: int = 0
    """Equal to `doc_start` where there is none."""
    owner: int = -1
    """Index into `Facts.definitions` of the definition around it; -1 at the top of the file."""


@attrs.frozen
class Site:
    """A reference: a call, a raise, a base in a class's head, a decorator.

    What a class inherits from is enclosed by that class, a decorator by what is around the decorated definition.
    """

    relation: Relation
    target: str
    """Dotted, without arguments: `self.registry.register`."""
    line: int
    """One-based, of the last name of `target`; of the statement for a raise."""
    enclosing: int
    """Index into `Facts.definitions`; -1 at the top of the file."""
    start: int = 0
    """First byte of the last name of `target`."""
    end: int = 0


@attrs.frozen
class Import:
    """A name that a file takes from elsewhere."""

    local: str
    """The name that it is bound to here; empty where every name is taken."""
    module: str
    """As written, with dots for `::`: `a.b`, `.sibling`, `./file`, `stdio.h`."""
    name: str
    """The member, `default` for a module's own; empty for the module itself, `*` for all, as an include takes them."""
    line: int
    """One-based."""
    start: int = 0
    """First byte of the name as it stands in the import; of the module where no member is named."""
    end: int = 0


@attrs.frozen
class Facts:
    """Everything extracted from one file's text."""

    definitions: tuple[Definition, ...] = ()
    """By position."""
    sites: tuple[Site, ...] = ()
    """By position."""
    imports: tuple[Import, ...] = ()
    """By position."""

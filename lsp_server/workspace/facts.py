"""What is known of one parsed file: its definitions and the calls and raises in it, as values."""

from __future__ import annotations

from typing import Literal

import attrs

from lsp_server.workspace.rows import Kind


@attrs.frozen
class Definition:
    """A class, function, method or constant."""

    kind: Kind
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


@attrs.frozen
class Site:
    """A call or raise."""

    relation: Literal["call", "raise"]
    target: str
    """Dotted, without arguments: `self.registry.register`."""
    line: int
    """One-based."""
    enclosing: int
    """Index into `Facts.definitions`; -1 at the top of the file."""
    text: str
    """The line of code."""


@attrs.frozen
class Facts:
    """Everything extracted from one file's text."""

    definitions: tuple[Definition, ...] = ()
    """By position."""
    sites: tuple[Site, ...] = ()
    """By position."""

"""What is true of a codebase: its definitions, and the places that call and raise, as values."""

from __future__ import annotations

from typing import Literal

import attrs

Kind = Literal["class", "function", "method", "constant"]


@attrs.frozen(order=True)
class Spot:
    """Where something stands, and under which name."""

    path: str
    """Relative to the codebase, with slashes."""
    line: int
    name: str
    """Qualified within its file; of a call or raise, what encloses it, or empty at the top of the file."""

    @property
    def place(self) -> str:
        """The place as an answer names it."""
        return f"`{self.path}:{self.line}`"


@attrs.frozen
class Parameter:
    """One parameter, as it is written."""

    name: str
    """Without stars."""
    default: str = ""
    """The source of its default value on one line; empty where it must be given."""
    stars: int = 0
    """2 for one that takes any keywords, 1 for any positions."""
    place: Literal["first", "any", "named"] = "any"
    """Whether it can be given by position only, either way, or by name only."""
    text: str = ""
    """The whole, with annotation and default, as one writes it."""


@attrs.frozen
class Definition:
    """A class, function, method or constant."""

    spot: Spot
    kind: Kind
    bases: tuple[str, ...] = ()
    """Dotted, without subscripts."""
    decorators: tuple[str, ...] = ()
    """Dotted, without arguments."""
    parameters: tuple[Parameter, ...] | None = None
    """None where they are not known."""
    returns: str = ""
    """The annotated result."""
    value: str = ""
    """A constant's, on one line."""
    signature: str = ""
    """As it is written on one line, where no parameters are known."""

    @property
    def own_name(self) -> str:
        """The last part of its name."""
        return self.spot.name.rpartition(".")[2]

    @property
    def owner(self) -> str:
        """What it is defined in; empty at the top of a file."""
        return self.spot.name.rpartition(".")[0]


@attrs.frozen
class Site:
    """A call, or the raising of an exception."""

    spot: Spot
    relation: Literal["call", "raise"]
    target: str
    """Dotted, as written."""


@attrs.frozen
class Truth:
    """Everything that is known of one codebase."""

    definitions: tuple[Definition, ...]
    sites: tuple[Site, ...]

"""Facts as compact JSON: a line for definitions, sites and imports each, an array for each of their fields.

Columns are written and read several times as fast as rows, and definitions are read without the rest.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Generator
from itertools import compress
from operator import attrgetter
from typing import Any, cast, get_args, get_type_hints

import attrs

from lsp_server.workspace.facts import Definition, Facts
from lsp_server.workspace.names import last


@attrs.frozen
class _Shape:
    """How values of one class are written."""

    made: Callable[..., Any]
    fields: tuple[Callable[[Any], Any], ...]
    tuples: tuple[int, ...]
    """Which fields are tuples: JSON gives lists back."""


def _shape(made: type) -> _Shape:
    fields = attrs.fields(made)
    tuples = tuple(at for at, field in enumerate(fields) if str(field.type).startswith("tuple"))
    return _Shape(made, tuple(attrgetter(field.name) for field in fields), tuples)


_SHAPES = tuple(_shape(get_args(hint)[0]) for hint in get_type_hints(Facts).values())
"""Of what each field of Facts holds."""
_NAME = [field.name for field in attrs.fields(Definition)].index("name")
_ENCODER = json.JSONEncoder(separators=(",", ":"), check_circular=False)


def encode(facts: Facts) -> bytes:
    """Return the facts as JSON."""
    parts = zip(_SHAPES, cast("Any", attrs.astuple(facts, recurse=False)), strict=True)
    columns = ([list(map(field, values)) for field in shape.fields] for shape, values in parts)
    return "\n".join(map(_ENCODER.encode, columns)).encode()


def decode(blob: bytes) -> Facts:
    """Return the facts that `encode` wrote.

    Raises:
        ValueError: they are no such facts.
    """
    with _as_value_errors():
        return Facts(*(_values(shape, part) for shape, part in zip(_SHAPES, blob.split(b"\n"), strict=True)))


def decode_definitions(blob: bytes, name: str = "") -> tuple[Definition, ...]:
    """Return the definitions of facts that `encode` wrote; with a bare name, those that bear it alone.

    Raises:
        ValueError: they are no such facts.
    """
    with _as_value_errors():
        return _values(_SHAPES[0], blob.partition(b"\n")[0], name)


def _values(shape: _Shape, part: bytes, name: str = "") -> tuple[Any, ...]:
    columns: list[list[Any]] = json.loads(part)
    if len(columns) != len(shape.fields):
        raise ValueError("These are no facts.")
    if name:
        wanted = [last(each) == name for each in columns[_NAME]]
        columns = [list(compress(column, wanted)) for column in columns]
    for at in shape.tuples:
        columns[at] = [tuple(value) for value in columns[at]]
    return tuple(map(shape.made, *columns))


@contextlib.contextmanager
def _as_value_errors() -> Generator[None]:
    try:
        yield
    except (TypeError, LookupError, AttributeError) as error:
        raise ValueError("These are no facts.") from error

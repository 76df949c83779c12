"""Facts as compact JSON: an array for each value, its fields in order, whatever fields it has.

Each definition is a line that can be read alone: those of one name are found without reading the rest.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Generator, Iterable, Sequence
from operator import attrgetter
from typing import Any, cast, get_args, get_type_hints

import attrs

from lsp_server.workspace.facts import Definition, Facts
from lsp_server.workspace.names import last


@attrs.frozen
class _Shape:
    """How values of one class are written."""

    made: Callable[..., Any]
    row: Callable[[Any], tuple[Any, ...]]
    tuples: tuple[int, ...]
    """Which fields are tuples: JSON gives lists back."""


def _shape(made: type) -> _Shape:
    names = [field.name for field in attrs.fields(made)]
    tuples = tuple(at for at, field in enumerate(attrs.fields(made)) if str(field.type).startswith("tuple"))
    return _Shape(made, attrgetter(*names), tuples)


_SHAPES = tuple(_shape(get_args(hint)[0]) for hint in get_type_hints(Facts).values())
"""Of what each field of Facts holds."""
_ENCODER = json.JSONEncoder(separators=(",", ":"), check_circular=False)
_PART = b"\x1e"
"""Between definitions, sites and imports; JSON has no such character."""


def encode(facts: Facts) -> bytes:
    """Return the facts as JSON."""
    parts = zip(_SHAPES, cast("Any", attrs.astuple(facts, recurse=False)), strict=True)
    definitions, *others = (list(map(shape.row, values)) for shape, values in parts)
    return _PART.join([b"\n".join(map(_json, definitions)), *map(_json, others)])


def decode(blob: bytes) -> Facts:
    """Return the facts that `encode` wrote.

    Raises:
        ValueError: they are no such facts.
    """
    with _as_value_errors():
        definitions, *others = blob.split(_PART)
        parts = (_joined(definitions.split(b"\n")), *map(json.loads, others))
        return Facts(*(_values(shape, rows) for shape, rows in zip(_SHAPES, parts, strict=True)))


def decode_definitions(blob: bytes, name: str) -> Sequence[Definition]:
    """Return the definitions of facts that `encode` wrote: all, or those of a bare name.

    Raises:
        ValueError: they are no such facts.
    """
    lines = blob.partition(_PART)[0].split(b"\n")
    if name:
        ending = _json(name)[1:]  # as it stands at the end of a qualified name
        lines = [line for line in lines if ending in line]
    with _as_value_errors():
        found = _values(_SHAPES[0], _joined(lines))
    return [item for item in found if last(item.name) == name] if name else found


def _json(value: object) -> bytes:
    return _ENCODER.encode(value).encode()


def _joined(lines: Iterable[bytes]) -> list[list[Any]]:
    return json.loads(b"[" + b",".join(filter(None, lines)) + b"]")


def _values(shape: _Shape, rows: list[list[Any]]) -> tuple[Any, ...]:
    for at in shape.tuples:
        for row in rows:
            row[at] = tuple(row[at])
    made = shape.made
    return tuple([made(*row) for row in rows])


@contextlib.contextmanager
def _as_value_errors() -> Generator[None]:
    try:
        yield
    except (TypeError, LookupError, AttributeError) as error:
        raise ValueError("These are no facts.") from error

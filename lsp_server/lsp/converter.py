"""JSON <-> typed values: the protocol library's own types as it does them, ours strictly.

The library's converter turns a missing string into "None", takes "no" for true, and leaves out every field that
equals its default, so `verified: false` and `kind: "text"` would never reach the client.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import attrs
from cattrs import Converter, gen
from lsprotocol.converters import get_converter
from pygls.protocol import default_converter

from lsp_server.trace import Citation
from lsp_server.wire import ProgressToken

LONGEST_TEXT = 500
"""Characters of a citation's text that travel."""

_OUR_PACKAGE = "lsp_server."


def make_converter() -> Converter:
    """Return the converter of the server's protocol."""
    converter = default_converter()
    converter.register_unstructure_hook_factory(_is_ours, partial(_writer, converter))
    whole = _writer(converter, Citation)
    converter.register_unstructure_hook(Citation, lambda citation: whole(_shortened(citation)))
    return converter


def make_strict_converter() -> Converter:
    """Return the converter for the parameters of our own messages: no value is bent into its type."""
    converter = get_converter()
    for primitive in (str, bool):
        converter.register_structure_hook(primitive, _expect_exactly)
    converter.register_structure_hook(int, _expect_whole)
    converter.register_structure_hook(ProgressToken, _expect_token)
    converter.register_structure_hook(ProgressToken | None, _expect_token_or_none)
    return converter


def _shortened(citation: Citation) -> Citation:
    """A minified file is one line of megabytes; an editor shows the first part of it."""
    if len(citation.text) <= LONGEST_TEXT:
        return citation
    return attrs.evolve(citation, text=citation.text[: LONGEST_TEXT - 1] + "…")


def _is_ours(cls: Any) -> bool:
    return attrs.has(cls) and cls.__module__.startswith(_OUR_PACKAGE)


def _writer(converter: Converter, cls: Any) -> Any:
    """Write every field in camelCase; only what is None, where None is the default, stays out."""
    overrides = {
        field.name: gen.override(rename=camel_case(field.name), omit_if_default=field.default is None)
        for field in attrs.fields(cls)
    }
    return gen.make_dict_unstructure_fn(cls, converter, **overrides)  # pyright: ignore[reportArgumentType]


def camel_case(name: str) -> str:
    """Return the wire's name of a field."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def _expect_exactly(value: Any, kind: type[Any]) -> Any:
    if type(value) is not kind:
        raise ValueError(f"expected {_NAMES[kind]}")
    return value


def _expect_whole(value: Any, _kind: type[int]) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise ValueError("expected a whole number")
    return int(value)


def _expect_token(value: Any, _kind: Any) -> ProgressToken:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("expected a number or a string")
    return value


def _expect_token_or_none(value: Any, kind: Any) -> ProgressToken | None:
    return None if value is None else _expect_token(value, kind)


_NAMES = {str: "a string", bool: "true or false"}

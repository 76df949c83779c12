"""The arguments of a call, checked against the tool's schema; what is wrong is said in our own words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lsp_server.engine.base import ToolSpec


class WrongArguments(ValueError):
    """The arguments do not fit the tool; the message says which and how."""


def checked(tool: ToolSpec, raw: object) -> dict[str, Any]:
    """Return the arguments as the schema wants them.

    Models that are not held to a schema send numbers as text, nulls for what they leave out, and the whole
    object as a string; all three are taken as they are meant.

    Raises:
        WrongArguments: they cannot be taken for what the schema asks.
    """
    given = _as_object(raw)
    properties: Mapping[str, Mapping[str, Any]] = tool.parameters["properties"]
    arguments: dict[str, Any] = {}
    for name, value in given.items():
        if value is None:
            continue
        if name not in properties:
            raise WrongArguments(f"`{tool.name}` takes no argument `{str(name)[:40]}`.")
        arguments[name] = _value(name, value, properties[name])
    for name in tool.parameters["required"]:
        if name not in arguments:
            raise WrongArguments(f"`{tool.name}` needs the argument `{name}`.")
    return arguments


def _as_object(raw: object) -> Mapping[str, Any]:
    if isinstance(raw, str):
        try:
            raw = json.loads(raw or "{}")
        except (ValueError, RecursionError):
            raise WrongArguments("The arguments are not JSON.") from None
    if not isinstance(raw, Mapping):
        raise WrongArguments("The arguments are not a JSON object.")
    return {str(name): value for name, value in raw.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _value(name: str, value: object, schema: Mapping[str, Any]) -> object:
    if "enum" in schema:
        choice = str(value).lower()
        if choice not in schema["enum"]:
            raise WrongArguments(f"`{name}` is one of {', '.join(schema['enum'])}.")
        return choice
    match schema["type"]:
        case "string":
            return _text(name, value, schema)
        case "integer":
            return _whole(name, value, schema)
        case _:
            return _truth(name, value)


def _text(name: str, value: object, schema: Mapping[str, Any]) -> str:
    if not isinstance(value, str) or not value:
        raise WrongArguments(f"`{name}` is text.")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise WrongArguments(f"`{name}` holds half a character.")
    if len(value) > schema["maxLength"]:
        raise WrongArguments(f"`{name}` has at most {schema['maxLength']} characters.")
    return value


def _whole(name: str, value: object, schema: Mapping[str, Any]) -> int:
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < len(str(schema["maximum"])) + 1:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise WrongArguments(f"`{name}` is a whole number.")
    if not schema["minimum"] <= value <= schema["maximum"]:
        raise WrongArguments(f"`{name}` is at least {schema['minimum']}.")
    return value


def _truth(name: str, value: object) -> bool:
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise WrongArguments(f"`{name}` is true or false.")
    return value

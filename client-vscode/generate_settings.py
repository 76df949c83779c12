"""The settings as VS Code's configuration block, as a table, and as a reference."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from lsp_server.settings import CLIENT_DECLARATIONS, DECLARATIONS, SECTION, Declaration

ALL: tuple[Declaration, ...] = (*DECLARATIONS, *CLIENT_DECLARATIONS)

SCOPES: Mapping[str, str] = {
    "machine": "this machine; a workspace cannot set it",
    "window": "user, workspace",
    "resource": "user, workspace, folder",
}
TITLES: Mapping[str, str] = {
    "model": "Model",
    "ask": "Ask",
    "files": "Files",
    "hover": "Hover",
    "codeLens": "Code Lens",
    "trace": "Trace",
    "server": "Server (VS Code only)",
}


def configuration() -> list[dict[str, Any]]:
    """Return `contributes.configuration`: one category for each first part of the keys."""
    return [
        {
            "title": TITLES[group],
            "order": order,
            "properties": {f"{SECTION}.{declared.key}": _property(declared) for declared in declarations},
        }
        for order, (group, declarations) in enumerate(_groups())
    ]


def restricted() -> list[str]:
    """Return the settings that an untrusted workspace must not set: those that no workspace may."""
    return [f"{SECTION}.{declared.key}" for declared in ALL if declared.scope == "machine"]


def table() -> str:
    """Return the README's table of all settings."""
    rows = [f"| `{declared.key}` | `{_json(declared.default)}` | {declared.description} |" for declared in ALL]
    return "\n".join(["| setting | default | |", "| --- | --- | --- |", *rows]) + "\n"


def reference() -> str:
    """Return SETTINGS.md."""
    head = (
        "# Settings\n\n"
        "<!-- Made by generate.py from lsp_server/settings.py. Do not edit. -->\n\n"
        "Everything applies at once, without a reload, unless a setting says otherwise.\n"
    )
    return head + "".join(
        f"\n## {TITLES[group]}\n{''.join(map(_entry, declarations))}" for group, declarations in _groups()
    )


def _groups() -> Iterator[tuple[str, list[Declaration]]]:
    for group, declarations in groupby(ALL, lambda declared: declared.key.partition(".")[0]):
        yield group, list(declarations)


def _property(declared: Declaration) -> dict[str, Any]:
    described: dict[str, Any] = {"type": _type(declared.default)}
    if described["type"] == "array":
        described["items"] = {"type": "string"}
    if declared.choices:
        described["enum"] = list(declared.choices)
    bounds = {"minimum": declared.minimum, "maximum": declared.maximum}
    described |= {name: _plain(bound) for name, bound in bounds.items() if bound is not None}
    described |= {
        "default": _plain(declared.default),
        "scope": declared.scope,
        "markdownDescription": declared.description,
    }
    return described


def _type(default: Any) -> str | list[str]:
    match default:
        case None:
            return ["integer", "null"]
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case _:
            return "array"


def _plain(value: Any) -> Any:
    """Return whole numbers as such: JSON for people has no `.0`."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _entry(declared: Declaration) -> str:
    facts = [f"default `{_json(declared.default)}`", *_limits(declared), f"set by: {SCOPES[declared.scope]}"]
    return f"\n### `{SECTION}.{declared.key}`\n\n{declared.description}\n\n{' · '.join(facts)}\n"


def _limits(declared: Declaration) -> Iterator[str]:
    if declared.choices:
        yield "one of " + ", ".join(f"`{_json(choice)}`" for choice in declared.choices)
    least, most = declared.minimum, declared.maximum
    if least is not None and most is not None:
        yield f"{_plain(least):,} to {_plain(most):,}"
    elif least is not None:
        yield f"at least {_plain(least):,}"


def _json(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False)

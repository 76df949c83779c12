"""The arguments that our own links and actions give our commands, as a client hands them back."""

from __future__ import annotations

from typing import Any

from lsprotocol import types


def asking(question: str, uri: str, selected: types.Range | None = None) -> dict[str, Any]:
    """Return what `inglenook.ask` is given to ask of a document, or of what is selected in it."""
    return {"question": question, "context": {"textDocument": {"uri": uri}} | _selection(selected)}


def explaining(uri: str, position: types.Position, selected: types.Range | None = None) -> dict[str, Any]:
    """Return what `inglenook.explain` is given to explain the name at a position, or what is selected."""
    return {"textDocument": {"uri": uri}, "position": _at(position)} | _selection(selected)


def about_name(name: str) -> str:
    """Return the question that a click on a name asks."""
    return f"What does `{name}` do, and who uses it?"


def _selection(selected: types.Range | None) -> dict[str, Any]:
    return {"range": {"start": _at(selected.start), "end": _at(selected.end)}} if selected else {}


def _at(position: types.Position) -> dict[str, int]:
    return {"line": position.line, "character": position.character}

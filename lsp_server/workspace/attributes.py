"""Attributes that a class's methods give their object: `self.name = ...` in Python, `this.name = ...` in scripts."""

from __future__ import annotations

import re

from lsp_server.workspace.facts import Definition
from lsp_server.workspace.rows import cut

_OBJECTS = {"python": b"self", "script": b"this"}
_MAX_LINE = 300


def attribute_of(data: bytes, owner: Definition, name: str, family: str) -> Definition | None:
    """Return the first assignment of an attribute within a class, as a variable of it; None without one.

    Args:
        data: the normal text of the class's file.
        owner: the class.
        name: of the attribute.
        family: the language, see `module_files.family_of`.
    """
    this = _OBJECTS.get(family)
    if this is None:
        return None
    expression = re.compile(rb"(?m)^[ \t]*%b\.(#?%b)[ \t]*(?::[^=\n]+)?=(?![=>])" % (this, re.escape(name.encode())))
    found = expression.search(data, owner.start, owner.end)
    if found is None:
        return None
    end = data.find(b"\n", found.start())
    end = len(data) if end < 0 else end
    line = data.count(b"\n", 0, found.start()) + 1
    rest = data[found.end(1) : min(end, found.end(1) + _MAX_LINE)].decode("utf-8", "replace").strip().rstrip(";,")
    signature = f"{owner.name}.{name}{'' if rest.startswith(':') else ' '}{rest}"
    return Definition(
        "constant",
        f"{owner.name}.{name}",
        cut(signature),
        line,
        line,
        minor=True,
        start=found.start(1),
        end=end,
        name_start=found.start(1),
        name_end=found.end(1),
        owner=0,
    )

"""What a dotted name may stand for, and which names each language knows from outside."""

from __future__ import annotations

import builtins
import re

import attrs

from lsp_server.workspace.facts import Import
from lsp_server.workspace.module_files import Module
from lsp_server.workspace.one_look import Target

_FOREIGN = {
    "python": frozenset(dir(builtins)),
    "script": frozenset({"console", "document", "window", "process", "module", "exports", "globalThis", "navigator"}),
    "rust": frozenset({"std", "core", "alloc"}),
    "java": frozenset({"java", "javax"}),
    "c": frozenset({"std"}),
}
"""Names that every file of a language has from outside."""
_VERSION = re.compile(r"[./]v\d+$")


@attrs.frozen
class Meaning:
    """What the beginning of a dotted name stands for."""

    definitions: tuple[Target, ...] = ()
    module: Module | None = None
    outside: bool = False
    """Whether it is known to lie outside the workspace, or is no member of a class that is known."""
    by_name: bool = False
    local: bool = False
    """Whether it is a parameter or a Go method's receiver."""
    declared: str = ""
    """The type of that, as it is written; empty when none is."""

    def __bool__(self) -> bool:
        return bool(self.definitions or self.module)


NOTHING = Meaning()
OUTSIDE = Meaning(outside=True)


def is_foreign(head: str, family: str) -> bool:
    """Say whether a name that nothing in the workspace explains is a type, or known to all files from outside."""
    return head[:1].isupper() or head in _FOREIGN.get(family, ())


def binds(item: Import, name: str, family: str) -> bool:
    """Say whether an import gives a file that plain name."""
    if item.local:
        return item.local == name or (family == "python" and item.local.startswith(f"{name}."))
    if item.name == "*":
        return False
    if item.name:
        return item.name == name  # handed on without a name of its own
    return family == "go" and _VERSION.sub("", item.module).rpartition("/")[2] == name

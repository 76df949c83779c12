"""What a name in code means: definitions of the same file, of a class and its bases, of imported files; else a guess.

A guess goes by the last name alone and is marked. Names that an import takes from outside the workspace mean nothing
here, whatever else bears the same name.
"""

from __future__ import annotations

import io

import attrs

from lsp_server.workspace.facts import Definition, Facts, Import
from lsp_server.workspace.meaning import MAX_GUESSED, SELF, Meaning, Resolver
from lsp_server.workspace.module_files import family_of, folder_of
from lsp_server.workspace.names import last
from lsp_server.workspace.one_look import OneLook, Target
from lsp_server.workspace.places import Located
from lsp_server.workspace.scope import never
from lsp_server.workspace.view import View

_MAX_FILES = 24
"""Files that a guess looks into."""

_EVERYDAY = {
    "python": frozenset(
        name for kind in (str, bytes, list, dict, set, tuple, int, io.TextIOWrapper, io.BytesIO) for name in dir(kind)
    ),
    "script": frozenset({
        "at", "catch", "charAt", "concat", "delete", "entries", "every", "fill", "filter", "find",
        "findIndex", "flat", "flatMap", "forEach", "get", "has", "includes", "indexOf", "join", "keys",
        "length", "map", "match", "pop", "push", "reduce", "replace", "reverse", "set", "shift", "slice",
        "some", "sort", "splice", "split", "startsWith", "substring", "test", "then", "toString", "trim",
        "unshift", "values",
    }),
}  # fmt: skip
"""Members that a language's own types have."""


@attrs.frozen
class Resolution:
    """What a name may mean."""

    definitions: tuple[Target, ...] = ()
    """Most telling first; empty where nothing is known, or too much."""
    by_name: bool = False
    """Whether only the name speaks for them."""
    module: Located | None = None
    """The file, where the name is a module's."""
    outside: bool = False
    """Whether it comes from outside the workspace, or is a member that its known owner does not show."""
    named: int = 0
    """How many definitions bear the name, as far as they were counted, where a guess finds too many."""


def resolve(  # noqa: PLR0913 - what does not say the name's place is named
    view: View,
    located: Located,
    facts: Facts,
    chain: str,
    enclosing: int,
    *,
    called: bool = False,
    guess: bool = True,
    look: OneLook | None = None,
) -> Resolution:
    """Return what a dotted name means at a place.

    Args:
        view: the files.
        located: the file in which the name stands.
        facts: what is known of it.
        chain: the name up to the part asked about, as in `Site.target`: `self.registry.get`; `?.get` behind something
            unnamed.
        enclosing: index of the innermost definition around it; -1 at the top of the file.
        called: it is called, so that in C it is no plain variable.
        guess: also look for members of the same name when the owner's type is not known.
        look: what earlier names of files of the same language have looked into, through the same view.
    """
    meaning = Resolver(view, located, look).resolve(facts, chain, enclosing, called=called)
    known_owner = chain.count(".") == 1 and chain.partition(".")[0] in SELF
    if meaning or meaning.outside or not guess or "." not in chain or known_owner:
        return _resolution(meaning)
    return _guessed(view, located, last(chain))


def resolve_import(view: View, located: Located, imported: Import) -> Resolution:
    """Return what a name in an import statement means."""
    return _resolution(Resolver(view, located).imported(located, imported))


def resolve_module(view: View, located: Located, path: str) -> Resolution:
    """Return what an import's path means, as `Import.module` writes it."""
    return resolve_import(view, located, Import("", path, "", 0))


def _resolution(meaning: Meaning) -> Resolution:
    module = None if meaning.module is None else next(iter(meaning.module.files), None)
    whole = any(not item.minor for _, item in meaning.definitions)
    found = tuple(it for it in meaning.definitions if not (whole and it[1].minor and it[1].kind == "class"))
    return Resolution(found[:MAX_GUESSED], meaning.by_name, module, meaning.outside)


def _guessed(view: View, located: Located, name: str) -> Resolution:
    """Return the members of that name in files of the language: the same file's first, then the same folder's."""
    family = family_of(located)
    files = [file for file in view.naming(name, ("define",), never) if family_of(file) == family]
    files.sort(key=lambda file: (file != located, folder_of(file.relative) != folder_of(located.relative)))
    if name in _EVERYDAY.get(family, ()):  # more likely a list's or a text's than that of another file's class
        files = [file for file in files if file == located]
    found: list[Target] = []
    for file in files[:_MAX_FILES]:
        found += [(file, item) for item in view.definitions(file, name)]
    members = tuple(target for target in found if _is_member(target[1]))
    if not members and family == "c":  # what stands behind a namespace
        members = tuple(target for target in found if target[1].kind == "function")
    if len(members) > MAX_GUESSED:
        return Resolution(by_name=True, named=len(members))
    return Resolution(members, by_name=bool(members))


def _is_member(item: Definition) -> bool:
    return item.kind == "method" or (item.kind == "constant" and "." in item.name)

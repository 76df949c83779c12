"""What a name in code means: definitions of the same file, of a class and its bases, of imported files; else a guess.

A guess goes by the last name alone and is marked. Names that an import takes from outside the workspace mean nothing
here, whatever else bears the same name.
"""

from __future__ import annotations

import io

import attrs

from lsp_server.workspace.facts import Definition, Facts, Import
from lsp_server.workspace.local_names import Binding
from lsp_server.workspace.meaning import Meaning
from lsp_server.workspace.module_files import family_of, folder_of
from lsp_server.workspace.names import last
from lsp_server.workspace.one_look import OneLook, Target
from lsp_server.workspace.places import Located
from lsp_server.workspace.ranking import rank
from lsp_server.workspace.resolver import MAX_GUESSED, SELF, Resolver
from lsp_server.workspace.scope import never
from lsp_server.workspace.view import View

_MAX_FILES = 24
"""Files that a guess looks into."""

_APART = frozenset({"java", "go", "rust", "c"})
"""Languages in which a member that is not called is most likely a field."""
_CALLABLE = frozenset({"function", "method"})

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
    "rust": frozenset({
        "and_then", "as_bytes", "as_mut", "as_ref", "as_slice", "as_str", "bytes", "chars", "clear", "clone", "cloned",
        "collect", "contains", "copied", "count", "default", "drain", "enumerate", "eq", "err", "expect", "extend",
        "filter", "find", "first", "flat_map", "fmt", "fold", "from", "get", "get_mut", "insert", "into", "into_iter",
        "is_empty", "is_none", "is_some", "iter", "iter_mut", "join", "keys", "last", "len", "lines", "lock", "map",
        "map_err", "max", "min", "new", "next", "ok", "ok_or", "ok_or_else", "or_else", "parse", "peek", "pop",
        "position", "push", "push_str", "read", "remove", "replace", "resize", "rev", "send", "skip", "sort", "split",
        "starts_with", "sum", "take", "to_owned", "to_string", "to_vec", "trim", "truncate", "try_from", "try_into",
        "unwrap", "unwrap_or", "unwrap_or_default", "unwrap_or_else", "values", "with_capacity", "write", "zip",
    }),
    "java": frozenset({
        "accept", "add", "addAll", "append", "apply", "charAt", "clear", "close", "compareTo", "contains",
        "containsKey", "entrySet", "equals", "filter", "find", "forEach", "format", "get", "getClass", "getKey",
        "getMessage", "getName", "getValue", "group", "hasNext", "hashCode", "indexOf", "intValue", "isEmpty",
        "iterator", "join", "keySet", "length", "map", "matcher", "matches", "name", "next", "ordinal", "peek",
        "poll", "pop", "print", "println", "push", "put", "read", "remove", "replace", "set", "size", "sort", "split",
        "startsWith", "stream", "substring", "test", "toArray", "toLowerCase", "toString", "trim", "values", "write",
    }),
    "go": frozenset({"Add", "Close", "Done", "Error", "Lock", "Name", "Read", "String", "Unlock", "Wait", "Write"}),
    "c": frozenset({
        "append", "at", "back", "begin", "c_str", "clear", "count", "data", "emplace", "emplace_back", "empty", "end",
        "erase", "find", "first", "front", "get", "insert", "length", "load", "lock", "pop", "pop_back", "push",
        "push_back", "release", "replace", "reserve", "reset", "resize", "second", "size", "store", "str", "substr",
        "swap", "top", "unlock", "what", "write",
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
    binding: Binding | None = None,
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
        called: it is called, so that it is no field where functions and fields are apart.
        guess: also look for members of the same name when the owner's type is not known.
        binding: how the function around it binds the first part of the name; None where it does not.
        look: what earlier names of files of the same language have looked into, through the same view.
    """
    resolver = Resolver(view, located, look, attributes=guess)
    meaning = resolver.resolve(facts, chain, enclosing, called=called, binding=binding)
    strict = family_of(located) == "java"  # where a function is never named without being called
    meaning = attrs.evolve(meaning, definitions=_fitting(meaning.definitions, called=called, strict=strict))
    known_owner = chain.count(".") == 1 and chain.partition(".")[0] in SELF
    if meaning or meaning.outside or not guess or "." not in chain or known_owner:
        return _resolution(meaning)
    return _guessed(view, located, last(chain), called=called)


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


def _fitting(found: tuple[Target, ...], *, called: bool, strict: bool) -> tuple[Target, ...]:
    """Return what is no field first where something is called, else the fields, and no functions where that is strict.

    A field may be called too, where nothing else bears the name.
    """
    fields = tuple(target for target in found if target[1].kind == "constant" and target[1].minor)
    others = tuple(target for target in found if target not in fields)
    if called:
        return others + fields
    return fields + tuple(target for target in others if not strict or target[1].kind not in _CALLABLE)


def _guessed(view: View, located: Located, name: str, *, called: bool) -> Resolution:
    """Return the members of that name in files of the language: the same file's first, then the same folder's.

    What code means stands in code, and neither in tests nor in what is vendored.
    """
    family = family_of(located)
    most = rank(located.relative)
    named = view.naming(name, ("define",), never)
    files = [file for file in named if family_of(file) == family and rank(file.relative) <= most]
    files.sort(key=lambda file: (file != located, folder_of(file.relative) != folder_of(located.relative)))
    if name in _EVERYDAY.get(family, ()):  # more likely a list's or a text's than that of another file's class
        files = [file for file in files if file == located]
    found: list[Target] = []
    for file in files[:_MAX_FILES]:
        found += [(file, item) for item in view.definitions(file, name)]
    members = tuple(target for target in found if _is_member(target[1]))
    if family in _APART:
        members = _fitting(members, called=called, strict=True)
    if not members and family == "c" and called:  # what stands behind a namespace
        members = tuple(target for target in found if target[1].kind in {"function", "class"} or _is_alias(target[1]))
    if len(members) > MAX_GUESSED:
        return Resolution(by_name=True, named=len(members))
    return Resolution(members, by_name=bool(members))


def _is_alias(item: Definition) -> bool:
    return item.kind == "constant" and not item.minor and "." not in item.name


def _is_member(item: Definition) -> bool:
    return item.kind == "method" or (item.kind == "constant" and "." in item.name)

"""Finds what a dotted name stands for by the rules of its language: scopes, classes and bases, imports, packages."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from lsp_server.workspace.attributes import attribute_of
from lsp_server.workspace.declared_types import alias_type, constant_type, parameter_type, receiver_type, type_name
from lsp_server.workspace.facts import Definition, Facts, Import
from lsp_server.workspace.local_names import Binding
from lsp_server.workspace.meaning import NOTHING, OUTSIDE, Meaning, binds, is_foreign
from lsp_server.workspace.module_files import Module, family_of, folder_of, submodule
from lsp_server.workspace.names import last
from lsp_server.workspace.one_look import OneLook, Target
from lsp_server.workspace.places import Located
from lsp_server.workspace.ranking import rank
from lsp_server.workspace.view import View

MAX_GUESSED = 6
"""A guess that finds more definitions names none of them."""
_MAX_DEPTH = 6
SELF = frozenset({"self", "cls", "this", "Self", "super"})
_CLASSES_ARE_SCOPES = frozenset({"java", "c"})
_SPREAD = frozenset({"go", "rust", "c"})
"""Languages whose methods may stand in another file than their type."""


class Resolver:
    """One question; remembers what it looked into."""

    def __init__(self, view: View, located: Located, look: OneLook | None = None, *, attributes: bool = False) -> None:
        """Look from a file; with `attributes`, also at what methods assign to their object."""
        self._attributes = attributes
        self._view = view
        self._located = located
        self._family = family_of(located)
        self._look = look or OneLook(view, self._family)
        self._tops: dict[tuple[Located, str], Meaning] = {}
        self._depth = 0

    def resolve(
        self, facts: Facts, chain: str, enclosing: int, *, called: bool = False, binding: Binding | None = None
    ) -> Meaning:
        """Return the meaning of a whole chain in the file of the question, whose head a function may bind."""
        self._look.know(self._located, facts)
        return self._chain(self._located, chain, enclosing, called=called, binding=binding)

    def imported(self, located: Located, imported: Import) -> Meaning:
        """Return what an import takes."""
        if imported.name in {"", "*"}:
            return self._path(located, imported.module)
        module = self._look.module(located, imported.module)
        found = NOTHING if module is None else self._in_module(located, module, imported.name, imported.local)
        if not found and self._family in {"rust", "java"}:
            found = self._member(self._path(located, imported.module), imported.name)
        if not found and module is None and self._family == "python":
            found = self._by_path(imported.module, imported.name)
        return found or OUTSIDE

    def _chain(
        self, located: Located, chain: str, enclosing: int, *, called: bool = False, binding: Binding | None = None
    ) -> Meaning:
        head, *rest = chain.split(".")
        if head == "?":
            return NOTHING
        if head in SELF and not (self._family == "rust" and head == "super"):
            meaning, rest = self._of_self(located, head, rest, enclosing)
        else:
            of_type = self._family == "rust" and bool(rest) and rest[0][:1].isupper()
            if binding is not None and not of_type:
                meaning = self._bound(located, head, enclosing, binding)
            else:
                meaning = self._bare(located, head, enclosing, called=called, of_type=of_type)
            if meaning.local:
                meaning = self._typed(located, meaning.declared, enclosing) if rest else NOTHING
            elif not meaning and rest and is_foreign(head, self._family):
                return OUTSIDE
        for name in rest:
            meaning = self._member(meaning, name)
        return meaning

    def _of_self(self, located: Located, head: str, rest: list[str], enclosing: int) -> tuple[Meaning, list[str]]:
        """Return the meaning of `self.name`, and the names behind it."""
        own = self._own_class(located, enclosing)
        if not rest:
            return (Meaning(own) if head == "Self" else NOTHING), []
        for target in own:
            found = self._in_class(target, rest[0], {target[1].name}, bases_only=head == "super")
            if found:
                return Meaning(found), rest[1:]
        if self._family == "rust" and head == "self" and not own:  # a path: in a method it may be the object
            module = self._look.module(located, "self")
            return (NOTHING if module is None else self._in_module(located, module, rest[0])), rest[1:]
        return NOTHING, rest[1:]

    def _own_class(self, located: Located, enclosing: int) -> tuple[Target, ...]:
        """Return the class around a definition: by nesting, or by the name that a method bears outside it."""
        definitions = self._look.facts(located).definitions
        while 0 <= enclosing < len(definitions):
            item = definitions[enclosing]
            if item.kind == "class":
                return ((located, item),)
            owner = item.name.rpartition(".")[0]
            if item.kind == "method" and owner:
                return tuple(
                    target for target in self._bare(located, owner, -1).definitions if target[1].kind == "class"
                )
            enclosing = item.owner
        return ()

    def _bound(self, located: Located, name: str, enclosing: int, binding: Binding) -> Meaning:
        """Return what a function's own name means: a definition inside the function, or a variable."""
        definitions = self._look.facts(located).definitions
        at = enclosing
        while 0 <= at < len(definitions) and definitions[at].kind != "class":
            found = self._look.within(located, f"{definitions[at].name}.{name}")
            if found:
                return Meaning(found)
            at = definitions[at].owner
        return Meaning(local=True, declared=type_name(binding.declared))

    def _bare(
        self, located: Located, name: str, enclosing: int, *, called: bool = False, of_type: bool = False
    ) -> Meaning:
        """Return what a plain name means: innermost scope outwards, then imports, then the package."""
        found = NOTHING if of_type else self._in_scopes(located, name, enclosing)
        found = found if found or found.local else self._top(located, name)
        if found or found.outside or found.local:
            return found
        if self._family == "rust":
            module = self._look.module(located, name if name in {"crate", "super"} else f"self.{name}")
            return Meaning(module=module)
        if self._family in {"go", "java", "c"}:
            return self._in_package(located, name, called=called)
        return NOTHING

    def _in_scopes(self, located: Located, name: str, enclosing: int) -> Meaning:
        definitions = self._look.facts(located).definitions
        at = enclosing
        while 0 <= at < len(definitions):
            item = definitions[at]
            own = item.kind == "class" and last(item.name) == name
            if own and self._family in _CLASSES_ARE_SCOPES:
                return Meaning(((located, item),))  # rather than its constructor
            if item.kind != "class" or at == enclosing:
                found = self._look.within(located, f"{item.name}.{name}")
                if found:
                    return Meaning(found)
            declared = None if item.kind == "class" else self._declared(located, item, name)
            if declared is not None:
                return Meaning(local=True, declared=declared)
            at = item.owner
        if self._family in _CLASSES_ARE_SCOPES and enclosing >= 0:
            for target in self._classes_around(located, enclosing):
                if name == last(target[1].name):
                    return Meaning((target,))  # rather than its constructor
                found = self._in_class(target, name, {target[1].name})
                if found:
                    return Meaning(found)
        return NOTHING

    def _classes_around(self, located: Located, enclosing: int) -> Iterator[Target]:
        """Yield the class around a definition, then those around that one."""
        for target in self._own_class(located, enclosing):
            while True:
                yield target
                outer = self._own_class(target[0], target[1].owner)
                if not outer:
                    break
                target = outer[0]  # noqa: PLW2901 - outwards

    def _in_package(self, located: Located, name: str, *, called: bool) -> Meaning:
        """Return what files of the same package or the included headers define; for types in Java and C any file."""
        imports = self._look.facts(located).imports
        stars = [self._look.module(located, item.module) for item in imports if item.name == "*"]
        holds = [module.holds for module in stars if module is not None and module.holds is not None]
        folder = folder_of(located.relative)
        holds.append(lambda file: file.root == located.root and folder_of(file.relative) == folder)
        found = self._look.held(name, lambda file: any(held(file) for held in holds))
        exact = tuple(target for target in found if target[1].name == name)
        if exact or (found and self._family != "c"):
            return Meaning(exact or found)
        if self._family == "go" or not (name[:1].isupper() or (called and self._family == "c")):
            return Meaning(found)
        kinds = {"class"} if self._family == "java" else {"class", "function", "constant"}
        most = rank(located.relative)  # what code means stands in code, not in tests
        held = self._look.held(name, lambda file: rank(file.relative) <= most)
        guessed = tuple(target for target in held if target[1].kind in kinds)
        exact = tuple(target for target in guessed if target[1].name == name)
        if found and not exact:
            return Meaning(found)  # C++ names inside a class, which enums without a class of their own give to all
        return Meaning(exact or guessed, by_name=True) if len(exact or guessed) <= MAX_GUESSED else NOTHING

    def _top(self, located: Located, name: str, local: str = "") -> Meaning:
        """Return what a name means at the top of a file: defined, imported, or among all names of another file."""
        key = (located, name)
        if key not in self._tops:
            self._tops[key] = NOTHING  # files may import each other in a circle
            self._tops[key] = self._look_at_top(located, name, local)
        return self._tops[key]

    def _look_at_top(self, located: Located, name: str, local: str) -> Meaning:
        found = self._look.within(located, name)
        if not found and name == "default" and self._family == "script":
            found = self._default(located, local)
        if found:
            return Meaning(found)
        imports = self._look.facts(located).imports
        outside = False
        for item in imports:
            if binds(item, name, self._family):
                if self._family == "python" and not item.name and item.local in {item.module, name}:
                    whole = attrs.evolve(item, module=name) if item.module.startswith(f"{name}.") else item
                    meaning = self.imported(located, whole)
                else:
                    meaning = self.imported(located, item)
                if meaning:
                    return meaning
                outside = True
        if outside:
            return OUTSIDE
        for item in imports:
            if item.name != "*" or item.local:
                continue
            module = self._look.module(located, item.module)
            meaning = NOTHING if module is None else self._in_module(located, module, name)
            if not meaning and module is None and self._family == "rust" and name[:1].isupper():
                meaning = self._member(self._of_path(located, item.module), name)  # what an enum holds
            if meaning:
                return meaning
        return NOTHING

    def _of_path(self, located: Located, path: str) -> Meaning:
        """Return what a Rust path means from within a file, whose own names need no `self`."""
        path = path.removeprefix("self.")
        return self._top(located, path) if "." not in path else self._path(located, path)

    def _default(self, located: Located, local: str) -> tuple[Target, ...]:
        """Return what a script exports by default: marked so where it is defined, else named like the import."""
        data = self._view.data(located) or b""
        for item in self._look.facts(located).definitions:
            if data[max(0, item.start - 24) : item.start].rstrip().endswith(b"export default"):
                return ((located, item),)
        return self._look.within(located, local)

    def _path(self, located: Located, path: str) -> Meaning:
        """Return what a whole import path means: a module, or for Rust and Java something inside one."""
        module = self._look.module(located, path)
        if module is not None and (module.files or self._family != "java"):
            return Meaning(module=module)
        outer, dot, name = path.rpartition(".")
        if self._family == "java" and dot:
            package = self._look.module(located, outer)
            found = NOTHING if package is None else self._in_module(located, package, name)
            return found or self._member(self._path(located, outer), name)
        if self._family == "rust" and dot:
            return self._member(self._path(located, outer), name)
        return OUTSIDE

    def _in_module(self, located: Located, module: Module, name: str, local: str = "") -> Meaning:
        for file in module.files:
            found = self._top(file, name, local)
            if found:
                return found
        if module.holds is not None:
            return Meaning(self._look.held(name, module.holds))
        inner = submodule(self._view, located, module, name)
        return NOTHING if inner is None else Meaning(module=inner)

    def _member(self, meaning: Meaning, name: str) -> Meaning:
        if meaning.module is not None:
            return self._in_module(self._located, meaning.module, name) or OUTSIDE
        for target in meaning.definitions:
            found = self._in_class(target, name, {target[1].name})
            if found:
                return Meaning(found, by_name=meaning.by_name)
        if meaning.outside or any(item.kind == "class" for _, item in meaning.definitions):
            return OUTSIDE
        for located, item in meaning.definitions:
            if item.kind == "constant":
                typed = self._typed(located, constant_type(item), item.owner)
                return self._member(typed, name) if typed or typed.outside else NOTHING
        return NOTHING

    def _typed(self, located: Located, declared: str, enclosing: int) -> Meaning:
        """Return the class that a declared type names; nothing where it names another thing."""
        if not declared or self._depth > _MAX_DEPTH:
            return NOTHING
        self._depth += 1
        found = self._chain(located, declared, enclosing)
        self._depth -= 1
        classes = tuple(target for target in found.definitions if target[1].kind == "class")
        if classes:
            return Meaning(classes, by_name=found.by_name)
        for file, item in found.definitions:
            if item.kind == "constant" and (aliased := alias_type(item)):
                self._depth += 1
                meaning = self._typed(file, aliased, item.owner)
                self._depth -= 1
                return meaning
        unknown = not found and "." not in declared and is_foreign(declared, self._family)
        return OUTSIDE if found.outside or unknown else NOTHING

    def _declared(self, located: Located, item: Definition, name: str) -> str | None:
        """Return the type of a function's parameter or receiver, empty without any; None when it has none such."""
        if self._family == "go" and item.kind == "method":
            data = self._view.data(located) or b""
            receiver = receiver_type(data[item.start : item.start + 200].decode("utf-8", "replace"), name)
            if receiver:
                return receiver
        return None if name[:1].isupper() else parameter_type(item, name, self._family)

    def _in_class(self, target: Target, name: str, seen: set[str], *, bases_only: bool = False) -> tuple[Target, ...]:
        """Return a class's member, else that of the first base that has it."""
        located, item = target
        qualified = f"{item.name}.{name}"
        found = () if bases_only else self._look.within(located, qualified)
        if not found and not bases_only and self._family in _SPREAD:
            found = self._look.held(name, lambda file: file.root == located.root, qualified)
        if found or len(seen) > _MAX_DEPTH:
            return found
        if self._attributes and not bases_only and item.kind == "class":
            attribute = attribute_of(self._view.data(located) or b"", item, name, self._family)
            if attribute is not None:
                return ((located, attribute),)
        owners = [it for _, it in self._look.within(located, item.name) if it.kind == "class"]
        for base in dict.fromkeys(base for owner in owners for base in owner.bases):
            if base not in seen:
                for inherited in self._chain(located, base, item.owner).definitions:
                    found = self._in_class(inherited, name, seen | {base, inherited[1].name})
                    if found:
                        return found
        return ()

    def _by_path(self, module: str, name: str) -> Meaning:
        """Return a Python name whose file's path ends like its dotted module's: a source folder that no rule knows."""
        ending = "/" + module.replace(".", "/")

        def holds(file: Located) -> bool:
            path = f"/{file.relative.rpartition('.')[0].removesuffix('/__init__')}"
            root = path.removesuffix(ending).strip("/")
            return path.endswith(ending) and self._view.data(Located(file.root, f"{root}/__init__.py")) is None

        return Meaning(self._look.held(name, holds)) if "." in module else NOTHING

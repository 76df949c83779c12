"""What the search for one name's meaning has looked into: few files, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from lsp_server.workspace.facts import Definition, Facts
from lsp_server.workspace.module_files import Module, family_of, find_module
from lsp_server.workspace.names import last
from lsp_server.workspace.places import Located
from lsp_server.workspace.scope import never
from lsp_server.workspace.view import View

MAX_FILES = 40
"""Files that are looked into for one name; further ones seem empty."""

Target = tuple[Located, Definition]
"""A definition with its file."""


class OneLook:
    """Facts of files, and where names are defined, in one family of languages.

    Names of one view may share one, for as long as the view is used.
    """

    def __init__(self, view: View, family: str, files: int = MAX_FILES) -> None:
        """Look through a view, at the facts of at most so many files."""
        self._view = view
        self._family = family
        self._most = files
        self._facts: dict[Located, Facts] = {}
        self._named_in: dict[tuple[Located, str], Sequence[Definition]] = {}
        self._modules: dict[tuple[Located, str], Module | None] = {}
        self._defining: dict[str, list[Target]] = {}

    def know(self, located: Located, facts: Facts) -> None:
        """Take a file's facts from the caller, who has them."""
        self._facts[located] = facts

    def facts(self, located: Located) -> Facts:
        """Return what is known of a file."""
        known = self._facts.get(located)
        if known is None:
            known = self._view.facts(located) if len(self._facts) < self._most else Facts()
            self._facts[located] = known
        return known

    def definitions(self, located: Located, name: str) -> Sequence[Definition]:
        """Return a file's definitions of a bare name."""
        key = (located, name)
        if key not in self._named_in:
            known = self._facts.get(located)
            found = self._view.definitions(located, name) if known is None else known.definitions
            self._named_in[key] = [item for item in found if last(item.name) == name]
        return self._named_in[key]

    def module(self, located: Located, path: str) -> Module | None:
        """Return what an import's path means in a file, see `module_files.find_module`."""
        key = (located, path)
        if key not in self._modules:
            self._modules[key] = find_module(self._view, located, path)
        return self._modules[key]

    def within(self, located: Located, qualified: str) -> tuple[Target, ...]:
        """Return a file's definitions of a qualified name, whole ones before those that only add a base."""
        found = [item for item in self.definitions(located, last(qualified)) if item.name == qualified]
        return tuple((located, item) for item in sorted(found, key=lambda item: item.minor))

    def held(self, name: str, holds: Callable[[Located], bool], qualified: str = "") -> tuple[Target, ...]:
        """Return the definitions of a name in some files.

        Args:
            name: the bare name.
            holds: which files.
            qualified: the whole name that they must bear; by default `name`: at the top of their files, where in C++
                a class's outer names may go before.
        """
        wanted = qualified or name
        named = [(file, item) for file, item in self._named(name) if holds(file)]
        exact = tuple(target for target in named if target[1].name == wanted)
        if exact or self._family != "c":
            return exact
        return tuple(target for target in named if _ends(target[1], wanted))

    def _named(self, name: str) -> list[Target]:
        if name not in self._defining:
            self._defining[name] = list(self._find(name))
        return self._defining[name]

    def _find(self, name: str) -> Iterator[Target]:
        files = [file for file in self._view.naming(name, ("define",), never) if family_of(file) == self._family]
        for file in files[:MAX_FILES]:
            yield from ((file, item) for item in self.definitions(file, name))


def _ends(item: Definition, wanted: str) -> bool:
    """Say whether a C++ definition's name ends so; a bare name is no field's."""
    return item.name.endswith(f".{wanted}") and ("." in wanted or not (item.kind == "constant" and item.minor))

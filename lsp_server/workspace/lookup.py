"""Which names of a question exist: code names that the workspace defines or inherits from, and its files."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

from lsp_server.errors import OutOfScope
from lsp_server.workspace.facts import Facts
from lsp_server.workspace.files import Files
from lsp_server.workspace.languages import grammar_of
from lsp_server.workspace.linear_regex import compile_regex, escape
from lsp_server.workspace.names import last, named, same
from lsp_server.workspace.places import Located
from lsp_server.workspace.question_words import Word, Words, words_of
from lsp_server.workspace.ranking import order
from lsp_server.workspace.rows import LookupHit
from lsp_server.workspace.symbols import holds_code
from lsp_server.workspace.view import View

SECONDS = 0.3
_MAX_HITS = 5
_MAX_PATHS = 3

_DEFINING = r"\b(?:class|def|function|func|fn|struct|enum|trait|interface|type|const|static|#define)\s+{name}\b"


def lookup(view: View, text: str, seconds: float = SECONDS) -> tuple[LookupHit, ...]:
    """Return what a question names that exists, in the question's order, at most a handful; never raises."""
    deadline = time.monotonic() + seconds
    try:
        return tuple(_hits(view, text, lambda: time.monotonic() > deadline))
    except Exception:  # noqa: BLE001 - a courtesy to the model must never cost the answer
        return ()


def files_named(files: Files, text: str) -> Iterator[Located]:
    """Yield the existing files that a question names by their path, ignored ones too, secrets never."""
    for path in words_of(text).paths:
        try:
            located = files.scope.locate(path, even_ignored=True)
            if located.exists and not located.is_folder:
                yield located
        except OutOfScope:
            continue


def _hits(view: View, text: str, stop: Callable[[], bool]) -> Iterator[LookupHit]:
    words = words_of(text)
    if words == Words((), ()):
        return
    found: dict[str, list[str]] = {}
    for path in words.paths:
        matches = _matching_files(view, path, stop)
        if matches:
            found[path] = matches
    names = tuple(word for word in words.names if word.text not in found)
    for word, places in _NameSearch(view, names, stop).run().items():
        found.setdefault(word, places)
    ordered = sorted(found.items(), key=lambda item: text.find(item[0]))
    for name, places in ordered[:_MAX_HITS]:
        yield LookupHit(name, tuple(dict.fromkeys(places))[:_MAX_PATHS])


def _matching_files(view: View, path: str, stop: Callable[[], bool]) -> list[str]:
    """Return the files a word names: by path, by the end of a path, or as a dotted module."""
    if "/" not in path and "\\" not in path and "." not in path:
        return []
    show = view.files.scope.show
    try:
        located = view.files.scope.locate(path)
        if located.relative and located.exists:
            return [show(located)]
    except OutOfScope:
        pass
    plain = path.replace("\\", "/").strip("/")
    endings = [plain] if grammar_of(plain) or "/" in plain else [plain, plain.replace(".", "/") + ".py"]

    def wanted(located: Located) -> bool:
        return any(located.relative == ending or located.relative.endswith("/" + ending) for ending in endings)

    return [show(located) for located in view.listed(wanted, stop)]


class _NameSearch:
    """Finds the files that define some names, or at least inherit from them, until time is up."""

    def __init__(self, view: View, words: tuple[Word, ...], stop: Callable[[], bool]) -> None:
        self._view = view
        self._words = words
        self._stop = stop
        self._defined: dict[str, list[Located]] = {}
        self._inherited: dict[str, list[Located]] = {}

    def run(self) -> dict[str, list[str]]:
        """Return for each word the paths of the files that define it, or else of those that inherit from it."""
        names = sorted({last(word.query) for word in self._words})
        if not names:
            return {}
        mention = compile_regex(rf"\b(?:{'|'.join(map(escape, names))})\b", case_sensitive=True)
        defining = re.compile(_DEFINING.format(name=f"(?:{'|'.join(map(re.escape, names))})").encode())
        later: list[Located] = []
        for located, data in self._view.holding(mention, holds_code, self._stop):
            if defining.search(data):
                self._look(located)
            else:
                later.append(located)
        for located in sorted(later, key=order):
            if self._stop():
                break
            self._look(located)
        return {word.text: places for word in self._words if (places := self._places(word))}

    def _places(self, word: Word) -> list[str]:
        places = self._defined.get(word.text) or self._inherited.get(word.text) or []
        return [self._view.files.scope.show(located) for located in sorted(places, key=order)]

    def _look(self, located: Located) -> None:
        facts = self._view.facts(located)
        for word in self._words:
            if _defines(facts, word, located.relative):
                self._defined.setdefault(word.text, []).append(located)
            elif any(same(base, word.query) for definition in facts.definitions for base in definition.bases):
                self._inherited.setdefault(word.text, []).append(located)


def _defines(facts: Facts, word: Word, relative: str) -> bool:
    wanted = [word.query]
    owner, _, member = word.query.rpartition(".")
    if owner and not last(owner)[:1].isupper():
        wanted.append(member)  # `registry.close` speaks of a method by a variable's name
    return any(named(item.name, name, relative) for name in wanted for item in facts.definitions)

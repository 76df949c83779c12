"""Which names of a question exist: code names that the workspace defines or inherits from, and its files."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

from lsp_server.errors import OutOfScope
from lsp_server.workspace.facts import Facts
from lsp_server.workspace.files import Files
from lsp_server.workspace.languages import grammar_of
from lsp_server.workspace.names import last, named, same
from lsp_server.workspace.parse_cache import ParseCache
from lsp_server.workspace.places import Located
from lsp_server.workspace.question_words import Word, Words, words_of
from lsp_server.workspace.ranking import order
from lsp_server.workspace.rows import LookupHit

SECONDS = 0.3
_MAX_HITS = 5
_MAX_PATHS = 3
_MAX_SORTED = 20_000
"""In larger workspaces files are looked at as they are listed: sorting would take the time there is."""

_DEFINING = r"\b(?:class|def|function|func|fn|struct|enum|trait|interface|type|const|static|#define)\s+{name}\b"


def lookup(files: Files, parsed: ParseCache, text: str, seconds: float = SECONDS) -> tuple[LookupHit, ...]:
    """Return what a question names that exists, in the question's order, at most a handful; never raises."""
    deadline = time.monotonic() + seconds
    try:
        return tuple(_hits(files, parsed, text, lambda: time.monotonic() > deadline))
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


def _hits(files: Files, parsed: ParseCache, text: str, stop: Callable[[], bool]) -> Iterator[LookupHit]:
    words = words_of(text)
    if words == Words((), ()):
        return
    found: dict[str, list[str]] = {}
    listing = list(files.all(stop))
    if len(listing) < _MAX_SORTED:
        listing.sort(key=order)
    for path in words.paths:
        matches = _matching_files(files, path, listing)
        if matches:
            found[path] = matches
    names = tuple(word for word in words.names if word.text not in found)
    search = _NameSearch(files, parsed, names, stop)
    for word, places in search.run(listing).items():
        found.setdefault(word, places)
    ordered = sorted(found.items(), key=lambda item: text.find(item[0]))
    for name, places in ordered[:_MAX_HITS]:
        yield LookupHit(name, tuple(dict.fromkeys(places))[:_MAX_PATHS])


def _matching_files(files: Files, path: str, listing: list[Located]) -> list[str]:
    """Return the files a word names: by path, by the end of a path, or as a dotted module."""
    if "/" not in path and "\\" not in path and "." not in path:
        return []
    try:
        located = files.scope.locate(path)
        if located.relative and located.exists:
            return [files.scope.show(located)]
    except OutOfScope:
        pass
    plain = path.replace("\\", "/").strip("/")
    endings = [plain] if grammar_of(plain) or "/" in plain else [plain, plain.replace(".", "/") + ".py"]
    return [
        files.scope.show(located)
        for located in listing
        if any(located.relative == ending or located.relative.endswith("/" + ending) for ending in endings)
    ]


class _NameSearch:
    """Finds the files that define some names, or at least inherit from them, until time is up."""

    def __init__(self, files: Files, parsed: ParseCache, words: tuple[Word, ...], stop: Callable[[], bool]) -> None:
        self._files = files
        self._parsed = parsed
        self._words = words
        self._stop = stop
        self._defined: dict[str, list[str]] = {}
        self._inherited: dict[str, list[str]] = {}

    def run(self, listing: list[Located]) -> dict[str, list[str]]:
        """Return for each word the paths of the files that define it, or else of those that inherit from it."""
        names = sorted({re.escape(last(word.query)) for word in self._words})
        if not names:
            return {}
        mention = re.compile(rb"\b(?:" + "|".join(names).encode() + rb")\b")
        defining = re.compile(_DEFINING.format(name=f"(?:{'|'.join(names)})").encode())
        later: list[Located] = []
        for located in listing:
            if self._stop():
                break
            data = self._data(located)
            if data is None or mention.search(data) is None:
                continue
            if defining.search(data):
                self._look(located, data)
            else:
                later.append(located)
        for located in later:
            data = None if self._stop() else self._data(located)
            if data is not None:
                self._look(located, data)
        return {word.text: places for word in self._words if (places := self._places(word))}

    def _places(self, word: Word) -> list[str]:
        return self._defined.get(word.text) or self._inherited.get(word.text) or []

    def _data(self, located: Located) -> bytes | None:
        if grammar_of(located.name) is None:
            return None
        try:
            return self._files.data(located)
        except OutOfScope:
            return None

    def _look(self, located: Located, data: bytes) -> None:
        facts = self._parsed.facts(located.name, data)
        shown = self._files.scope.show(located)
        for word in self._words:
            if _defines(facts, word, located.relative):
                self._defined.setdefault(word.text, []).append(shown)
            elif any(same(base, word.query) for definition in facts.definitions for base in definition.bases):
                self._inherited.setdefault(word.text, []).append(shown)


def _defines(facts: Facts, word: Word, relative: str) -> bool:
    wanted = [word.query]
    owner, _, member = word.query.rpartition(".")
    if owner and not last(owner)[:1].isupper():
        wanted.append(member)  # `registry.close` speaks of a method by a variable's name
    return any(named(item.name, name, relative) for name in wanted for item in facts.definitions)

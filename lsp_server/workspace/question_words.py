"""Which words of a question look like code: paths, file names, dotted and shaped names; never plain words."""

from __future__ import annotations

import re

import attrs

_MAX_TEXT = 20_000
_MAX_TOKEN = 300
_MAX_WORDS = 24

_TICKED = re.compile(r"`([^`\n]{1,200})`")
_EDGES = " \t.,;:!?()[]{}<>\"'`*…“”«»„"
_NAME = re.compile(r"[^\W\d][\w$]*(?:\.[^\W\d][\w$]*)*")
_FILE = re.compile(r"[\w@+~.-]+\.[A-Za-z]\w{0,9}")
_SHAPED = re.compile(r"\w_\w|[a-z0-9][A-Z]|^_+\w|[A-Z]{2,}|[A-Z][a-z]+[A-Z]")
_CAPITALISED = re.compile(r"[A-Z][\w$]+")
_SPEECH = frozenset({
    "A", "Above", "All", "Also", "An", "And", "Any", "Are", "As", "At", "Below", "Briefly", "Can", "Class",
    "Classes", "Compare", "Could", "Count", "Describe", "Did", "Do", "Does", "Each", "Every", "Example", "Explain",
    "File", "Files", "Find", "For", "From", "Function", "Functions", "Give", "Has", "Have", "Hello", "How", "I",
    "If", "In", "Is", "It", "List", "Look", "Method", "Methods", "My", "Name", "Now", "Of", "On", "Or", "Please",
    "Print", "Read", "Search", "See", "Should", "Show", "Tell", "Test", "Tests", "That", "The", "Then",
    "There", "These", "They", "This", "Those", "To", "Use", "Using", "Was", "We", "Were", "What", "When", "Where",
    "Which", "Who", "Whose", "Why", "Will", "With", "Would", "You",
})  # fmt: skip
"""Capitalised at the head of a sentence, these are no names."""


@attrs.frozen
class Word:
    """A word of a question that may name something."""

    text: str
    """As written, without quotes and brackets."""
    query: str
    """As a dotted name."""


@attrs.frozen
class Words:
    """What of a question may exist in the workspace."""

    paths: tuple[str, ...]
    names: tuple[Word, ...]


def words_of(text: str) -> Words:
    """Return the words of a question that look like paths and like code names, in time linear in its length."""
    text = text[:_MAX_TEXT]
    ticked = [found.group(1).strip() for found in _TICKED.finditer(text)]
    tokens = [(token, True) for token in ticked] + [(token, False) for token in text.split()]
    paths: dict[str, None] = {}
    names: dict[str, Word] = {}
    for token, quoted in tokens:
        if len(token) > _MAX_TOKEN:
            continue
        plain = token.strip(_EDGES) if not quoted else token
        path = token.rstrip(_EDGES).lstrip(_EDGES.replace(".", "")) if not quoted else token
        if "/" in path or "\\" in path or _FILE.fullmatch(path):
            paths.setdefault(path)
        called = token.rstrip(".,;:!?`").endswith("()") or "(" in plain
        spelt = plain.partition("(")[0].replace("::", ".").replace("#", ".")
        if _is_dotted_name(spelt) and (quoted or called or _looks_like_code(spelt)):
            names.setdefault(spelt, Word(plain.partition("(")[0], spelt))
    return Words(tuple(paths)[:_MAX_WORDS], tuple(names.values())[:_MAX_WORDS])


def _is_dotted_name(text: str) -> bool:
    parts = text.replace("$", "_").split(".")
    return _NAME.fullmatch(text) is not None and all(part.isidentifier() for part in parts)


def _looks_like_code(name: str) -> bool:
    if "." in name:
        return all(len(part) > 1 or part.isupper() for part in name.split("."))
    return bool(_SHAPED.search(name)) or (_CAPITALISED.fullmatch(name) is not None and name not in _SPEECH)

"""Recognises the places that words name: `path:12`, `path:12-14`, `path#L12`, "path, line 12", "line 12 of path".

Back-ticks round the path or the whole, markdown links and Windows separators are understood. A path without a
line is not a place: it claims nothing that lines could confirm.
"""

from __future__ import annotations

import re

import attrs

_BARE = r"(?:[A-Za-z]:[\\/])?[^\s`\"'<>()\[\]{},;:#*|?=]*\w"
_NUMBER = r"(?P<start>\d{1,7})(?:\s?(?:-|\u2013|\.\.|:?-)\s?L?(?P<end>\d{1,7}))?"
_SPOKEN = r"(?P<start>\d{1,7})(?:\s?(?:-|\u2013|to|through)\s?(?P<end>\d{1,7}))?"
_ATTACHED = rf"(?::L?|#L){_NUMBER}(?::\d+)?(?!\w)"
_PATH = rf"(?:`(?P<quoted>[^`\n]{{1,200}})`|(?P<path>{_BARE}))"

_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"`(?P<quoted>[^`\n:#]{{1,200}}){_ATTACHED}`?",
        rf"`(?P<quoted>[^`\n:#]{{1,200}})`{_ATTACHED}",
        rf"(?P<path>{_BARE}){_ATTACHED}",
        rf"{_PATH},?[ \t]+\(?(?:(?:on|at|in)[ \t]+)?[Ll]ines?[ \t]+{_SPOKEN}(?!\w)\)?",
        rf"[Ll]ines?[ \t]+{_SPOKEN},?[ \t]+(?:of|in|from)[ \t]+(?:the[ \t]+)?(?:file[ \t]+)?{_PATH}",
    )
)
_LINK = re.compile(r"\[(?P<label>[^\]\n]{0,200})\]\((?P<target>[^)\s]{1,300})\)")
_EXTENSION = re.compile(r"\.[A-Za-z]\w{0,9}$")
_EXTENSIONLESS = re.compile(r"(?:^|/)(?:[A-Z][A-Za-z]*file|LICEN[CS]E|README|CHANGELOG|NOTICE|AUTHORS)$")
_SUSPICIOUS = re.compile(r"[./\\#:`]|^\W*[Ll]ines?\b")


@attrs.frozen
class Claim:
    """A place as it was named."""

    path: str
    """As named, with forward slashes."""
    start: int
    end: int
    length: int
    """Characters of the text that name it."""


def may_begin(word: str) -> bool:
    """Say whether a place could begin in this word (a run without blanks)."""
    return _SUSPICIOUS.search(word) is not None


def claim_at(text: str, at: int) -> Claim | None:
    """Return the place that is named from position `at` on, or None."""
    link = _LINK.match(text, at)
    if link is not None:
        inner = _attached(link["target"]) or _attached(link["label"])
        return None if inner is None else attrs.evolve(inner, length=len(link.group()))
    for form in _FORMS:
        match = form.match(text, at)
        if match is not None and (claim := _claim(match)) is not None:
            return claim
    return None


def looks_like_path(path: str) -> bool:
    """Say whether `path` is written as a file's path rather than as a time, a host or a word."""
    if "://" in path or path.startswith("//"):
        return False
    return bool(_EXTENSION.search(path) or _EXTENSIONLESS.search(path))


def _attached(text: str) -> Claim | None:
    for form in _FORMS[:3]:
        match = form.fullmatch(text)
        if match is not None:
            return _claim(match)
    return None


def _claim(match: re.Match[str]) -> Claim | None:
    named = match.groupdict()
    path = (named.get("quoted") or named.get("path") or "").strip().replace("\\", "/").removeprefix("./")
    if not looks_like_path(path):
        return None
    start = int(match["start"])
    return Claim(path, start, int(match["end"] or start), len(match.group()))

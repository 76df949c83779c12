"""Checks the places that the model's words name against the files, buffers first.

A place is verified when its file is in scope, its lines exist, and either the identifier named beside it stands on
those lines, or a tool showed those very lines in this conversation and they are unchanged. Everything else is kept
and marked, so that nobody takes it for more than it is.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from lsp_server.agent.evidence import Shown, whole_lines
from lsp_server.agent.places import Claim
from lsp_server.errors import OutOfScope
from lsp_server.trace import Citation, line_range
from lsp_server.workspace.files import split_lines
from lsp_server.workspace.places import Place
from lsp_server.workspace.workspace import Workspace

UNVERIFIED = " (unverified)"
"""Stands behind each place that could not be checked."""

_WIDEST = 120
"""In a wider range an identifier stands somewhere by chance; then only what was shown counts."""
_QUOTED = re.compile(r"`([^`\n]+)`")
_NAME = re.compile(r"(?<![\w.`])[A-Za-z_][\w.]*(?:\(\))?")
_SENTENCE_END = re.compile(r"[.!?](?=\s)|\n")
_ORDINARY = re.compile(
    r"an?|and|as|at|both|but|by|class(?:es)?|constants?|each|files?|for|from|functions?|here|i|if|in|its?|lines?"
    r"|methods?|modules?|no|of|on|one|or|returns?|see|so|that|the|their|there|these|they|this|those|to|two|uses?"
    r"|we|when|where|which|with|yes|you",
    re.IGNORECASE,
)
"""Words that a sentence may begin with; whatever else has a capital may be a name."""


class CitationChecker:
    """Checks claims for one conversation."""

    def __init__(self, workspace: Workspace, shown: Shown) -> None:
        self._workspace = workspace
        self._shown = shown

    def check(self, claim: Claim, before: str, after: str) -> Citation:
        """Return the claim as a citation.

        Args:
            claim: The place as named.
            before: What was said before it, back to the place before.
            after: What is said right behind it.
        """
        place = self._place(claim)
        lines = () if place is None else whole_lines(self._workspace, place.path, claim.start, claim.end)
        if place is None or not lines:
            return self._unknown(claim)
        name = name_beside(before, after)
        verified = self._shown.holds(place.path, place.start, lines) or (
            name is not None and len(lines) <= _WIDEST and stands_on(name, lines)
        )
        return Citation(
            place.uri, place.path, line_range(claim.start, claim.end, len(lines[-1])), lines[0], verified=verified
        )

    def _place(self, claim: Claim) -> Place | None:
        """Return where the claim points, or None where the file or some of the lines are not there."""
        if not 1 <= claim.start <= claim.end:
            return None
        # Back-ticks may hold words before the path, and a path may hold blanks: the whole goes first.
        for path in dict.fromkeys((claim.path, claim.path.rsplit(" ", 1)[-1])):
            try:
                located = self._workspace.scope.locate(path)
                lines = split_lines(self._workspace.files.data(located))
            except (OutOfScope, OSError):
                continue
            if claim.end <= len(lines):
                return self._workspace.files.place(located, claim.start, claim.end)
        return None

    def _unknown(self, claim: Claim) -> Citation:
        root = self._workspace.roots[0].as_uri()
        uri = f"{root}/{quote(claim.path.lstrip('/'), errors='replace')}"
        start = max(claim.start, 1)
        return Citation(uri, claim.path, line_range(start, max(claim.end, start)))


def name_beside(before: str, after: str) -> str | None:
    """Return the identifier that is named beside a place: the last in its sentence before it, else the first behind."""
    before = before[_last_end(before) :]
    after = after[: match.start()] if (match := _SENTENCE_END.search(after + "\n")) else after
    named_before = _names(before)
    if named_before:
        return named_before[-1]
    named_after = _names(after)
    return named_after[0] if named_after else None


def stands_on(name: str, lines: tuple[str, ...]) -> bool:
    """Say whether `name` stands as a word on one of the lines."""
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    return any(word.search(line) for line in lines)


def _last_end(text: str) -> int:
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    return ends[-1] if ends else 0


def _names(text: str) -> list[str]:
    quoted = [name for span in _QUOTED.findall(text) if (name := _last_part(span)) is not None]
    if quoted:
        return quoted
    return [name for word in _NAME.findall(text) if _is_code(word) and (name := _last_part(word)) is not None]


def _last_part(span: str) -> str | None:
    """Return `register` of `Registry.register(factory)`; None where the span begins with no identifier."""
    match = re.match(r"@?((?:[^\W\d]\w*\.)*)([^\W\d]\w*)", re.sub(r"^(?:async )?(?:class|def) ", "", span.strip()))
    if match is None or "/" in span:
        return None
    return match[2]


def _is_code(word: str) -> bool:
    bare = word.rstrip(".")
    if _ORDINARY.fullmatch(bare):
        return False
    return "_" in bare or "(" in bare or "." in bare or any(c.isupper() for c in bare)

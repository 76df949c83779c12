"""What a model is told of a symbol or selection to explain it, and the key under which its words are kept."""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Iterator
from typing import Literal

import attrs

from lsp_server.workspace.card import CardKind, bases_of, doc_of, language_of
from lsp_server.workspace.facts import Definition, Facts
from lsp_server.workspace.files import line_at
from lsp_server.workspace.module_files import family_of
from lsp_server.workspace.names import last
from lsp_server.workspace.occurrence import enclosing_at, meaning_of, occurrence_at
from lsp_server.workspace.one_look import OneLook, Target
from lsp_server.workspace.places import Located, Place
from lsp_server.workspace.resolve import resolve
from lsp_server.workspace.rows import cut
from lsp_server.workspace.scope import never
from lsp_server.workspace.view import View

MAX_LINES = 40
MAX_CODE = 1_600
"""Characters of code, beyond which lines are left out."""
_MAX_CALLERS = 5
_MAX_FILES = 8
"""Files that are looked through for callers."""
_MAX_LINE = 160

ExplainKind = CardKind | Literal["selection"]


@attrs.frozen
class ExplainTarget:
    """A symbol or selection with what helps to explain it. Texts are the code's own words: untrusted."""

    key: str
    """A hash of its own code, kind, name and language: it moves with the code, and changes with it."""
    name: str
    """Qualified within its file; for a selection that of the definition around it, else the file's name."""
    kind: ExplainKind
    language: str
    """As the grammar is called; empty for another file."""
    place: Place
    located: Located
    """The file that it stands in."""
    code: str
    """Its text, whole lines, cut to `MAX_LINES` and `MAX_CODE` with a last line that says so."""
    doc: str
    callers: tuple[str, ...]
    """Lines that call it, `path:line: text`, not all of many."""
    bases: tuple[str, ...]
    signature: str


def explain_target(view: View, located: Located, start: int, end: int | None = None) -> ExplainTarget | None:
    """Return what there is to explain at a place.

    Args:
        view: the files.
        located: the file.
        start: byte offset in its normal text.
        end: the end of a selection; None, or `start`, for the symbol at `start`.

    Returns:
        The selection; or the definition, in whichever file, of the name at `start`; or where no name of the workspace
        stands there, the definition that begins on that line or is around it. None where there is nothing, for a
        module, and for a name that too many definitions bear.
    """
    data = view.data(located)
    if data is None or not 0 <= start <= len(data):
        return None
    facts = view.facts(located)
    if end is not None and end > start:
        at = occurrence_at(located, data, facts, start)
        if at is None or (at.start, at.end) != (start, end):
            return _selection(view, located, data, facts, start, min(end, len(data)))
    target = _target(view, located, data, facts, start)
    return None if target is None else symbol_target(view, *target)


def _target(view: View, located: Located, data: bytes, facts: Facts, offset: int) -> Target | None:
    at = occurrence_at(located, data, facts, offset)
    if at is not None:
        found = meaning_of(view, located, data, facts, at)
        if found.definitions or found.module is not None or found.named:
            return next(iter(found.definitions), None)
    index = enclosing_at(facts, offset)
    if at is None:
        line = data.count(b"\n", 0, offset) + 1
        begun = (number for number, item in enumerate(facts.definitions) if item.line == line)
        index = next(begun, index)
    return (located, facts.definitions[index]) if index >= 0 else None


def symbol_target(view: View, located: Located, item: Definition, *, callers: bool = True) -> ExplainTarget | None:
    """Return what there is to explain of a definition; None where its file is gone.

    Args:
        view: the files.
        located: the file that defines it.
        item: the definition.
        callers: also who calls it, which takes most of the time. The key is the same without.
    """
    data = view.data(located)
    if data is None:
        return None
    language = language_of(located)
    text = data[item.start : item.end].decode("utf-8", "replace")
    return ExplainTarget(
        key=_key(item.kind, item.name, language, text),
        name=item.name,
        kind=item.kind,
        language=language,
        place=view.files.place(located, item.line, item.end_line),
        located=located,
        code=_cut(_from_line_start(data, item.start) + text),
        doc=doc_of(language, data, item),
        callers=tuple(_callers(view, (located, item))) if callers else (),
        bases=bases_of(view, located, item),
        signature=item.signature,
    )


def _selection(  # noqa: PLR0913, PLR0917 - a file and a stretch of it
    view: View, located: Located, data: bytes, facts: Facts, start: int, end: int
) -> ExplainTarget | None:
    text = data[start:end].decode("utf-8", "replace")
    if not text.strip():
        return None
    index = enclosing_at(facts, start)
    around = facts.definitions[index] if index >= 0 else None
    name, language = around.name if around else located.name, language_of(located)
    first = data.count(b"\n", 0, start) + 1
    final = first + data.count(b"\n", start, max(start, end - 1))
    return ExplainTarget(
        key=_key("selection", name, language, text),
        name=name,
        kind="selection",
        language=language,
        place=view.files.place(located, first, final),
        located=located,
        code=_cut(_from_line_start(data, start) + text),
        doc="",
        callers=(),
        bases=(),
        signature=around.signature if around else "",
    )


def _key(kind: str, name: str, language: str, text: str) -> str:
    plain = "\n".join(line.rstrip() for line in text.strip().split("\n"))
    return hashlib.blake2b(f"{kind}\0{name}\0{language}\0{plain}".encode(), digest_size=16).hexdigest()


def _from_line_start(data: bytes, start: int) -> str:
    """Return the white space before a byte on its line, so that all lines keep their indentation."""
    before = data[data.rfind(b"\n", 0, start) + 1 : start].decode("utf-8", "replace")
    return before if before.isspace() else ""


def _cut(text: str) -> str:
    lines = textwrap.dedent(text).strip("\n").split("\n")
    shown: list[str] = []
    room = MAX_CODE
    for line in lines[:MAX_LINES]:
        piece = cut(line.rstrip(), limit=_MAX_LINE)
        room -= len(piece) + 1
        if room < 0 and shown:
            break
        shown.append(piece)
    left = len(lines) - len(shown)
    return "\n".join([*shown, f"… {left} more line{'s' if left > 1 else ''}"] if left else shown)


def _callers(view: View, target: Target) -> Iterator[str]:
    """Yield lines that call a definition, its own file's first; those that mean another are left out."""
    located, item = target
    name = last(item.name)
    files = [file for file in view.naming(name, ("call",), never) if family_of(file) == family_of(located)]
    files.sort(key=lambda file: file != located)
    count = 0
    look = OneLook(view, family_of(located))
    for file in files[:_MAX_FILES]:
        data = view.data(file)
        for line in _calling_lines(view, look, file, target):
            if data is not None and count < _MAX_CALLERS:
                count += 1
                yield f"{view.files.scope.show(file)}:{line}: {cut(line_at(data, line).strip(), limit=_MAX_LINE)}"
        if count >= _MAX_CALLERS:
            return


def _calling_lines(view: View, look: OneLook, file: Located, target: Target) -> list[int]:
    """Return the lines of a file that may call a definition, from outside it, at most as many as are shown."""
    located, item = target
    facts = look.facts(file)
    lines: dict[int, None] = {}
    for site in facts.sites:
        if site.relation != "call" or last(site.target) != last(item.name) or len(lines) >= _MAX_CALLERS:
            continue
        if file == located and item.start <= site.start < item.end:
            continue
        found = resolve(view, file, facts, site.target, site.enclosing, called=True, guess=False, look=look)
        if not found.outside and (not found.definitions or _means(found.definitions, target)):
            lines[site.line] = None
    return list(lines)


def _means(found: tuple[Target, ...], target: Target) -> bool:
    located, item = target
    return any(file == located and (other.name, other.start) == (item.name, item.start) for file, other in found)

"""From the matches of a tag query to definitions: nesting gives names, captures give signatures."""

from __future__ import annotations

import re
from collections.abc import Collection

import attrs

from lsp_server.workspace.doc_places import NO_DOC, Doc, DocPlaces
from lsp_server.workspace.facts import Definition
from lsp_server.workspace.languages import Captures
from lsp_server.workspace.rows import Kind, cut
from lsp_server.workspace.signatures import constant_line, field_line, parameters, returns
from lsp_server.workspace.source_text import OF_TYPE, Name, SourceText, one_line

_MAX_SIGNATURE = 600
_CONSTANT_NAME = re.compile(r"_*[A-Z][A-Z0-9_]*$")
_FINAL = re.compile(rb"\s*:[^=]*\bFinal\b")
_SPACE = re.compile(rb"\s*")
_TYPEDEF = re.compile(r"^typedef\s+|\s*\{.*$|;$", re.DOTALL)
_CONSTANT_BODY = re.compile(r"\s*\{.*$", re.DOTALL)
"""Behind a Java enum's constant."""
_NO_OWNERS = frozenset({"module", "exports", "prototype", "this", "?"})
"""What stands between an object and what is assigned to it in JavaScript."""

KINDS: dict[str, Kind] = {
    "class": "class", "function": "function", "constant": "constant", "scope": "class",
    "field": "constant", "alias": "constant",
}  # fmt: skip
_VARIABLES = frozenset({"constant", "field", "alias"})


@attrs.define(eq=False)
class Found:
    """A definition, or a region that only lends its name, on its way to becoming a value."""

    told: str
    """`class`, `function`, `constant`, `field`, `alias` or `scope`."""
    captures: Captures
    start: int
    end: int
    bases: tuple[Name, ...] = ()
    decorators: tuple[str, ...] = ()
    marks: tuple[tuple[int, int], ...] = ()
    """First and last byte of its decorators."""
    name: str = ""
    owner: int = -1
    index: int = -1
    """-1 for a region that is no definition, and for what is left out."""
    definition: Definition | None = None


def definitions(source: SourceText, language: str, found: Collection[Found], docs: DocPlaces) -> list[Found]:
    """Return what was found by position, with the definitions that are made of it."""
    ordered = sorted(found, key=lambda item: (item.start, -item.end, item.told == "field"))
    maker = _Maker(source, language, docs)
    stack: list[Found] = []
    constants: set[int] = set()
    index = 0
    for item in ordered:
        start = item.start
        while stack and stack[-1].end <= start:
            stack.pop()
        around, in_class = "", False
        if item.told == "field" and (not stack or item.captures["name"][0].start_byte in constants):
            continue  # of a type without a name, or a constant as well
        if item.told == "constant":
            constants.add(item.captures["name"][0].start_byte)
        if stack:
            parent = stack[-1]
            around, in_class = parent.name, parent.told != "function"
            if item.told in _VARIABLES and not in_class:
                continue  # a local variable
            item.owner = parent.index if parent.index >= 0 else parent.owner
        item.definition = maker.make(item, around, in_class=in_class)
        if item.definition is not None:
            item.index = index
            index += 1
        if item.told not in _VARIABLES:
            stack.append(item)
    return ordered


class _Maker:
    """Makes the definitions of one file."""

    def __init__(self, source: SourceText, language: str, docs: DocPlaces) -> None:
        self._source = source
        self._language = language
        self._docs = docs

    def make(self, item: Found, around: str, *, in_class: bool) -> Definition | None:
        """Name an item, and return its definition; None for a region that is none."""
        own, name_start, name_end = self._name(item.captures)
        item.name = f"{around}.{own}" if around and own else own or around
        if name_start == name_end or (item.told == "scope" and not item.bases) or self._repeats(item, own):
            return None  # the parser put in a name that is missing, or there is nothing to tell
        kind = KINDS[item.told]
        owned = "receiver" in item.captures and "." in own
        if kind == "function" and (in_class or owned or self._is_qualified(item.captures)):
            kind = "method"
        doc = self._doc(item)
        start = self._start(item) if item.marks else item.start
        signature = self._variable(item, name_end) if kind == "constant" else self._signature(item)
        return Definition(
            kind,
            item.name,
            cut(signature, 0, _MAX_SIGNATURE),
            self._source.line(start),
            self._source.line(max(start, item.end - 1)),
            tuple(dict.fromkeys(base for base, _, _ in item.bases)) if item.bases else (),
            doc.attributes + item.decorators if doc.attributes else item.decorators,
            item.told in {"scope", "field"} or (item.told == "constant" and self._is_variable(item, own, name_end)),
            start,
            item.end,
            name_start,
            name_end,
            doc.start,
            doc.end,
            item.owner,
        )

    def _name(self, captures: Captures) -> Name:
        """Return the name that an item has in its surroundings, and the token that it ends with."""
        node = captures["name"][0]
        start, end = node.start_byte, node.end_byte
        own, name_start, name_end = self._source.name_before(start, end, OF_TYPE)
        if self._language == "cpp" and self._source.data[name_start - 1 : name_start] == b"~":
            outer = self._source.name_before(start, max(start, name_start - 3), OF_TYPE)[0]
            own, name_start = f"{outer}.~{own}".lstrip("."), name_start - 1
        elif not own or own == "operator":
            own, name_start, name_end = self._source.one_line(start, end), start, end
        if "receiver" in captures:
            receiver = captures["receiver"][0]
            owner = self._source.name_before(receiver.start_byte, receiver.end_byte, OF_TYPE)[0]
            own = ".".join([part for part in owner.split(".") if part not in _NO_OWNERS] + [own])
        return own, name_start, name_end

    def _is_qualified(self, captures: Captures) -> bool:
        if self._language != "cpp":
            return False
        node = captures["name"][0]
        return b"::" in self._source.data[node.start_byte : node.end_byte]

    def _is_variable(self, item: Found, own: str, name_end: int) -> bool:
        """Say whether an assignment is no constant by its name or its annotation."""
        if self._language != "python" or _CONSTANT_NAME.match(own):
            return False
        return _FINAL.match(self._source.data, name_end, item.end) is None

    def _start(self, item: Found) -> int:
        """Return the first byte after the decorators that an item begins with."""
        start = item.start
        for mark_start, mark_end in sorted(item.marks):
            if mark_start == start:
                space = _SPACE.match(self._source.data, mark_end)
                start = space.end() if space else mark_end
        return start

    def _doc(self, item: Found) -> Doc:
        if item.told == "scope":
            return NO_DOC
        if self._language != "python":
            return self._docs.above(item.start)
        body = item.captures.get("body")
        return self._docs.inside(body[0].start_byte) if body else self._docs.behind(item.end)

    def _repeats(self, item: Found, own: str) -> bool:
        """Say whether it is a C type's name as another name of the same type: `typedef struct Name Name`."""
        if item.told != "alias" or "type" not in item.captures:
            return False
        node = item.captures["type"][0]
        name = node.child_by_field_name("name")
        unnamed = name is None and node.child_by_field_name("body") is not None
        return unnamed or (name is not None and self._source.text(name.start_byte, name.end_byte) == own)

    def _variable(self, item: Found, name_end: int) -> str:
        """Return a field with its type, another name with what it stands for, a constant with its value."""
        source, captures = self._source, item.captures
        if item.told == "field" or (item.told == "alias" and "type" in captures):
            typed = captures.get("type")
            text = source.one_line(typed[0].start_byte, typed[0].end_byte) if typed else ""
            if item.told == "alias":
                name = captures["name"][0]
                whole = source.text(item.start, name.start_byte) + source.text(name.end_byte, item.end)
                return f"{item.name} = {one_line(_TYPEDEF.sub('', whole.strip()))}"
            return field_line(item.name, text, self._language)
        line = constant_line(source, item.name, name_end, item.end)
        return _CONSTANT_BODY.sub("", line) if self._language == "java" and "=" not in line.partition("(")[0] else line

    def _signature(self, item: Found) -> str:
        source, captures = self._source, item.captures
        if item.told == "scope":
            base = captures["base"][0]
            return f"{item.name}({source.one_line(base.start_byte, base.end_byte)})"
        signature = item.name
        if "type_params" in captures:
            node = captures["type_params"][0]
            signature += source.one_line(node.start_byte, node.end_byte)
        if "params" in captures:
            signature += parameters(source, captures["params"][0])
        if item.told == "class":
            signature += self._heritage(item)
        elif "returns" in captures:
            node = captures["returns"][0]
            signature += returns(source.one_line(node.start_byte, node.end_byte), self._language)
        return signature

    def _heritage(self, item: Found) -> str:
        """Return what stands behind the name of a class in its language; else its bases."""
        if "heritage" in item.captures:
            node = item.captures["heritage"][0]
            space = "" if self._language == "rust" else " "
            return space + self._source.one_line(node.start_byte, node.end_byte)
        if "params" in item.captures or not item.bases:
            return ""
        return f"({', '.join(dict.fromkeys(base for base, _, _ in item.bases))})"

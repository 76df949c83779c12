"""Turns the matches of a tag query into facts: nesting gives names, captures give signatures."""

from __future__ import annotations

import re
from typing import Literal

import attrs
from tree_sitter import Node

from lsp_server.workspace.facts import Definition, Facts, Site
from lsp_server.workspace.languages import Captures, Grammar, Tagger
from lsp_server.workspace.rows import Kind, cut
from lsp_server.workspace.signatures import constant_line, dotted, one_line, parameters, returns

_MAX_SIGNATURE = 600
_CONSTANT_NAME = re.compile(r"_*[A-Z][A-Z0-9_]*$")

_DefinedAs = Literal["class", "function", "constant", "scope"]
_SIGNATURE_KINDS: tuple[_DefinedAs, ...] = ("class", "function", "constant", "scope")


@attrs.define(eq=False)
class _Open:
    """A definition on its way to becoming a value."""

    defined_as: _DefinedAs
    node: Node
    captures: Captures
    bases: list[str] = attrs.field(factory=list[str])
    decorators: list[str] = attrs.field(factory=list[str])
    name: str = ""
    kind: Kind | Literal["heading"] | None = None
    """None for a scope that is no definition, and for what is left out."""
    index: int = -1


def extract(tagger: Tagger, grammar: Grammar, data: bytes) -> Facts:
    """Return the facts of normal bytes."""
    opened: dict[int, _Open] = {}
    related: list[Captures] = []
    sites: list[tuple[Literal["call", "raise"], Captures]] = []
    for captures in tagger.matches(data):
        defined_as = _defined_as(captures)
        if defined_as is not None:
            node = captures[defined_as][0]
            known = opened.get(node.id)
            if known is None or len(captures) > len(known.captures):
                opened[node.id] = _Open(defined_as, node, captures)
        elif "owner" in captures:
            related.append(captures)
        else:
            sites.append(("call" if "call" in captures else "raise", captures))
    for captures in related:
        _relate(opened, captures)
    ordered = sorted(opened.values(), key=lambda item: (item.node.start_byte, -item.node.end_byte))
    definitions = _name_all(ordered, grammar)
    return Facts(tuple(definitions), _sites(ordered, sites))


def _defined_as(captures: Captures) -> _DefinedAs | None:
    for kind in _SIGNATURE_KINDS:
        if kind in captures:
            return kind
    return None


def _relate(opened: dict[int, _Open], captures: Captures) -> None:
    owner = opened.get(captures["owner"][0].id)
    if owner is None:
        return
    for base in captures.get("base", ()):
        name = dotted(_text(base), cut_at="[(<")
        if name and name not in owner.bases:
            owner.bases.append(name)
    for decorator in captures.get("decorator", ()):
        owner.decorators.append(dotted(_text(decorator), cut_at="("))


def _name_all(ordered: list[_Open], grammar: Grammar) -> list[Definition]:
    definitions: list[Definition] = []
    stack: list[_Open] = []
    for item in ordered:
        while stack and stack[-1].node.end_byte <= item.node.start_byte:
            stack.pop()
        parent = stack[-1] if stack else None
        _name_one(item, parent)
        definition = _definition(item, parent, grammar)
        if definition is not None:
            item.kind, item.index = definition.kind, len(definitions)
            definitions.append(definition)
        if item.defined_as != "constant":
            stack.append(item)
    return definitions


def _name_one(item: _Open, parent: _Open | None) -> None:
    own = dotted(_text(item.captures["name"][0]), cut_at="[<(") or one_line(_text(item.captures["name"][0]))
    receiver = item.captures.get("receiver")
    if receiver:
        own = f"{dotted(_text(receiver[0]).lstrip('*&'), cut_at='[')}.{own}"
    item.name = f"{parent.name}.{own}" if parent is not None and parent.name else own


def _definition(item: _Open, parent: _Open | None, grammar: Grammar) -> Definition | None:
    if item.defined_as == "scope":
        return _implementation(item)
    kind: Kind = item.defined_as
    in_class = parent is not None and parent.defined_as in {"class", "scope"}
    if kind == "function" and (in_class or "receiver" in item.captures or "::" in _text(item.captures["name"][0])):
        kind = "method"
    if kind == "constant" and parent is not None and not in_class:
        return None  # a local variable
    text = _text(item.node)
    return Definition(
        kind=kind,
        name=item.name,
        signature=cut(_signature(item, kind, text, grammar), limit=_MAX_SIGNATURE),
        line=item.node.start_point[0] + 1,
        end_line=item.node.end_point[0] + (1 if item.node.end_point[1] else 0) or 1,
        bases=tuple(item.bases),
        decorators=tuple(item.decorators),
        minor=kind == "constant" and grammar.name == "python" and not _is_constant(item, text),
    )


def _implementation(item: _Open) -> Definition | None:
    """Return Rust's `impl Trait for Type` as a class row that is found by its base only."""
    base = item.captures.get("base")
    if not base:
        return None
    line = item.node.start_point[0] + 1
    signature = f"{item.name}({one_line(_text(base[0]))})"
    return Definition("class", item.name, signature, line, line, (dotted(_text(base[0]), cut_at="<"),), minor=True)


def _signature(item: _Open, kind: Kind, text: str, grammar: Grammar) -> str:
    if kind == "constant":
        return constant_line(item.name, _text(item.captures["name"][0]), text)
    pieces = [item.name]
    pieces += [one_line(_text(node)) for node in item.captures.get("type_params", ())]
    pieces += [parameters(node) for node in item.captures.get("params", ())]
    if kind == "class":
        heritage = item.captures.get("heritage")
        space = "" if grammar.name == "rust" else " "
        pieces += [space + one_line(_text(node)) for node in heritage or ()]
        if not heritage and "params" not in item.captures and item.bases:
            pieces.append(f"({', '.join(item.bases)})")
    pieces += [returns(_text(node), grammar.name) for node in item.captures.get("returns", ())]
    return "".join(pieces)


def _is_constant(item: _Open, text: str) -> bool:
    name = _text(item.captures["name"][0])
    annotation = text[len(name) :].split("=", 1)[0]
    return bool(_CONSTANT_NAME.match(name)) or re.search(r"\bFinal\b", annotation) is not None


def _sites(ordered: list[_Open], found: list[tuple[Literal["call", "raise"], Captures]]) -> tuple[Site, ...]:
    around = [item for item in ordered if item.index >= 0 and item.defined_as in {"class", "function"}]
    found.sort(key=lambda pair: (pair[1][pair[0]][0].start_byte, pair[0]))
    sites: dict[tuple[str, str, int, int], Site] = {}
    stack: list[_Open] = []
    position = 0
    for relation, captures in found:
        node = captures[relation][0]
        while position < len(around) and around[position].node.start_byte <= node.start_byte:
            stack.append(around[position])
            position += 1
        while stack and stack[-1].node.end_byte <= node.start_byte:
            stack.pop()
        inside = next((item for item in reversed(stack) if item.node.end_byte > node.start_byte), None)
        site = _site(relation, captures, inside.index if inside else -1)
        if site.target:
            sites.setdefault((relation, site.target, node.start_byte, site.line), site)
    return tuple(sites.values())


def _site(relation: Literal["call", "raise"], captures: Captures, enclosing: int) -> Site:
    target = captures["callee" if relation == "call" else "raised"][0]
    text = _text(target)
    if "object" in captures:
        text = f"{_text(captures['object'][0])}.{text}"
    # a chained call's line is the one its own name stands on
    row = target.end_point[0] if relation == "call" else captures[relation][0].start_point[0]
    return Site(relation, dotted(text, cut_at="" if relation == "call" else "("), row + 1, enclosing)


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")

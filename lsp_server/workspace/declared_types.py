"""The types that signatures declare: of a parameter, of a constant or field, of the object that a Go method is on."""

from __future__ import annotations

import re

from lsp_server.workspace.facts import Definition

_NAME = r"[\w$]+(?:(?:\.|::)[\w$]+)*"
_LEAD = re.compile(r"^(?:'[a-z]\w*\s+(?!\|)|[&*\s\"'(]|\b(?:mut|dyn|impl|final|const|readonly|struct|union|enum)\s)+")
_WRAPPER = re.compile(
    r"^(?:typing\.|t\.|std::\w+::)?(?:Optional|Final|ClassVar|Annotated|Type|Readonly|Box|Rc|Arc)\s*[\[<]"
)
"""Types whose members are those of the type inside."""
_LEADING_NAME = re.compile(_NAME)
_ALIAS = re.compile(rf"(?:<[^<>]*>)?\s*=\s*(?:(?:const|struct|union|enum)\s+)*({_NAME})(?:<.*>)?[\s*&]*")
_MADE = re.compile(rf"=\s*(?:await\s+)?(?:new\s+)?({_NAME})\s*\(")


def parameter_type(item: Definition, name: str, family: str) -> str | None:
    """Return the type of a function's parameter.

    Args:
        item: the function.
        name: of the parameter.
        family: the language, see `module_files.family_of`.

    Returns:
        The type's dotted name; empty when none is declared, or none with a plain name; None when there is no such
        parameter.
    """
    parameters = item.signature.partition("(")[2].rpartition(")")[0]
    own = re.escape(name)
    if family in {"java", "c"}:
        found = re.search(rf"({_NAME})?(?:<[^<>]*>)?[\s*&]+{own}\s*(?:[,=\[]|$)", parameters)
        return None if found is None else type_name(found[1] or "")
    found = re.search(rf"(?:^|[,*({{\[]\s*|\bmut\s+){own}(?=\s*[,:=?)}}\]]|\s+[\w*.\[]|\s*$)(.*)", parameters)
    if found is None:
        return None
    rest = found[1].lstrip("? ")
    if family == "go":
        declared = re.match(rf"(?:,\s*\w+\s*)*\s+\*?({_NAME})", found[1])
        return declared[1] if declared else ""
    return type_name(rest[1:]) if rest.startswith(":") else ""


def receiver_type(code: str, name: str) -> str:
    """Return the type of a Go method's receiver of that name; empty when it has none.

    Args:
        code: the beginning of the method's text.
        name: a plain name.
    """
    found = re.match(rf"func\s*\(\s*{re.escape(name)}\s+\*?({_NAME})", code)
    return found[1] if found else ""


def constant_type(item: Definition) -> str:
    """Return the type of a constant or field, declared or made by a call; empty when neither tells a plain name."""
    rest = item.signature[len(item.name) :].lstrip()
    if rest.startswith(":"):
        return type_name(rest[1:])
    made = _MADE.match(rest)
    if made is None and item.minor and not rest.startswith("="):
        return type_name(rest)  # a Go field
    return type_name(made[1]) if made else ""


def alias_type(item: Definition) -> str:
    """Return the type that a constant is another name of; empty when it is more than that."""
    found = _ALIAS.fullmatch(item.signature[len(item.name) :].strip())
    return found[1].replace("::", ".") if found else ""


def type_name(declared: str) -> str:
    """Return the dotted name of a type as it is written, that of what it wraps; empty when it has no plain name."""
    plain = _LEAD.sub("", declared)
    while (wrapper := _WRAPPER.match(plain)) is not None:
        plain = _LEAD.sub("", plain[wrapper.end() :])
    found = _LEADING_NAME.match(plain)
    return found[0].replace("::", ".") if found else ""

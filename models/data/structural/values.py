"""Cases whose answer states something: a default value, a constant, parameters, a result type."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from models.data.english import capital, listed
from models.data.structural.case import Case, is_code
from models.data.structural.choice import drawn
from models.data.structural.phrases import article, number
from models.data.structural.truth import Definition, Parameter, Truth
from models.data.structural.words import words

_LONGEST_VALUE = 48
_SHORTEST_CONSTANT = 3
_LONGEST_SIGNATURE = 120
_MOST_NAMES = 5
_OPTIONAL_FIRST = 4
"""So much rather a parameter with a default is asked about than one without."""
_IMPLIED = frozenset({"self", "cls"})
_PROPERTIES = frozenset({"property", "cached_property", "setter", "deleter", "getter"})


def default(truth: Truth, package: str) -> Iterator[Case]:
    """Yield a case for one parameter of each function that has any."""
    for item in _unique(truth):
        given = [it for it in item.parameters or () if it.name not in _IMPLIED and not it.stars]
        if not given:
            continue
        optional = [it for it in given if 0 < len(it.default) <= _LONGEST_VALUE]
        required = [it for it in given if not it.default]
        if not optional:
            continue
        chosen = drawn(optional * _OPTIONAL_FIRST + required, "parameter", item.spot.name)
        more = {"parameter": chosen.name, "value": chosen.default}
        group = {"": "required", "True": "true", "False": "false", "None": "none"}.get(chosen.default, "value")
        groups = (group,) if group == "required" else ("any", "optional", "must", group)
        yield _case(item, package, more, groups, (chosen.text,))


def constant(truth: Truth, package: str) -> Iterator[Case]:
    """Yield a case for each constant with a short value."""
    named = Counter(item.own_name for item in truth.definitions)
    for item in truth.definitions:
        if (
            item.kind != "constant"
            or not 0 < len(item.value) <= _LONGEST_VALUE
            or "`" in item.value
            or not is_code(item.spot.path)
        ):
            continue
        if item.value.startswith("require("):
            continue  # an import
        is_type = item.own_name[:1].isupper() and not item.own_name.isupper()
        if is_type or len(item.own_name) < _SHORTEST_CONSTANT:
            continue
        if named[item.own_name] > 1 and not item.owner:
            continue
        group = {'"': "text", "'": "text", "(": "several", "[": "several", "{": "several"}.get(item.value[0], "number")
        groups = ("any", group) if group != "number" or item.value[0].isdigit() else ("any",)
        shows = (f"{item.own_name} = {item.value}",) if not item.signature else (item.value,)
        yield _case(item, package, {"value": item.value, "file": item.spot.path}, groups, shows)


def signature(truth: Truth, package: str) -> Iterator[Case]:
    """Yield a case for each function whose parameters fit in a sentence."""
    everywhere = sorted({it.name for item in truth.definitions for it in item.parameters or () if not it.stars})
    for item in _unique(truth):
        whole = item.signature or written(item)
        if len(whole) > _LONGEST_SIGNATURE or "(" not in whole:
            continue
        more = {"signature": whole, "returns": item.returns}
        if item.parameters is None:
            yield _case(item, package, more, ("any",), (whole,))
            continue
        given = [it for it in item.parameters if it.name not in _IMPLIED]
        if not given and not item.returns:
            continue  # nothing to tell
        more |= _parameter_words(given)
        groups = [
            "any",
            *(["described"] if more["optional"] else []),
            *(["returns"] if item.returns and item.returns != "None" else []),
        ]
        if len([it for it in given if not it.stars]) > 1:
            groups += ["takes", "several"]
            more["parameter"] = drawn([it.name for it in given if not it.stars], "taken", item.spot.name)
            more["its_default"] = next(it.default for it in given if it.name == more["parameter"])
        if not any(it.stars for it in given):
            absent = drawn(everywhere, "absent", item.spot.name)
            more["absent"] = absent if all(it.name != absent for it in item.parameters) else ""
            groups.append("absent")
        yield _case(item, package, more, tuple(groups), (whole,))


def written(item: Definition) -> str:
    """Return a function as one writes it on one line: `name(self, key: str = "") -> int`."""
    result = f" -> {item.returns}" if item.returns else ""
    return f"{item.own_name}({', '.join(_with_marks(item.parameters or ()))}){result}"


def _with_marks(parameters: Sequence[Parameter]) -> Iterator[str]:
    """Yield parameters as written, with the bare slash and star between them."""
    starred = False
    for before, parameter in zip((None, *parameters), parameters, strict=False):
        if before is not None and before.place == "first" and parameter.place != "first":
            yield "/"
        if parameter.place == "named" and not starred and not parameter.stars:
            yield "*"
            starred = True
        starred = starred or parameter.stars == 1
        yield parameter.text
    if parameters and parameters[-1].place == "first":
        yield "/"


def _parameter_words(given: Sequence[Parameter]) -> dict[str, str]:
    plain = [it for it in given if not it.stars]
    required = [it.name for it in plain if not it.default]
    optional = [it.name for it in plain if it.default]
    short = len(plain) == len(given) and len(plain) <= _MOST_NAMES
    counted = number(len(plain)) if len(plain) > 1 and len(plain) == len(given) else ""
    return {
        "parameters": listed([it.name for it in plain]) if plain and short else "",
        "parameters_count": counted,
        "Parameters_count": capital(counted),
        "required": listed(required) if required and len(required) <= _MOST_NAMES else "",
        "optional": listed(optional) if optional and short else "",
    }


def _case(
    item: Definition, package: str, more: dict[str, str], groups: tuple[str, ...], shows: tuple[str, ...]
) -> Case:
    name = item.spot.name
    if item.own_name == "__init__":
        groups = tuple(f"constructor-{group}" for group in groups)
        more = {"class": item.owner, "a": article(item.owner), "A": capital(article(item.owner)), **more}
    filled = words(package, name, [item.spot], "values") | {"own": item.own_name, "owner": item.owner} | more
    return Case({"name": name}, (item.spot,), filled, groups, shows)


def _unique(truth: Truth) -> Iterator[Definition]:
    """Yield the functions and methods of the code whose name, as it would be asked for, is theirs alone."""
    found: defaultdict[str, list[Definition]] = defaultdict(list)
    for item in truth.definitions:
        parts = item.spot.name.split(".")
        for start in range(len(parts)):
            found[".".join(parts[start:])].append(item)
    for item in truth.definitions:
        is_special = item.own_name.startswith("__") and item.own_name != "__init__"
        is_property = any(mark.rpartition(".")[2] in _PROPERTIES for mark in item.decorators)
        is_inner = any(owner.kind != "class" for owner in found[item.owner])
        if item.kind not in {"function", "method"} or is_special or is_property or is_inner:
            continue
        if is_code(item.spot.path) and len(found[item.spot.name]) == 1:
            yield item

"""Cases about definitions: what inherits, what is decorated, what is defined where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from models.data.english import capital, listed
from models.data.structural.case import Case, is_code, shown_order
from models.data.structural.choice import drawn, fraction
from models.data.structural.phrases import category
from models.data.structural.truth import Definition, Truth
from models.data.structural.words import words

_ERRORS = ("Error", "Exception", "Warning")
_MOST_OF_A_NAME = 6
_MOST_BASES = 3
_HALF = 0.5
_OF_PROPERTIES = frozenset({"setter", "getter", "deleter"})
_SHORT = 5
"""Bare names up to this length are rather asked for with their owner."""


def subclasses(truth: Truth, package: str) -> Iterator[Case]:
    """Yield a case for each name that classes inherit from."""
    for name, heirs in _by_mark(truth.definitions, lambda definition: definition.bases).items():
        if name == "object":
            continue
        asked = _asked(name, [base for heir in heirs for base in heir.bases], package)
        spots = shown_order([heir.spot for heir in heirs])
        groups = ["any", "whether", "how-many", "exception" if name.endswith(_ERRORS) else "class"]
        if name in {"Exception", "BaseException"}:
            groups = ["root"]
        kinds = "" if name.endswith(_ERRORS) else category(name)
        filled = words(package, asked, spots, "subclasses") | {"category": kinds, "Category": capital(kinds)}
        yield Case({"inherits": asked}, spots, filled, tuple(groups))


def decorated(truth: Truth, package: str) -> Iterator[Case]:
    """Yield a case for each decorator."""
    for name, bearers in _by_mark(truth.definitions, lambda definition: definition.decorators).items():
        if name in _OF_PROPERTIES:
            continue
        asked = _asked(name, [mark for bearer in bearers for mark in bearer.decorators], package)
        spots = shown_order([bearer.spot for bearer in bearers])
        kinds = {bearer.kind for bearer in bearers}
        plural = "" if len(kinds) > 1 else {"class": "classes"}.get(min(kinds), f"{min(kinds)}s")
        more = {"kinds": plural, "Kinds": capital(plural), "kind": min(kinds) if len(kinds) == 1 else ""}
        owners = {bearer.owner for bearer in bearers}
        more["owner"] = min(owners) if len(owners) == 1 else ""
        groups = ("any", "whether", "how-many")
        yield Case({"decorated_by": asked}, spots, words(package, asked, spots, "decorated") | more, groups)


def definition(truth: Truth, package: str) -> Iterator[Case]:
    """Yield cases for names that are defined, bare ones and methods with their owner."""
    ancestry = _Ancestry(truth)
    bare: defaultdict[str, list[Definition]] = defaultdict(list)
    owned: defaultdict[str, list[Definition]] = defaultdict(list)
    for item in truth.definitions:
        bare[item.own_name].append(item)
        if item.kind == "method":
            owned[".".join(item.spot.name.split(".")[-2:])].append(item)
    for name, items in bare.items():
        if len(name) > _SHORT and not name.startswith("__") and len(items) <= _MOST_OF_A_NAME:
            yield _definition(name, items, package, ancestry)
    for name, items in owned.items():
        if "__" not in name and len(items) == 1 and is_code(items[0].spot.path):
            yield _definition(name, items, package, ancestry)


class _Ancestry:
    """Knows, by their names, which classes are above which."""

    def __init__(self, truth: Truth) -> None:
        self._classes = sorted({item.own_name for item in truth.definitions if _is_code_class(item)})
        self._bases: defaultdict[str, set[str]] = defaultdict(set)
        for item in truth.definitions:
            self._bases[item.own_name] |= {base.rpartition(".")[2] for base in item.bases}

    def stranger(self, name: str) -> str:
        """Return a class that is certainly not above the one named."""
        above, waiting = {name}, [name]
        while waiting:
            new = self._bases[waiting.pop()] - above
            above |= new
            waiting += new
        others = [each for each in self._classes if each not in above]
        return drawn(others, "stranger", name) if others else ""


def _is_code_class(item: Definition) -> bool:
    return item.kind == "class" and is_code(item.spot.path)


def _definition(name: str, items: list[Definition], package: str, ancestry: _Ancestry) -> Case:
    spots = shown_order([item.spot for item in items])
    only = items[0]
    groups = ["any"]
    more = {"kind": only.kind if len({item.kind for item in items}) == 1 else ""}
    if len(items) == 1:
        more |= {"owner": only.owner, "own": only.own_name}
        groups += ["owned"] if only.owner and "." in name else [only.kind]
        if only.bases and "?" not in "".join(only.bases):
            more["bases"] = listed(only.bases) if len(only.bases) <= _MOST_BASES else ""
            more["base"] = only.bases[0] if len(only.bases) == 1 else ""
            more["stranger"] = ancestry.stranger(only.own_name)
            groups += ["bases", "based", "unrelated"]
    filled = words(package, name, spots, "definition") | more
    shows = only.bases if "bases" in more else ()
    return Case({"name": name}, spots, filled, tuple(groups), shows)


def _by_mark(
    definitions: Iterable[Definition], marks: Callable[[Definition], Iterable[str]]
) -> Mapping[str, list[Definition]]:
    """Group definitions by the last part of each of their marks, such as their bases."""
    found: defaultdict[str, list[Definition]] = defaultdict(list)
    for item in definitions:
        for name in dict.fromkeys(mark.rpartition(".")[2] for mark in marks(item) if "?" not in mark):
            found[name].append(item)
    return found


def _asked(name: str, written: Iterable[str], package: str) -> str:
    """Return a name with its module where it is always written so, in half of the cases."""
    forms = {mark for mark in written if mark.rpartition(".")[2] == name}
    form = min(forms)
    return form if len(forms) == 1 and fraction("dotted", package, form) < _HALF else name

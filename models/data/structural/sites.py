"""Cases about places that call or raise."""

from __future__ import annotations

import io
import re
import socket
from collections import defaultdict
from collections.abc import Iterator, Sequence

from models.data.english import capital, listed
from models.data.structural.case import FEW, Case, is_code, shown_order
from models.data.structural.phrases import number
from models.data.structural.truth import Definition, Site, Spot, Truth
from models.data.structural.words import words

_SHORT = 4
_ANYTHINGS = frozenset(
    name
    for common in (dict, list, str, bytes, set, int, io.TextIOWrapper, io.RawIOBase, socket.socket, re.Pattern)
    for name in dir(common)
) | {"forEach", "filter", "reduce", "concat", "slice", "delete", "finish", "start"}
"""Methods that many things have: a call by such a name says little of whose it is."""


def callers(truth: Truth, package: str) -> Iterator[Case]:
    """Yield cases for functions, classes and methods of the code that something calls."""
    calls = _by_target(truth, "call")
    for name, items in _by_own_name(truth).items():
        sites = calls.get(name, [])
        if not sites or len(name) <= _SHORT or name.startswith("__") or name in _ANYTHINGS:
            continue
        if not any(is_code(item.spot.path) for item in items):
            continue
        kinds = {item.kind for item in items}
        if len(kinds) == 1:
            yield _case(
                {"calls": name}, [site.spot for site in sites], package, ("any", "whether", "how-many", min(kinds))
            )
        if kinds == {"method"} and len(items) == 1 and items[0].owner[:1].isupper():
            qualified = f"{items[0].owner.rpartition('.')[2]}.{name}"
            on_values = [site.spot for site in sites if _on_a_value(site.target)]
            if on_values:
                yield _case({"calls": qualified}, on_values, package, ("any", "whether", "how-many", "method"))


def raised(truth: Truth, package: str) -> Iterator[Case]:
    """Yield a case for each exception that is raised by its name."""
    own = _by_own_name(truth)
    for name, sites in _by_target(truth, "raise").items():
        if name[:1].isupper():
            groups = ("any", "whether", "how-many", "how-often", *(("own",) if name in own else ()))
            yield _case({"raises": name}, [site.spot for site in sites], package, groups)


def _case(arguments: dict[str, str], found: Sequence[Spot], package: str, groups: tuple[str, ...]) -> Case:
    spots = shown_order(found)
    [(relation, name)] = arguments.items()
    around = list(dict.fromkeys(spot.name for spot in spots))
    named = all(around)
    filled = words(package, name, spots, relation) | {
        "callers": listed(around) if named and 1 < len(around) <= FEW else "",
        "caller": around[0] if named and len({(spot.path, spot.name) for spot in spots}) == 1 else "",
        "callers_count": number(len(around)) if named and len(around) > 1 else "",
        "Callers_count": capital(number(len(around))) if named and len(around) > 1 else "",
        "own": name.rpartition(".")[2],
        "owner": name.rpartition(".")[0],
    }
    return Case(arguments, spots, filled, groups)


def _by_target(truth: Truth, relation: str) -> dict[str, list[Site]]:
    found: defaultdict[str, list[Site]] = defaultdict(list)
    for site in truth.sites:
        if site.relation == relation:
            found[site.target.rpartition(".")[2]].append(site)
    return found


def _by_own_name(truth: Truth) -> dict[str, list[Definition]]:
    found: defaultdict[str, list[Definition]] = defaultdict(list)
    for item in truth.definitions:
        found[item.own_name].append(item)
    return found


def _on_a_value(target: str) -> bool:
    """Say whether a call is made on something other than a class: then the method's owner may be meant."""
    receiver = target.rpartition(".")[0].rpartition(".")[2]
    return bool(receiver) and not receiver[:1].isupper()

"""Comparing dotted names: a shorter one matches the end of a longer one."""

from __future__ import annotations

import re

_ARGUMENTS = re.compile(r"[\[(<].*$", re.DOTALL)
_LEAD = re.compile(r"^(?:(?:async\s+)?(?:class|def|function|method|raise|@)\s*(?=[\w$]))")
_MAX_NAME = 300


def bare(text: str | None) -> str:
    """Return a name as it is compared: no back ticks, keyword, decorator sign, arguments or subscripts."""
    plain = (text or "").strip().strip("`'\"").strip()[:_MAX_NAME]
    if plain.startswith("@"):
        plain = plain[1:]
    elif " " in plain:
        plain = _LEAD.sub("", plain)
    plain = _ARGUMENTS.sub("", plain).strip()
    return plain.replace("::", ".").replace("->", ".").replace("#", ".").strip(".")


def last(name: str) -> str:
    """Return the last part of a dotted name."""
    return name.rpartition(".")[2]


def same(target: str, query: str, *, fold: bool = False) -> bool:
    """Say whether two dotted names agree in as many last parts as both have."""
    ours, theirs = _parts(target, fold), _parts(query, fold)
    count = min(len(ours), len(theirs))
    return ours[-count:] == theirs[-count:]


def named(qualified: str, query: str, relative: str, *, fold: bool = False) -> bool:
    """Say whether a definition bears the asked name.

    Parts of the query before the qualified name may name the module: `svcs.Registry` matches `Registry` in
    `src/svcs/_core.py`.
    """
    ours, theirs = _parts(qualified, fold), _parts(query, fold)
    if len(theirs) <= len(ours):
        return ours[-len(theirs) :] == theirs
    extra = theirs[: len(theirs) - len(ours)]
    path = _parts(relative.rpartition(".")[0].replace("/", "."), fold)
    return theirs[-len(ours) :] == ours and all(part in path for part in extra)


def _parts(name: str, fold: bool) -> list[str]:
    return (name.casefold() if fold else name).split(".")

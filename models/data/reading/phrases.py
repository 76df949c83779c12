"""The ways of asking and answering that the wordings' files list, and the choice among them."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterable
from functools import cache
from importlib import resources
from typing import TypeVar

import attrs

T = TypeVar("T")


@attrs.frozen
class Phrases:
    """What one shape of example may be said with."""

    name: str
    """File and table: `implementation.returns`."""
    sets: dict[str, tuple[str, ...]]

    def ask(self, turn: int, **parts: object) -> tuple[str, str]:
        """Return a question and the name of its wording.

        Args:
            turn: Which one; counts on from any number, so that all are used equally often.
            parts: What the wording's braces stand for.
        """
        number = turn % len(self.sets["questions"])
        return self.sets["questions"][number].format(**parts), f"{self.name}/{number}"

    def say(self, form: str, turn: int, **parts: object) -> str:
        """Return words of one form: `answers` or another list of the table."""
        forms = self.sets[form]
        return forms[turn % len(forms)].format(**parts)


@cache
def phrases(file: str) -> dict[str, Phrases]:
    """Return the tables of one file of wordings."""
    text = resources.files("models.data").joinpath("wordings", f"{file}.toml").read_text("utf-8")
    return {
        table: Phrases(f"{file}.{table}", {form: tuple(words) for form, words in sets.items()})
        for table, sets in tomllib.loads(text).items()
    }


def turn_of(table: str, codebase: str, used: int) -> int:
    """Return which wording comes next: each codebase begins elsewhere and goes on from there.

    Args:
        table: What is worded.
        codebase: About which codebase.
        used: How many of that table the codebase has used.
    """
    return number_of(table, codebase) + used


def number_of(*seed: str) -> int:
    """Return a number that is the same on every machine, and different for every seed."""
    return int.from_bytes(hashlib.sha256("\0".join(seed).encode()).digest()[:6])


def shuffled(items: Iterable[T], key: Callable[[T], str], *seed: str) -> list[T]:
    """Return the items in an order that looks random and is the same on every machine."""
    return sorted(items, key=lambda item: number_of(*seed, key(item)))

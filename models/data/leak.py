"""What must not be in the training data: packages that are measured on or reserved, and the measuring questions."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, cast

from models.data.rows import Row

MEASURED = frozenset(
    {"attrs", "click", "django", "flask", "httpx", "itsdangerous", "jinja2", "marshmallow", "trio", "typer"}
)
RESERVED = frozenset({"anyio", "cattrs", "pluggy", "rich", "starlette", "structlog", "svcs", "werkzeug"})

_WORDS = frozenset({"attrs", "click", "rich"})
"""Packages whose names are words of English or of much code: only their use as a package counts."""
_NAMES = re.compile(rf"(?<!\w)(?:{'|'.join(sorted((MEASURED | RESERVED) - _WORDS))}|jinja)(?!\w)", re.IGNORECASE)
_PACKAGES = re.compile(
    rf"\b(?:import|from)\s+(?:{'|'.join(sorted(_WORDS))})\b"
    r"|`(?:click|rich)`|(?<![\w.])(?:click|rich)\.[a-z_]\w*\("
    r"|(?<![\w.])attrs\.(?:define|frozen|mutable|field|asdict|evolve|make_class|Factory)\b|\battrs (?:class|library)"
)
_QUOTED = re.compile(r"`[^`]*`")
_CODE = re.compile(
    r"(?<!\w)(?:@?[A-Za-z_][\w-]*(?:[./][\w-]+)+(?:\(\))?|@\w+|\w+\(\)|\w*_\w*|[A-Za-z]*[a-z0-9][A-Z]\w*|[A-Z]{2,}[a-z]\w*)(?!\w)"
)
_CAPITALISED = re.compile(r"(?<=\w )[A-Z]\w*")
_BETWEEN = re.compile(r"[^\w']+")


def named(row: Row) -> str | None:
    """Return the first measured or reserved package that a row names anywhere but in its system message."""
    for message in row.messages[1:]:
        text = message.text or json.dumps(dict(message.call.arguments) if message.call else {}, ensure_ascii=False)
        found = _NAMES.search(text) or _PACKAGES.search(text)
        if found is not None:
            return found.group()
    return None


def normal(question: str) -> str:
    """Return a question by which another is the same: small letters, words alone, each name of code the same word."""
    text = _QUOTED.sub(" NAME ", question)
    text = _CODE.sub(" NAME ", text)
    text = _CAPITALISED.sub("NAME", text)
    return _BETWEEN.sub(" ", text).strip().lower()


def measured_questions() -> frozenset[str]:
    """Return every question of the measuring sets, normalised."""
    return frozenset(normal(question) for question in _questions(resources.files("models.bench")))


def _questions(folder: Traversable) -> Iterator[str]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _questions(entry)
        elif entry.name.endswith(".jsonl"):
            yield from _asked(json.loads(line) for line in entry.read_text("utf-8").splitlines() if line.strip())
        elif entry.name.endswith(".toml"):
            yield from _asked([tomllib.loads(entry.read_text("utf-8"))])


def _asked(values: Iterable[object]) -> Iterator[str]:
    """Yield what stands under `question`, `questions` or `asks`, however deep."""
    for value in values:
        if isinstance(value, list):
            yield from _asked(cast("list[object]", value))
        elif isinstance(value, dict):
            for key, inner in cast("dict[str, Any]", value).items():
                if key in {"question", "questions", "asks"}:
                    yield from _texts(inner)
                yield from _asked([inner])


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from _texts(inner)

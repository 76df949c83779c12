"""Answers that were given before: one JSON line each, so that an interrupted run goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import cattrs

import lsp_server
from lsp_server.user_folders import cache_root
from models.bench.model.answers import Answer

ANSWERS = "answers.jsonl"
_DECISIVE = ("*.py", "*.scm")
"""Code, and the queries that say what a definition is."""
_PROGRAM = Path(lsp_server.__file__).parent


@attrs.frozen
class Subject:
    """What answers: a model in its prompts, on a machine."""

    model: str
    """The hash of its files, or what names a server's model."""
    prompts: str
    """Version of the prompts."""
    machine: str = ""


@attrs.frozen
class Entry:
    """One answer of one subject."""

    subject: Subject
    question: str
    """The question's key."""
    answer: Answer
    resident_bytes: int = 0
    """What the model's process held once it had answered; 0 where it is not on this machine."""
    peak_bytes: int = 0
    """The most that the process had held by then; likewise."""
    asked_before: int = 0
    """Questions that this process had answered before."""
    program: str = ""
    """The state of the program that answered: a hash of its code; empty where that was not noted."""


@attrs.frozen
class Loaded:
    """One loading of a model."""

    subject: Subject
    seconds: float
    resident_bytes: int
    device: str = ""


@attrs.frozen
class Forgotten:
    """Answers that no longer count."""

    subject: Subject
    questions: tuple[str, ...]
    """Their keys."""


Item = Entry | Loaded | Forgotten
_KINDS: Mapping[str, type[Item]] = {kind.__name__: kind for kind in (Entry, Loaded, Forgotten)}


class Kept:
    """A file of answers and loadings, written line by line."""

    def __init__(self, path: Path, earlier: Path | None = None) -> None:
        """Read what is there; lines that are none of ours are left out and counted.

        Args:
            path: the file.
            earlier: another one, such as that of a report that was kept; it is only read.
        """
        self._path = path
        self._answers: dict[tuple[Subject, str], Entry] = {}
        self._loads: dict[Subject, Loaded] = {}
        self.broken = 0
        """Lines that could not be read, such as the last one of a run that was killed."""
        for line in (*_lines(earlier), *_lines(path)):
            self._read(line)

    def answer(self, subject: Subject, question: str) -> Entry | None:
        """Return what a subject answered to the question of that key; None where it was not asked."""
        return self._answers.get((subject, question))

    def loaded(self, subject: Subject) -> Loaded | None:
        """Return the last loading of a subject."""
        return self._loads.get(subject)

    def entries(self, subject: Subject) -> tuple[Entry, ...]:
        """Return all answers of a subject, in the order in which they were given."""
        return tuple(entry for (whose, _), entry in self._answers.items() if whose == subject)

    def forget(self, subject: Subject, questions: Sequence[str]) -> None:
        """Count these questions as not asked, also in later runs: this one may end before it has asked them again."""
        self.keep(Forgotten(subject, tuple(questions)))

    def keep(self, item: Item) -> None:
        """Write an answer or a loading to the file; it is there when this returns.

        Raises:
            OSError: the disk refused.
        """
        self._take(item)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab+") as file:
            line = _line(item).encode()
            file.write(line if self._ends_well() else b"\n" + line)

    def write(self, path: Path, subjects: Sequence[Subject]) -> None:
        """Write what is kept of these subjects to a file of its own.

        Raises:
            OSError: the disk refused.
        """
        items: list[Item] = [self._loads[subject] for subject in subjects if subject in self._loads]
        for subject in subjects:
            items += self.entries(subject)
        path.write_text("".join(_line(item) for item in items), "utf-8")

    def _read(self, line: str) -> None:
        try:
            data: Mapping[str, Any] = json.loads(line)
            self._take(cattrs.structure(data, _KINDS[data["is"]]))
        except (ValueError, LookupError, TypeError, cattrs.BaseValidationError):
            self.broken += 1

    def _take(self, item: Item) -> None:
        match item:
            case Entry():
                self._answers.pop((item.subject, item.question), None)  # a newer answer stands where it was given
                self._answers[item.subject, item.question] = item
            case Loaded():
                self._loads[item.subject] = item
            case Forgotten():
                for question in item.questions:
                    self._answers.pop((item.subject, question), None)

    def _ends_well(self) -> bool:
        """Say whether the last line is whole; a killed run may have left half of one."""
        size = self._path.stat().st_size
        if not size:
            return True
        with self._path.open("rb") as file:
            file.seek(size - 1)
            return file.read(1) == b"\n"


def _lines(path: Path | None) -> Iterator[str]:
    if path is None:
        return
    try:
        text = path.read_text("utf-8", "replace")
    except FileNotFoundError:
        return
    yield from (line for line in text.split("\n") if line.strip())


def _line(item: Item) -> str:
    return json.dumps({"is": type(item).__name__} | cattrs.unstructure(item)) + "\n"


def program_state() -> str:
    """Return a hash of the language server's code as it lies here."""
    state = hashlib.sha256()
    for file in sorted(file for kind in _DECISIVE for file in _PROGRAM.rglob(kind)):
        state.update(f"{file.relative_to(_PROGRAM).as_posix()}\n".encode() + file.read_bytes())
    return state.hexdigest()[:16]


def kept(earlier: Path) -> Kept:
    """Return what this user's runs have kept, and what lies beside the results that were kept before."""
    return Kept(cache_root() / "bench" / "model" / ANSWERS, earlier)

"""The figures of one configuration: each set's marks and costs, and what the model itself takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean
from typing import Literal

import attrs

from models.bench.code.latency import percentile
from models.bench.model.configurations import Configuration
from models.bench.model.kept import Entry, Kept
from models.bench.model.questions import Question, SetName
from models.bench.model.scores import Match, Score, score

_WARM_KINDS = frozenset({"subclasses", "definition", "callers", "decorated", "raised"})
"""Questions that are answered with a place or a list of them."""
_GROWTH_QUESTIONS = 100
_TAIL = 0.95


@attrs.frozen
class Part:
    """Some of the answers of a set, as many as a row of figures is about."""

    answers: int
    decided: float
    """Percentage that looked, or did not, as they must."""
    right: float
    """Percentage."""


@attrs.frozen
class Places:
    """How well places were named, on average over the questions, each in percent."""

    precision: float
    recall: float
    f1: float


@attrs.frozen
class SetFigures:
    """One set's figures of one configuration."""

    name: SetName
    questions: int
    """How many were to be asked; more than answers where some failed or are still to be asked."""
    all: Part
    tool: Part
    direct: Part
    evidence: Places | None
    citations: Places | None
    words: Places | None
    values: float | None
    """Percentage of those answers that must state a value."""
    valued: int
    """How many those are."""
    loops: int
    malformed: int
    cut: int
    calls: float
    """Tool calls for a question."""
    tokens: float
    """Generated for a question."""
    prompt_tokens: float
    """Read for a question, cached ones included."""
    seconds: float
    seconds_p95: float
    warm_seconds: float | None
    """Average over listings and definitions."""
    by_kind: Mapping[str, str]
    """Right answers of each kind: `7/8`."""


@attrs.frozen
class Growth:
    """What the model's process held while it answered many questions."""

    held: tuple[int, ...]
    """Bytes after each question, at least two."""

    @property
    def added(self) -> int:
        """Bytes after the last question beyond those after the first; fewer is negative."""
        return self.held[-1] - self.held[0]


@attrs.frozen
class Figures:
    """Everything about one configuration."""

    name: str
    model: str
    """The recipe, or what a server calls its model."""
    disk_bytes: int | None
    load_seconds: float | None
    resident_bytes: int | None
    """What the process held once the model was loaded."""
    peak_bytes: int | None
    """The most that it held, as told by the system and by the device."""
    growth: Growth | None
    kv_bytes: int | None
    """Keys and values of a turn of average length: worked out from the model's shape, not measured."""
    device: str
    seconds_p95: float | None
    """Of all answers of all sets."""
    sets: tuple[SetFigures, ...]
    programs: tuple[str, ...] = ()
    """The states of the program that gave the answers."""


def answered_by_all(
    configurations: Sequence[Configuration], sets: Mapping[SetName, Sequence[Question]], kept: Kept
) -> Mapping[SetName, Sequence[Question]]:
    """Return the questions that every configuration answered; none where all answered the same ones."""
    asked = [question for questions in sets.values() for question in questions]
    answered = [{it.key for it in asked if kept.answer(one.subject, it.key) is not None} for one in configurations]
    shared = set[str].intersection(*answered) if answered else set[str]()
    if not shared or all(one == shared for one in answered):
        return {}
    return {name: [it for it in questions if it.key in shared] for name, questions in sets.items()}


def summarise(
    configuration: Configuration, sets: Mapping[SetName, Sequence[Question]], kept: Kept, kv_numbers: int = 0
) -> Figures:
    """Gather the figures of one configuration from what was kept.

    Args:
        configuration: whose.
        sets: the questions of each set.
        kept: the answers.
        kv_numbers: how many numbers the keys and values of one token are; 0 where that is not known.

    What lies on a server's machine stays None.
    """
    subject, folder = configuration.subject, configuration.folder
    loaded = kept.loaded(subject)
    entries = kept.entries(subject)
    figures = [_set(name, asked, configuration, kept) for name, asked in sets.items()]
    peak = max((max(it.resident_bytes, it.peak_bytes, it.answer.peak_bytes) for it in entries), default=0)
    device = loaded.device if loaded else ""
    read = [entry.answer.prompt_tokens / max(1, len(entry.answer.turns)) for entry in entries]
    kv_numbers = kv_numbers if folder else 0
    counted = [
        entry
        for asked in sets.values()
        for question in asked
        if (entry := kept.answer(subject, question.key)) is not None
    ]
    seconds = [entry.answer.seconds for entry in counted]
    return Figures(
        name=configuration.name,
        model=folder.manifest.recipe if folder else configuration.subject.model.replace("\n", " "),
        disk_bytes=folder.bytes_on_disk if folder else None,
        load_seconds=loaded.seconds if loaded else None,
        resident_bytes=loaded.resident_bytes if loaded else None,
        peak_bytes=peak if folder and peak else None,
        growth=_growth(entries) if folder else None,
        kv_bytes=round(kv_numbers * _number_bytes(device) * fmean(read)) if read and kv_numbers else None,
        device=device,
        seconds_p95=percentile(seconds, _TAIL) if seconds else None,
        sets=tuple(one for one in figures if one is not None),
        programs=tuple(sorted({entry.program for entry in counted})),
    )


def _number_bytes(device: str) -> int:
    """Return the bytes of a number while computing: on a CPU everything is expanded to float32."""
    return 4 if "cpu" in device.lower() else 2


def _set(name: SetName, asked: Sequence[Question], configuration: Configuration, kept: Kept) -> SetFigures | None:
    """Return a set's figures; None where nothing of it was answered."""
    found = [(question, kept.answer(configuration.subject, question.key)) for question in asked]
    marked = [(question, entry, score(question, entry.answer)) for question, entry in found if entry is not None]
    if not marked:
        return None
    scores = [mark for _, _, mark in marked]
    seconds = [entry.answer.seconds for _, entry, _ in marked]
    warm = [entry.answer.seconds for question, entry, _ in marked if question.kind in _WARM_KINDS]
    values = [mark.values for mark in scores if mark.values is not None]
    return SetFigures(
        name=name,
        questions=len(asked),
        all=_part(scores),
        tool=_part([mark for question, _, mark in marked if question.expects == "tool"]),
        direct=_part([mark for question, _, mark in marked if question.expects == "direct"]),
        evidence=_places(scores, lambda mark: mark.evidence),
        citations=_places(scores, lambda mark: mark.citations),
        words=_places(scores, lambda mark: mark.words),
        values=_percent(values) if values else None,
        valued=len(values),
        loops=sum(mark.looped for mark in scores),
        malformed=sum(mark.malformed for mark in scores),
        cut=sum(mark.cut for mark in scores),
        calls=fmean(len(entry.answer.calls) for _, entry, _ in marked),
        tokens=fmean(entry.answer.output_tokens for _, entry, _ in marked),
        prompt_tokens=fmean(entry.answer.prompt_tokens for _, entry, _ in marked),
        seconds=fmean(seconds),
        seconds_p95=percentile(seconds, _TAIL),
        warm_seconds=fmean(warm) if warm else None,
        by_kind=_by_kind([(question.kind, mark.right) for question, _, mark in marked]),
    )


def _part(scores: Sequence[Score]) -> Part:
    return Part(len(scores), _percent([mark.decided for mark in scores]), _percent([mark.right for mark in scores]))


def _percent(marks: Sequence[bool]) -> float:
    return 100 * sum(marks) / len(marks) if marks else 0.0


def _places(scores: Sequence[Score], of: Callable[[Score], Match | None]) -> Places | None:
    matches = [found for mark in scores if (found := of(mark)) is not None]
    if not matches:
        return None
    measures: tuple[Literal["precision", "recall", "f1"], ...] = ("precision", "recall", "f1")
    return Places(*(100 * fmean(float(getattr(found, measure)) for found in matches) for measure in measures))


def _by_kind(marks: Sequence[tuple[str, bool]]) -> Mapping[str, str]:
    kinds = dict.fromkeys(kind for kind, _ in marks)
    return {kind: _tally([right for other, right in marks if other == kind]) for kind in kinds}


def _tally(marks: Sequence[bool]) -> str:
    return f"{sum(marks)}/{len(marks)}"


def _growth(entries: Sequence[Entry]) -> Growth | None:
    """Return the growth over the longest stretch that one process answered, at most a hundred questions of it."""
    stretches: list[list[Entry]] = []
    for entry in entries:
        if not stretches or entry.asked_before <= stretches[-1][-1].asked_before:
            stretches.append([])
        stretches[-1].append(entry)
    longest = max(stretches, key=len, default=list[Entry]())[:_GROWTH_QUESTIONS]
    if len(longest) < 2 or not longest[0].resident_bytes:  # noqa: PLR2004 - one point grows nowhere
        return None
    return Growth(tuple(entry.resident_bytes for entry in longest))

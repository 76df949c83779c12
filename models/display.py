"""How a build's progress reaches its reader: bars, plain lines, or JSON lines."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Generator
from typing import IO

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from models.progress import Event, Listener, Note, Stage, Step

_TITLES: dict[Stage, str] = {
    "download": "Downloading",
    "join": "Joining",
    "import": "Importing",
    "train": "Training",
    "fuse": "Fusing",
    "quantise": "Quantising",
    "write": "Writing",
    "verify": "Probing",
}
_SHARES: dict[Stage, tuple[int, int]] = {
    "download": (0, 700),
    "join": (700, 720),
    "import": (720, 820),
    "train": (0, 1000),
    "fuse": (820, 840),
    "quantise": (840, 920),
    "write": (920, 940),
    "verify": (940, 1000),
}
"""Where each stage lies on one scale of a thousand, by the time that it usually takes."""
_PLAIN_STEP_PERCENT = 10


@contextlib.contextmanager
def shown(stream: IO[str]) -> Generator[Listener]:
    """Give a listener that draws bars on a terminal, and writes a line now and then elsewhere."""
    if not stream.isatty():
        yield _Plain(stream)
        return
    with _bars(stream) as bars:
        yield _Bars(bars)


def json_lines(stream: IO[str]) -> Listener:
    """Return a listener that writes one JSON object a line.

    A step is `{stage, label, unit, stage_done, stage_total, done, total}`, where `done` of `total` counts over the
    whole build and never falls; a note is `{text}`.
    """

    def listen(event: Event) -> None:
        stream.write(json.dumps(_plain_data(event), ensure_ascii=False) + "\n")
        stream.flush()

    return listen


def _plain_data(event: Event) -> dict[str, object]:
    if isinstance(event, Note):
        return {"text": event.text}
    start, end = _SHARES[event.stage]
    return {
        "stage": event.stage,
        "label": f"{_TITLES[event.stage]} {event.label}",
        "unit": event.unit,
        "stage_done": event.done,
        "stage_total": event.total,
        "done": start + (end - start) * event.percent // 100,
        "total": 1000,
    }


class _Plain:
    """A line for each note, and one for each tenth of a stage."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._said: tuple[Stage, int] | None = None

    def __call__(self, event: Event) -> None:
        if isinstance(event, Note):
            self._stream.write(f"{event.text}\n")
        else:
            tenth = event.percent // _PLAIN_STEP_PERCENT
            if self._said == (event.stage, tenth):
                return
            self._said = (event.stage, tenth)
            self._stream.write(f"{_TITLES[event.stage]} {event.percent} % ({_amount(event)})\n")
        self._stream.flush()


class _Bars:
    """One bar a stage."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[Stage, TaskID] = {}

    def __call__(self, event: Event) -> None:
        if isinstance(event, Note):
            self._bars.console.print(event.text, highlight=False, markup=False)
            return
        if event.stage not in self._tasks:
            self._tasks[event.stage] = self._bars.add_task(_TITLES[event.stage], total=event.total)
        task = self._tasks[event.stage]
        self._bars.update(task, completed=event.done, total=event.total, amount=_amount(event))


class _Amount(ProgressColumn):
    """How much of how much, in the stage's own unit."""

    def render(self, task: Task) -> Text:
        return Text(str(task.fields.get("amount", "")), style="progress.download")


def _bars(stream: IO[str]) -> Progress:
    return Progress(
        TextColumn("{task.description:<11}"),
        BarColumn(),
        TaskProgressColumn(),
        _Amount(),
        TimeRemainingColumn(elapsed_when_finished=True),
        console=Console(file=stream),
    )


def _amount(step: Step) -> str:
    if step.unit == "bytes":
        return f"{step.done / 1e6:,.0f} of {step.total / 1e6:,.0f} MB"
    return f"{step.done} of {step.total} {step.unit}" if step.unit == "tensors" else step.label

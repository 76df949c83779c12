"""A training from beginning to end, in as many legs as it takes."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Generator, Sequence
from pathlib import Path
from types import FrameType

import attrs

from lsp_server.resident.mlx_backend import device_name
from models.adapter import Provenance
from models.data.rows import Encoded
from models.memory import shortage_told
from models.plan import duration_text
from models.progress import Note, Step, Watch
from models.recipe import Recipe
from models.training.base import training_base, training_folder
from models.training.curve import Check, Curve, Point
from models.training.disk import alone, refusals_told
from models.training.inputs import DATA, Inputs, numbers_key, read_inputs, training_of
from models.training.learner import Learner, peak_memory
from models.training.legs import Leg, check_same, forget_legs, load_leg, save_leg
from models.training.numbers import Training, rate_at
from models.training.order import epoch_steps, place_of, steps_per_epoch, total_steps
from models.training.result import write_result

_TOLD_PACE_OVER = 20
"""Steps that the pace and the time left are reckoned from."""


@attrs.frozen
class Options:
    """How a training is run; nothing here changes what is learnt."""

    adapter: Path
    """The folder that the adapter is written to."""
    data: Path = DATA
    base: Path | None = None
    """A local copy of the base weights."""
    fresh: bool = False
    """Begin anew, whatever an earlier leg left."""
    most_steps: int = 0
    """Steps of this leg; 0 goes on to the end."""
    watch: Watch = attrs.field(factory=Watch)


@attrs.frozen
class Outcome:
    """How far a leg came."""

    step: int
    total: int
    provenance: Provenance

    @property
    def finished(self) -> bool:
        """Whether nothing is left to learn."""
        return self.step == self.total


def train(recipe: Recipe, options: Options) -> Outcome:
    """Train the recipe's adapter, going on from where the last leg stopped.

    An interrupt or a termination ends the leg after the step in hand, with everything saved.

    Raises:
        ModelBuildFailed: base, rows, an earlier leg, memory, the disk or another training do not allow it; the
            sentence says why.
        BuildCancelled: the caller withdrew before the first step.
    """
    with refusals_told(), shortage_told("training"), alone(training_folder(recipe)):
        base = training_base(recipe, options.watch, options.base)
        inputs = read_inputs(recipe, base, options.data)
        return _Training(recipe, options, inputs, base).run()


class _Training:
    """One leg."""

    def __init__(self, recipe: Recipe, options: Options, inputs: Inputs, base: Path) -> None:
        self._recipe, self._options, self._inputs = recipe, options, inputs
        self._numbers: Training = training_of(recipe)
        self._folder = training_folder(recipe) / "legs"
        self._per_epoch = steps_per_epoch(inputs.train, self._numbers)
        self._total = total_steps(inputs.train, self._numbers)
        leg = self._earlier()
        self._learner = Learner(base, self._numbers)
        self._step, self._curve = 0, Curve()
        if leg is not None:
            self._learner.restore(leg.arrays)
            self._step, self._curve = leg.step, leg.curve

    def run(self) -> Outcome:
        """Learn until the end, the leg's last step, or a signal."""
        stop = self._total if not self._options.most_steps else min(self._total, self._step + self._options.most_steps)
        with contextlib.closing(self._learner):
            if self._measurement_is_due(stop):
                self._measure()
            with _signals() as signalled:
                while self._step < stop:
                    self._learn()
                    ended, due = signalled(), self._measurement_is_due(stop)
                    if ended or due or self._step % self._numbers.save_every == 0:
                        self._save()  # before a measurement, which takes minutes
                    if ended:
                        break
                    if due:
                        self._measure()
            if self._step < self._total:
                self._tell(
                    f"Stopped after step {self._step} of {self._total}; it is saved. "
                    "The same command goes on from there."
                )
            return Outcome(self._step, self._total, self._write())

    def _earlier(self) -> Leg | None:
        """Return the state to go on from, if there is one that fits."""
        if self._options.fresh:
            forget_legs(self._folder)
        leg, damaged = load_leg(self._folder)
        for name in damaged:
            self._tell(f"The saved state {name} is damaged; going on from the one before.")
        if leg is None:
            self._tell(f"{self._total} steps of {self._numbers.rows_per_step} rows, {self._per_epoch} an epoch.")
            return None
        check_same(leg, data=self._inputs.digest, numbers=numbers_key(self._recipe))
        self._tell(f"Going on after step {leg.step} of {self._total}.")
        return leg

    def _learn(self) -> None:
        place = place_of(self._step, self._per_epoch)
        chosen = epoch_steps(self._inputs.train, self._numbers, place.epoch)[place.step]
        rate = rate_at(self._numbers, self._step, self._total)
        done = self._learner.step(_rows(self._inputs.train, chosen), rate, self._step)
        self._step += 1
        point = Point(self._step, done.loss, rate, done.trained, done.computed, round(done.seconds, 2))
        self._curve = self._curve.with_point(point)
        self._options.watch.tell(Step("train", self._words(point), self._step, self._total, "steps"))
        self._tell(f"step {self._step} of {self._total}: {self._words(point)}")

    def _words(self, point: Point) -> str:
        recent = self._curve.points[-_TOLD_PACE_OVER:]
        seconds = sum(one.seconds for one in recent)
        pace = sum(one.computed for one in recent) / max(seconds, 1e-9)
        left = (self._total - point.step) * seconds / len(recent)
        return f"loss {point.loss:.3f}, {pace:.0f} tokens/s, {duration_text(left)} left"

    def _measurement_is_due(self, stop: int) -> bool:
        """Whether the validation rows are to be measured at this very step, and were not yet."""
        measured = self._curve.checks[-1].step if self._curve.checks else None
        return measured != self._step and (self._step % self._numbers.validate_every == 0 or self._step == stop)

    def _measure(self) -> None:
        """Take the loss of the validation rows; an adapter that has learnt something is written with it."""
        done = self._learner.measure(self._inputs.valid)
        check = Check(self._step, done.loss, done.perplexity, round(done.seconds, 2))
        self._curve = self._curve.with_check(check)
        self._tell(f"validation after step {self._step}: loss {done.loss:.3f}, perplexity {done.perplexity:.2f}")
        self._save()
        if self._step:
            self._write()

    def _save(self) -> None:
        save_leg(
            self._folder,
            Leg(self._step, self._inputs.digest, numbers_key(self._recipe), self._curve, self._learner.state()),
        )

    def _write(self) -> Provenance:
        return write_result(
            self._options.adapter,
            self._recipe,
            self._inputs,
            self._curve,
            self._learner.adapter(),
            device_name(),
            peak_memory(),
        )

    def _tell(self, text: str) -> None:
        self._options.watch.tell(Note(text))


def _rows(rows: Sequence[Encoded], chosen: Sequence[int]) -> list[Encoded]:
    return [rows[number] for number in chosen]


@contextlib.contextmanager
def _signals() -> Generator[_Signalled]:
    """Take note of an interrupt or a termination instead of dying of it; a second one is as hard as ever."""
    signalled = _Signalled()
    kept = {number: signal.signal(number, signalled.note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield signalled
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


class _Signalled:
    """Whether a signal came."""

    def __init__(self) -> None:
        self._came = False

    def __call__(self) -> bool:
        return self._came

    def note(self, number: int, _frame: FrameType | None) -> None:
        self._came = True
        signal.signal(number, signal.SIG_DFL)

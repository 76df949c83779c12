"""A training from beginning to end, in as many legs as it takes."""

from __future__ import annotations

import contextlib
import shutil
import signal
from collections.abc import Generator, Sequence
from pathlib import Path
from types import FrameType

import attrs

from lsp_server.errors import ModelBuildFailed
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
from models.training.further import Start, going_on
from models.training.inputs import DATA, Inputs, numbers_key, read_inputs, training_of
from models.training.learner import Learner, peak_memory
from models.training.legs import Leg, check_same, forget_legs, load_leg, save_leg
from models.training.numbers import Training, rate_at
from models.training.order import epoch_steps, place_of, steps_per_epoch, total_steps
from models.training.result import provenance_of, read_weights, write_adapter, write_curves

_TOLD_PACE_OVER = 20
"""Steps that the pace and the time left are reckoned from."""
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a machine that stops, a terminal that closes."""


@attrs.frozen
class Options:
    """How a training is run; nothing here changes what is learnt."""

    adapter: Path
    """The folder that the finished adapter is written to; until then it lies beside the legs."""
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


def train(recipe: Recipe, options: Options, start: Start | None = None) -> Outcome:
    """Train the recipe's adapter, going on from where the last leg stopped.

    Args:
        recipe: states the numbers.
        options: how it is run.
        start: a finished adapter that is trained further; None begins with a fresh one.

    An interrupt, a termination or a closed terminal ends the leg after the step in hand, with everything saved.

    Raises:
        ModelBuildFailed: base, rows, an earlier leg, memory, the disk or another training do not allow it; the
            sentence says why.
        BuildCancelled: the caller withdrew before the first step.
    """
    with refusals_told(), shortage_told("training"), alone(training_folder(recipe)):
        base = training_base(recipe, options.watch, options.base)
        if start is None:
            return _Training(recipe, options, read_inputs(recipe, base, options.data), base).run()
        _check_apart(start, options.adapter, training_folder(recipe))
        recipe = going_on(recipe)
        inputs = read_inputs(recipe, base, options.data, start.choose)
        return _Training(recipe, options, inputs, base, start).run()


def _check_apart(start: Start, *written: Path) -> None:
    """Refuse to write over what is gone on from.

    Raises:
        ModelBuildFailed: the adapter lies in one of the folders that are written to.
    """
    folder = start.parent.tuning.folder.resolve()
    if any(folder.is_relative_to(path.expanduser().resolve()) for path in written):
        raise ModelBuildFailed(
            f"The training would write over {start.parent.tuning.folder}, which it goes on from.",
            "Copy that adapter elsewhere, or name another folder for the new one: --adapter FOLDER.",
        )


class _Training:
    """One leg."""

    def __init__(
        self, recipe: Recipe, options: Options, inputs: Inputs, base: Path, start: Start | None = None
    ) -> None:
        self._recipe, self._options, self._inputs, self._start = recipe, options, inputs, start
        self._key = numbers_key(recipe, start.key if start else "")
        self._numbers: Training = training_of(recipe)
        self._folder = training_folder(recipe) / "legs"
        self._so_far = training_folder(recipe) / "so-far"
        self._per_epoch = steps_per_epoch(inputs.train, self._numbers)
        self._total = total_steps(inputs.train, self._numbers)
        leg = self._earlier()
        self._learner = Learner(base, self._numbers)
        self._step, self._curve = 0, Curve()
        if leg is not None:
            self._learner.restore(leg.arrays)
            self._step, self._curve = leg.step, leg.curve
        elif start is not None:
            self._learner.take(read_weights(start.parent.tuning.folder))

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
                self._note(
                    f"Stopped after step {self._step} of {self._total}; it is saved. "
                    f"The same command{', without --fresh,' if self._options.fresh else ''} goes on from there. "
                    f"What it has learnt so far lies in {self._so_far}."
                )
            return Outcome(self._step, self._total, self._write())

    def _earlier(self) -> Leg | None:
        """Return the state to go on from, if there is one that fits."""
        if self._options.fresh:
            forget_legs(self._folder)
        leg, damaged = load_leg(self._folder)
        for name in damaged:
            self._note(f"The saved state {name} is damaged; going on from the one before.")
        if leg is None:
            self._note(f"{self._total} steps of {self._numbers.rows_per_step} rows, {self._per_epoch} an epoch.")
            return None
        check_same(leg, data=self._inputs.digest, numbers=self._key)
        self._note(f"Going on after step {leg.step} of {self._total}.")
        return leg

    def _learn(self) -> None:
        place = place_of(self._step, self._per_epoch)
        chosen = epoch_steps(self._inputs.train, self._numbers, place.epoch)[place.step]
        rate = rate_at(self._numbers, self._step, self._total)
        done = self._learner.step(_rows(self._inputs.train, chosen), rate, self._step)
        self._step += 1
        point = Point(self._step, done.loss, rate, done.trained, done.computed, round(done.seconds, 2))
        self._curve = self._curve.with_point(point)
        self._tell(Step("train", self._words(point), self._step, self._total, "steps"))
        self._note(f"step {self._step} of {self._total}: {self._words(point)}")

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
        self._note(f"validation after step {self._step}: loss {done.loss:.3f}, perplexity {done.perplexity:.2f}")
        self._save()
        if self._step:
            self._write()

    def _save(self) -> None:
        self._curve = self._curve.with_peak(peak_memory())
        save_leg(
            self._folder,
            Leg(self._step, self._inputs.digest, self._key, self._curve, self._learner.state()),
        )

    def _write(self) -> Provenance:
        """Write the adapter; one that is half trained must not lie where a finished one is looked for."""
        finished = self._step == self._total
        if finished:
            shutil.rmtree(self._so_far, ignore_errors=True)
        folder = self._options.adapter if finished else self._so_far
        provenance, curves = provenance_of(self._recipe, self._inputs, self._curve, device_name()), [self._curve]
        if self._start is not None:
            provenance = attrs.evolve(self._start.together(provenance), numbers=self._key)
            curves = [*self._start.parent.curves, *curves]
        write_adapter(folder, self._recipe, self._learner.adapter(), provenance)
        write_curves(folder, self._recipe, curves)
        return provenance

    def _tell(self, event: Note | Step) -> None:
        with contextlib.suppress(OSError):  # a terminal that is gone costs no step
            self._options.watch.tell(event)

    def _note(self, text: str) -> None:
        self._tell(Note(text))


def _rows(rows: Sequence[Encoded], chosen: Sequence[int]) -> list[Encoded]:
    return [rows[number] for number in chosen]


@contextlib.contextmanager
def _signals() -> Generator[_Signalled]:
    """Take note of a signal that ends instead of dying of it; a second one is as hard as ever.

    What is ignored already stays so: under `nohup` a closed terminal ends nothing.
    """
    signalled = _Signalled()
    heeded = [number for number in _ENDING if signal.getsignal(number) is not signal.SIG_IGN]
    kept = {number: signal.signal(number, signalled.note) for number in heeded}
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

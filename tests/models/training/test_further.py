"""A training goes on from a finished adapter."""

# mlx carries no complete types:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest

from lsp_server.engine.base import Message
from lsp_server.errors import BadRequest, ModelBuildFailed
from models import commands, rehearsal
from models.adapter import read_provenance, read_tuning
from models.data.rows import Row
from models.recipe import Recipe
from models.training import inputs
from models.training.base import training_folder
from models.training.curve import read_curves
from models.training.further import Start, going_on, started
from models.training.inputs import training_of
from models.training.numbers import Further
from models.training.result import read_weights
from models.training.train import Options, Outcome, train
from support.tiny_training import RECIPE, recipe_with, short_prompt, write_data

FURTHER = Further(learning_rate=0.01, warmup_steps=0, epochs=1, validate_every=100, repeat_one_in=2)
GOING_ON = attrs.evolve(RECIPE, further=FURTHER)


@attrs.frozen
class Workshop:
    """An adapter that was trained on seven rows, and nine rows, the seven among them, to go on with."""

    base: Path
    root: Path

    def first(self, recipe: Recipe = GOING_ON) -> Outcome:
        return train(recipe, Options(self.root / "first", data=self.root / "learnt", base=self.base, fresh=True))

    def start(self, recipe: Recipe = GOING_ON) -> Start:
        found = started(recipe, self.root / "first", self.root / "learnt")
        assert found is not None
        return found

    def go_on(self, recipe: Recipe = GOING_ON, **options: Any) -> Outcome:
        chosen = Options(self.root / "second", data=self.root / "data", base=self.base, **options)
        return train(recipe, chosen, self.start(recipe))


@pytest.fixture
def workshop(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    monkeypatch.setattr(inputs, "system_prompt", short_prompt)
    write_data(tmp_path / "learnt", train=7, system="Answer.")
    write_data(tmp_path / "data", train=9, system="Answer.")
    return Workshop(base, tmp_path)


def same(one: Path, other: Path) -> bool:
    first, second = read_weights(one), read_weights(other)
    return first.keys() == second.keys() and all(np.array_equal(first[name], second[name]) for name in first)


def row(number: int, kind: str) -> Row:
    turns = (Message("system", "Answer."), Message("user", f"{number}?"), Message("assistant", "Yes."))
    return Row(f"{kind}-{number}", kind, "sample", "", turns)


def chosen(rows: Sequence[Row], learnt: Sequence[Row], one_in: int, workshop: Workshop) -> list[str]:
    start = attrs.evolve(workshop.start(), learnt=frozenset(repr(it.messages) for it in learnt), repeat_one_in=one_in)
    return [it.id for it in start.choose(rows)]


def test_all_that_is_new_is_learnt_and_some_of_the_rest(workshop: Workshop):
    """Of what was learnt before, one in so many of each kind is seen again; the order stays."""
    workshop.first()
    rows = [row(number, "why" if number % 2 else "how") for number in range(10)]
    assert chosen(rows, rows[:6], 2, workshop) == ["how-0", "why-1", "how-4", "why-5", *(it.id for it in rows[6:])]
    assert chosen(rows, rows, 100, workshop) == ["how-0", "why-1"]
    assert chosen(rows, [], 100, workshop) == [it.id for it in rows]
    assert chosen(rows, rows, 1, workshop) == [it.id for it in rows]


def test_it_goes_on_from_what_was_learnt(workshop: Workshop):
    """The first measurement is the adapter's last, and what both cost is told together."""
    first = workshop.first().provenance
    outcome = workshop.go_on(fresh=True)
    said = read_provenance(workshop.root / "second")
    assert outcome.finished
    assert said == outcome.provenance
    assert said.parents == (read_tuning(workshop.root / "first", RECIPE).digest,)
    before, after = read_curves(workshop.root / "second")
    assert after.checks[0].loss == pytest.approx(first.validation_loss, abs=1e-3)  # kept in halves
    assert len(before.points) == first.steps
    assert (said.rows, said.steps) == (6, first.steps + 2)  # two are new, and four of seven are seen again
    assert said.tokens == first.tokens + after.computed
    assert not same(workshop.root / "first", workshop.root / "second")


def test_legs_of_it_learn_what_one_training_learns(workshop: Workshop):
    """A leg does not begin with the adapter again, and a leg of another beginning is not gone on with."""
    workshop.first()
    workshop.go_on(fresh=True)
    whole = (workshop.root / "second").rename(workshop.root / "whole")
    workshop.go_on(fresh=True, most_steps=1)
    assert workshop.go_on().finished
    assert same(whole, workshop.root / "second")
    with pytest.raises(ModelBuildFailed, match="what it goes on from, changed since"):
        train(GOING_ON, Options(workshop.root / "other", data=workshop.root / "data", base=workshop.base))


def test_a_leg_over_other_rows_is_not_gone_on_with(workshop: Workshop):
    """How many rows are seen again decides which they are."""
    workshop.first()
    workshop.go_on(fresh=True, most_steps=1)
    other = attrs.evolve(GOING_ON, further=attrs.evolve(FURTHER, repeat_one_in=3))
    with pytest.raises(ModelBuildFailed, match="changed since"):
        workshop.go_on(other)


def test_nothing_is_written_over_what_is_gone_on_from(workshop: Workshop):
    """Neither in its own folder nor where a half trained adapter lies."""
    workshop.first()
    start = workshop.start()
    here = Options(workshop.root / "first", data=workshop.root / "data", base=workshop.base, fresh=True)
    with pytest.raises(ModelBuildFailed, match="would write over"):
        train(GOING_ON, here, start)
    so_far = training_folder(GOING_ON) / "so-far"
    shutil.copytree(workshop.root / "first", so_far)
    start = attrs.evolve(
        start, parent=attrs.evolve(start.parent, tuning=attrs.evolve(start.parent.tuning, folder=so_far))
    )
    with pytest.raises(ModelBuildFailed, match="would write over"):
        train(GOING_ON, attrs.evolve(here, adapter=workshop.root / "second"), start)
    assert read_tuning(so_far, GOING_ON).steps == read_tuning(workshop.root / "first", GOING_ON).steps


def test_the_numbers_are_those_of_the_recipe_but_for_a_few():
    """A further training has its own rate and length, and the form of the first."""
    numbers = training_of(going_on(GOING_ON))
    assert (numbers.learning_rate, numbers.warmup_steps, numbers.epochs, numbers.steps) == (0.01, 0, 1, 0)
    assert numbers.rank == training_of(RECIPE).rank
    assert going_on(RECIPE) == RECIPE


def test_the_command_goes_on(workshop: Workshop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """`train --from` says from what, and with `--dry-run` over how many rows; then it trains."""

    def load(_name: str) -> Recipe:
        return GOING_ON

    def check(*_: object) -> None: ...

    workshop.first()
    monkeypatch.setattr(commands, "load_recipe", load)
    monkeypatch.setattr(rehearsal, "check_prompts", check)
    folders = {"--from": "first", "--learnt": "learnt", "--data": "data", "--adapter": "second"}
    words = ["train", "--base", str(workshop.base)]
    words += [word for name, folder in folders.items() for word in (name, str(workshop.root / folder))]
    assert commands.main([*words, "--dry-run"]) == 0
    said = capsys.readouterr().out
    digest = read_tuning(workshop.root / "first", RECIPE).digest
    assert f"sha256 {digest}, 6 steps" in said
    assert "6 rows" in said
    assert "2 steps of 3 rows" in said
    assert commands.main([*words, "--fresh"]) == 0
    assert f'sha256 = "{read_tuning(workshop.root / "second", RECIPE).digest}"' in capsys.readouterr().out
    assert read_provenance(workshop.root / "second").parents == (digest,)


def test_what_cannot_be_gone_on_from_is_refused(workshop: Workshop):
    """One named without the other, other rows, another form, a recipe that says nothing of it."""
    workshop.first()
    first, learnt = workshop.root / "first", workshop.root / "learnt"
    assert started(GOING_ON, None, None) is None
    with pytest.raises(BadRequest, match="belong together"):
        started(GOING_ON, first, None)
    with pytest.raises(ModelBuildFailed, match="has learnt from other rows"):
        started(GOING_ON, first, workshop.root / "data")
    with pytest.raises(ModelBuildFailed, match="another scale or rank"):
        started(attrs.evolve(recipe_with(rank=2), further=FURTHER), first, learnt)
    with pytest.raises(ModelBuildFailed, match="says nothing of going on"):
        started(RECIPE, first, learnt)
    with pytest.raises(ModelBuildFailed, match="is not in"):
        started(GOING_ON, workshop.root / "nowhere", learnt)

"""A training from beginning to end, in legs."""

# mlx and mlx-lm carry no complete types:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import attrs
import numpy as np
import pytest

from lsp_server.agent.prompts import PROMPT_VERSION
from lsp_server.errors import ModelBuildFailed
from lsp_server.resident.blas import load_blas
from models.adapter import CONFIG, PROVENANCE, WEIGHTS, check_fits, read_provenance
from models.progress import Event, Note, Step, Watch
from models.recipe import Recipe
from models.training import disk, inputs, learner
from models.training import train as leg_of_training
from models.training.base import base_key, training_folder
from models.training.disk import alone
from models.training.inputs import data_digest, numbers_key
from models.training.legs import load_leg
from models.training.train import Options, Outcome, train
from support.tiny_training import NUMBERS, RECIPE, recipe_with, short_prompt, untuned, write_data

load_blas()

import mlx.core as mx  # noqa: E402 - a BLAS must be loaded before mlx
from mlx_lm.tuner.utils import load_adapters  # noqa: E402

TOTAL = 6
"""Steps of the tiny recipe: seven rows, three a step, two epochs."""
SUPPORT = Path(__file__).parents[2] / "support"


@attrs.define
class Trainings:
    """Trainings of one recipe on one machine, and what they said."""

    base: Path
    folder: Path
    said: list[Event] = attrs.field(factory=list[Event])

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def adapter(self) -> Path:
        return self.folder / "adapter"

    def write_data(self, train: int = 7) -> None:
        write_data(self.data, train=train, system="Answer.")

    @property
    def notes(self) -> str:
        return "\n".join(event.text for event in self.said if isinstance(event, Note))

    def leg(self, recipe: Recipe = RECIPE, **options: Any) -> Outcome:
        self.said.clear()
        watch = Watch(self.said.append)
        return train(recipe, Options(self.adapter, data=self.data, base=self.base, watch=watch, **options))

    def weights(self) -> dict[str, Any]:
        loaded: Any = mx.load(str(self.adapter / WEIGHTS))
        return {name: np.array(value) for name, value in loaded.items()}

    def saved_steps(self) -> list[int]:
        return sorted(int(path.name[5:11]) for path in (training_folder(RECIPE) / "legs").glob("step-*"))


@pytest.fixture
def trainings(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trainings:
    monkeypatch.setattr(inputs, "system_prompt", short_prompt)
    found = Trainings(base, tmp_path)
    found.write_data()
    return found


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


def test_legs_learn_what_one_training_learns(trainings: Trainings):
    """Three legs give the adapter and the losses of one training, bit for bit."""
    assert trainings.leg().finished
    whole, losses = trainings.weights(), losses_of(trainings)
    reached = [trainings.leg(most_steps=steps, fresh=number == 0).step for number, steps in enumerate((1, 3, 50))]
    assert reached == [1, 4, TOTAL]
    assert same(trainings.weights(), whole)
    assert losses_of(trainings) == losses


def losses_of(trainings: Trainings) -> list[float]:
    return [point["loss"] for point in json.loads((trainings.adapter / "loss.json").read_text())["points"]]


def test_the_most_memory_is_that_of_all_legs(trainings: Trainings, monkeypatch: pytest.MonkeyPatch):
    """A later leg that takes less does not hide what an earlier one took."""
    for held, steps in ((900, 2), (500, 0)):
        monkeypatch.setattr(leg_of_training, "peak_memory", lambda held=held: held)
        trainings.leg(most_steps=steps)
    assert json.loads((trainings.adapter / PROVENANCE).read_text())["peak_memory_bytes"] == 900


def test_progress_is_told(trainings: Trainings):
    """Every step with loss, pace and time left; where a leg stopped; where the next goes on."""
    trainings.leg(most_steps=2)
    assert "6 steps of 3 rows, 3 an epoch" in trainings.notes
    assert "Stopped after step 2 of 6; it is saved." in trainings.notes
    steps = [event for event in trainings.said if isinstance(event, Step)]
    assert [(step.done, step.total) for step in steps] == [(1, TOTAL), (2, TOTAL)]
    assert all("tokens/s" in step.label and "left" in step.label for step in steps)
    trainings.leg()
    assert "Going on after step 2 of 6." in trainings.notes
    assert "Stopped" not in trainings.notes


def test_measurements_come_when_they_are_due(trainings: Trainings):
    """Before the first step, where the recipe says, at a leg's end and at the end; none twice."""
    trainings.leg(most_steps=2)
    trainings.leg()
    trainings.leg()
    checks = json.loads((trainings.adapter / "loss.json").read_text())["checks"]
    assert [check["step"] for check in checks] == [0, 2, 4, 6]
    assert checks[-1]["loss"] < checks[0]["loss"]


def test_a_finished_training_writes_its_adapter_again(trainings: Trainings):
    """Nothing is left to learn, and an adapter that was lost is back."""
    trainings.leg()
    whole = trainings.weights()
    (trainings.adapter / WEIGHTS).unlink()
    assert trainings.leg().finished
    assert not [event for event in trainings.said if isinstance(event, Step)]
    assert same(trainings.weights(), whole)


def test_a_damaged_state_costs_only_its_own_steps(trainings: Trainings):
    """The state before it serves, the damaged one is named, and the adapter is the same in the end."""
    trainings.leg()
    whole = trainings.weights()
    trainings.leg(fresh=True, most_steps=2)
    trainings.leg(most_steps=2)
    (path,) = (training_folder(RECIPE) / "legs").glob("step-000004-*")
    path.write_bytes(path.read_bytes()[:-1])
    outcome = trainings.leg()
    assert outcome.finished
    assert f"The saved state {path.name} is damaged" in trainings.notes
    assert "Going on after step 2" in trainings.notes
    assert same(trainings.weights(), whole)


def test_other_rows_or_another_recipe_are_refused(trainings: Trainings):
    """Nothing is computed and nothing lost: with the old rows it goes on, with `--fresh` it begins anew."""
    trainings.leg(most_steps=2)
    with pytest.raises(ModelBuildFailed, match="the recipe, or what it goes on from, changed since"):
        trainings.leg(recipe_with(rank=2))
    trainings.write_data(train=5)
    with pytest.raises(ModelBuildFailed, match="the data changed since"):
        trainings.leg()
    trainings.write_data()
    assert trainings.leg(recipe_with(save_every=1), most_steps=1).step == 3
    assert trainings.leg(recipe_with(rank=2), fresh=True, most_steps=1).step == 1


def test_two_states_are_kept(trainings: Trainings):
    """States come as often as the recipe says; the disk holds the last two."""
    trainings.leg(recipe_with(save_every=1, validate_every=100), most_steps=5)
    trainings.leg(recipe_with(save_every=1, validate_every=100))
    assert len(trainings.saved_steps()) == 2
    assert trainings.saved_steps()[-1] == TOTAL


def test_a_second_training_is_refused(trainings: Trainings):
    """Two would overwrite each other's states."""
    with alone(training_folder(RECIPE)), pytest.raises(ModelBuildFailed, match="Another training of tiny-trained"):
        trainings.leg()
    assert trainings.leg(most_steps=1).step == 1


def test_a_full_disk_is_a_sentence_and_costs_no_saved_step(trainings: Trainings, monkeypatch: pytest.MonkeyPatch):
    """The leg ends with what to do; after it the training goes on from the last saved state."""
    trainings.leg(most_steps=2)
    with monkeypatch.context() as patched:

        def full(path: str, _arrays: Any, **_said: Any) -> None:
            raise RuntimeError("[write] Unable to write 350094 bytes to file.")

        patched.setattr(disk.mx, "save_safetensors", full)
        with pytest.raises(ModelBuildFailed, match=r"could not go on: .*Unable to write") as caught:
            trainings.leg()
    assert "goes on from the last saved state" in caught.value.hint
    trainings.leg()
    assert "Going on after step 2" in trainings.notes


def test_memory_that_runs_out_is_a_sentence(trainings: Trainings, monkeypatch: pytest.MonkeyPatch):
    """What mlx says of it is told as one, with a way out."""

    def short(*_: object) -> None:
        raise RuntimeError("[malloc] Unable to allocate 5000000000 bytes.")

    monkeypatch.setattr(learner.Learner, "step", short)
    with pytest.raises(ModelBuildFailed, match="Memory ran out while training"):
        trainings.leg()


def test_what_is_learnt_is_saved_before_it_is_measured(trainings: Trainings, monkeypatch: pytest.MonkeyPatch):
    """A machine that stops during the minutes of a measurement loses no step, and the measurement is made up for."""
    trainings.leg(most_steps=1)

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(learner.Learner, "measure", stopped)
        with pytest.raises(KeyboardInterrupt):
            trainings.leg(recipe_with(save_every=100))
    trainings.leg(most_steps=1)
    assert "Going on after step 4" in trainings.notes
    assert "validation after step 4" in trainings.notes


def test_the_adapter_is_mlx_lms_own(trainings: Trainings):
    """Float16, in the form that mlx_lm loads; its logits are those of the adapter that was trained."""
    trainings.leg()
    assert {value.dtype.name for value in trainings.weights().values()} == {"float16"}
    check_fits(trainings.adapter, RECIPE.shape)
    model: Any = load_adapters(untuned(trainings.base), str(trainings.adapter))
    leg, _ = load_leg(training_folder(RECIPE) / "legs")
    assert leg is not None
    full = {name.removeprefix("adapter."): value for name, value in leg.arrays.items() if name.startswith("adapter.")}
    assert full.keys() == trainings.weights().keys()
    tokens = mx.array([list(range(60, 90))])
    found = np.array(model(tokens))
    model.load_weights(list(full.items()), strict=False)
    np.testing.assert_allclose(found, np.array(model(tokens)), atol=5e-3)
    assert np.abs(found - np.array(untuned(trainings.base)(tokens))).max() > 0.1


def test_where_the_adapter_comes_from_is_told(trainings: Trainings):
    """Hashes of data, recipe and base, versions, cost and losses; mlx_lm's own configuration beside it."""
    outcome = trainings.leg()
    said = json.loads((trainings.adapter / PROVENANCE).read_text())
    assert read_provenance(trainings.adapter) == outcome.provenance
    curve = json.loads((trainings.adapter / "loss.json").read_text())
    expected = {
        "recipe": RECIPE.name,
        "data": data_digest(trainings.data),
        "numbers": numbers_key(RECIPE),
        "base": base_key(RECIPE),
        "prompt_version": PROMPT_VERSION,
        "rows": 7,
        "steps": TOTAL,
        "tokens": sum(point["computed"] for point in curve["points"]),
        "validation_loss": curve["checks"][-1]["loss"],
        "training_loss": pytest.approx(np.mean([point["loss"] for point in curve["points"]])),
    }
    assert said == said | expected
    assert said["versions"].keys() == {"inglenook", "mlx", "mlx-lm", "gguf", "tokenizers"}
    assert 50e6 < said["peak_memory_bytes"] < 50e9  # the libraries alone take 50 MB
    assert said["validation_perplexity"] == pytest.approx(np.exp(said["validation_loss"]))
    assert json.loads((trainings.adapter / CONFIG).read_text()) == {
        "fine_tune_type": "lora",
        "num_layers": NUMBERS.layers,
        "lora_parameters": {"rank": NUMBERS.rank, "scale": NUMBERS.scale, "dropout": NUMBERS.dropout},
    }


def test_the_course_of_the_loss_is_whole(trainings: Trainings):
    """Every step and measurement of all legs, as figures and as a plot; no half-written file stays."""
    trainings.leg(most_steps=3)
    trainings.leg()
    curve = json.loads((trainings.adapter / "loss.json").read_text())
    assert [point["step"] for point in curve["points"]] == list(range(1, TOTAL + 1))
    plot = ET.fromstring((trainings.adapter / "loss.svg").read_text("utf-8"))  # noqa: S314 - our own
    lines = [line for line in plot.iter() if line.tag.endswith("polyline")]
    assert [len(line.attrib["points"].split()) for line in lines] == [TOTAL, len(curve["checks"])]
    assert {path.name for path in trainings.adapter.iterdir()} == {
        WEIGHTS,
        CONFIG,
        PROVENANCE,
        "loss.json",
        "loss.svg",
    }


@pytest.fixture
def heeded(request: pytest.FixtureRequest) -> Generator[signal.Signals]:
    """Give the signal of the test, not ignored: what the tests run under, such as nohup, is inherited by children."""
    before = signal.getsignal(request.param)
    if before is signal.SIG_IGN:
        signal.signal(request.param, signal.SIG_DFL)
    yield request.param
    signal.signal(request.param, before)


@pytest.mark.parametrize("heeded", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], indirect=True)
def test_a_signal_ends_the_leg_with_everything_saved(trainings: Trainings, heeded: signal.Signals):
    """The command ends after the step in hand, without a failure; the same command goes on from there."""
    number = heeded
    first, status = commanded(trainings, number, "step 2 of ")
    assert status == 0
    (stopped,) = [line for line in first if line.startswith("Stopped after step ")]
    step = int(stopped.split()[3])
    assert step >= 2
    assert trainings.saved_steps()[-1] == step
    so_far = training_folder(RECIPE) / "so-far"
    assert json.loads((so_far / PROVENANCE).read_text())["steps"] == step
    assert not trainings.adapter.exists()
    second, status = commanded(trainings, None, "", "--steps", "1")
    assert status == 0
    assert f"Going on after step {step} of 100000.\n" in second
    assert trainings.saved_steps()[-1] == step + 1


def test_under_nohup_a_closed_terminal_ends_nothing(trainings: Trainings):
    """What is ignored when the training begins stays ignored."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        said, status = commanded(trainings, signal.SIGHUP, "step 1 of ", "--steps", "3")
    finally:
        signal.signal(signal.SIGHUP, before)
    assert status == 0
    assert any(line.startswith("step 3 of ") for line in said)


def commanded(trainings: Trainings, number: signal.Signals | None, when: str, *more: str) -> tuple[list[str], int]:
    """Run the command; send the signal when a line begins so. Return what it said and its exit status."""
    folders = [str(trainings.base), str(trainings.data), str(trainings.adapter)]
    command = [sys.executable, str(SUPPORT / "train_tiny.py"), *folders, *more]
    environment = os.environ | {"PYTHONPATH": str(SUPPORT.parent), "OPENBLAS_NUM_THREADS": "1"}
    said: list[str] = []
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None
        for line in process.stderr:
            said.append(line)
            if number is not None and line.startswith(when):
                process.send_signal(number)
                number = None
    return said, process.returncode

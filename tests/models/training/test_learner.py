"""The model that learns, step by step."""

# mlx carries no complete types:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest

from lsp_server.errors import ModelBuildFailed
from models.training.curve import Curve
from models.training.learner import Learner
from models.training.legs import Leg, load_leg, save_leg
from models.training.numbers import rate_at
from models.training.order import epoch_steps, place_of, steps_per_epoch
from support.tiny_training import NUMBERS, distance, plain_loss, rows_by_chance, untuned, write_base

ROWS = rows_by_chance(5, 9, 40, 41, 3, 70, 22)

Make = Callable[..., Learner]


@pytest.fixture
def make(base: Path) -> Generator[Make]:
    """Give a maker of learners on the tiny base, with other numbers where they are named."""
    with ExitStack() as stack:

        def made(**changes: Any) -> Learner:
            return stack.enter_context(closing(Learner(base, attrs.evolve(NUMBERS, **changes))))

        yield made


def learn(learner: Learner, start: int, stop: int, total: int = 6) -> list[float]:
    """Take the steps from `start` to `stop` of a training of `total`; return their losses."""
    losses: list[float] = []
    for number in range(start, stop):
        place = place_of(number, steps_per_epoch(ROWS, NUMBERS))
        chosen = epoch_steps(ROWS, NUMBERS, place.epoch)[place.step]
        losses.append(learner.step([ROWS[at] for at in chosen], rate_at(NUMBERS, number, total), number).loss)
    return losses


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("changes", [{}, {"dropout": 0.2}, {"recompute": True, "layers": 3}])
def test_a_training_that_was_interrupted_learns_the_same(make: Make, tmp_path: Path, changes: dict[str, Any]):
    """Six steps at once, and three, a save, a new learner and three more: every bit of adapter and optimiser."""
    whole, first, second = (make(**changes) for _ in range(3))
    losses = learn(whole, 0, 6)
    before = learn(first, 0, 3)
    save_leg(tmp_path, Leg(3, "", "", Curve(), first.state()))
    leg, _ = load_leg(tmp_path)
    assert leg is not None
    second.restore(leg.arrays)
    assert before + learn(second, 3, 6) == losses
    assert same(second.state(), whole.state())


def test_chance_alone_needs_the_number_of_the_step(make: Make):
    """With dropout another step number gives another loss for the same rows, and the same number the same."""
    losses = [make(dropout=0.5).step(ROWS, 0.0, number).loss for number in (0, 0)]
    assert losses[0] == losses[1]
    learners = [make(dropout=0.5) for _ in range(2)]
    for learner in learners:
        learner.step(ROWS, 1e-2, 0)  # until then the adapter adds nothing
    assert learners[0].step(ROWS, 0.0, 1).loss != learners[1].step(ROWS, 0.0, 2).loss


def test_a_fresh_adapter_changes_nothing_and_learns(make: Make, base: Path):
    """The first loss is the base's own; after some steps it is lower."""
    learner = make()
    trained = sum(sum(row.trained) for row in ROWS)
    plain = float(plain_loss(untuned(base), ROWS)) / trained
    done = learner.measure(ROWS)
    assert done.loss == pytest.approx(plain, rel=1e-5)
    assert done.trained == trained
    assert done.perplexity == pytest.approx(np.exp(plain), rel=1e-4)
    for number in range(8):
        learner.step(ROWS, 1e-2, number)
    assert learner.measure(ROWS).loss < plain - 0.1


def test_measuring_learns_nothing(make: Make):
    """Weights and optimiser are what they were, and dropout is off while measuring and on again after it."""
    learner = make(dropout=0.5)
    learner.step(ROWS, 1e-2, 0)
    before = {name: np.array(value) for name, value in learner.state().items()}
    assert learner.measure(ROWS).loss == learner.measure(ROWS).loss
    assert same(learner.state(), before)
    assert learner.step(ROWS, 0.0, 1).loss != learner.step(ROWS, 0.0, 2).loss


def test_several_passes_learn_what_one_learns(make: Make):
    """How much memory a pass may take does not decide what is learnt."""
    whole, pieces = make(), make(tokens_at_once=100)
    for number in range(3):
        one, several = whole.step(ROWS, 1e-3, number), pieces.step(ROWS, 1e-3, number)
        assert several.loss == pytest.approx(one.loss, rel=1e-5)
        assert (several.trained, several.computed > one.computed) == (one.trained, True)
    assert distance(pieces.adapter(), whole.adapter()) < 1e-4


def test_by_layer_learns_what_one_graph_learns(make: Make, monkeypatch: pytest.MonkeyPatch):
    """The quick way on a CPU decides no more than rounding."""
    quick, graph = make(), make()
    monkeypatch.setattr(graph, "_by_layer", False)
    for number in range(3):
        assert quick.step(ROWS, 1e-3, number).loss == pytest.approx(graph.step(ROWS, 1e-3, number).loss, rel=1e-5)
    assert quick.measure(ROWS).loss == pytest.approx(graph.measure(ROWS).loss, rel=1e-5)
    assert distance(quick.adapter(), graph.adapter()) < 1e-4


def test_long_gradients_are_shortened(make: Make):
    """The first moment after one step is a tenth of the gradient: no longer than the recipe allows; 0 allows all."""

    def length(learner: Learner) -> float:
        learner.step(ROWS, 1e-3, 0)
        moments = [value for name, value in learner.state().items() if name.endswith(".m")]
        return float(np.sqrt(sum(float((np.array(value, np.float64) ** 2).sum()) for value in moments))) / 0.1

    free = length(make(clip_norm=0.0))
    assert free > 0.02
    assert length(make(clip_norm=0.01)) == pytest.approx(0.01, rel=1e-3)
    assert length(make(clip_norm=1e6)) == pytest.approx(free, rel=1e-5)


def test_the_rate_is_the_steps_own(make: Make):
    """A rate of nothing leaves the adapter as it is."""
    learner = make()
    before = {name: np.array(value) for name, value in learner.adapter().items()}
    learner.step(ROWS, 0.0, 0)
    assert same(learner.adapter(), before)


def test_a_folder_that_holds_no_model_is_a_sentence(tmp_path: Path):
    """A base that mlx-lm cannot load is told, not traced."""
    (write_base(tmp_path) / "model.safetensors").write_bytes(b"cut")
    with pytest.raises(ModelBuildFailed, match="cannot be loaded"):
        Learner(tmp_path, NUMBERS)

"""Saved states: whole or not at all, checked, the last two kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lsp_server.errors import ModelBuildFailed
from lsp_server.resident.blas import load_blas
from models.download import file_digest
from models.training import disk
from models.training.curve import Check, Curve, Point
from models.training.legs import Leg, check_same, forget_legs, load_leg, save_leg

load_blas()

import mlx.core as mx  # noqa: E402 - a BLAS must be loaded before mlx

CURVE = Curve((Point(1, 2.5, 1e-4, 10, 20, 0.5),), (Check(0, 3.0, 20.1, 0.25),))


def leg(step: int) -> Leg:
    return Leg(step, "rows", "numbers", CURVE, {"adapter.a": mx.full((3, 2), step), "optimiser.step": mx.array(step)})


def names(folder: Path) -> list[str]:
    return sorted(path.name[:11] for path in folder.iterdir())


def loaded(folder: Path) -> Leg:
    found, damaged = load_leg(folder)
    assert found is not None
    assert damaged == ()
    return found


def test_a_state_comes_back_as_it_was_saved(tmp_path: Path):
    """Step, hashes, curve and every array."""
    save_leg(tmp_path, leg(7))
    found = loaded(tmp_path)
    assert (found.step, found.data, found.numbers, found.curve) == (7, "rows", "numbers", CURVE)
    assert found.arrays.keys() == {"adapter.a", "optimiser.step"}
    assert np.array_equal(np.array(found.arrays["adapter.a"]), np.full((3, 2), 7))


def test_no_state_is_none(tmp_path: Path):
    """Where nothing was saved there is nothing to go on from, and nothing to complain of."""
    assert load_leg(tmp_path / "never") == (None, ())


def test_the_last_two_are_kept(tmp_path: Path):
    """Each save drops the states that are older than the one before it, by step and not by name or time."""
    for step in (8, 9, 10, 100):
        save_leg(tmp_path, leg(step))
    assert names(tmp_path) == ["step-000010", "step-000100"]
    assert loaded(tmp_path).step == 100


def test_a_second_state_of_one_step_replaces_the_first(tmp_path: Path):
    """What was saved again with a measurement takes the place of what was saved before it; the step before stays."""
    save_leg(tmp_path, leg(2))
    save_leg(tmp_path, leg(4))
    measured = Leg(4, "rows", "numbers", CURVE.with_check(Check(4, 1.0, 2.7, 0.1)), leg(4).arrays)
    save_leg(tmp_path, measured)
    assert names(tmp_path) == ["step-000002", "step-000004"]
    assert loaded(tmp_path).curve.checks[-1].step == 4


@pytest.mark.parametrize("damage", ["torn", "flipped", "empty"])
def test_a_damaged_state_is_passed_over(tmp_path: Path, damage: str):
    """The state before it serves, and the damaged one is named."""
    save_leg(tmp_path, leg(5))
    path = save_leg(tmp_path, leg(6))
    whole = path.read_bytes()
    flipped = bytes([*whole[:-1], whole[-1] ^ 1])
    path.write_bytes({"torn": whole[:-5], "flipped": flipped, "empty": b""}[damage])
    found, damaged = load_leg(tmp_path)
    assert found is not None
    assert found.step == 5
    assert damaged == (path.name,)


def test_damaged_states_do_not_push_out_whole_ones(tmp_path: Path):
    """Where both states are damaged the training begins anew, and what it saves then stays."""
    for step in (8, 10):
        save_leg(tmp_path, leg(step)).write_bytes(b"torn")
    found, damaged = load_leg(tmp_path)
    assert (found, len(damaged)) == (None, 2)
    save_leg(tmp_path, leg(2))
    save_leg(tmp_path, leg(4))
    assert names(tmp_path) == ["step-000002", "step-000004"]


def test_a_state_of_another_form_is_passed_over(tmp_path: Path):
    """A file whose hash is right but that holds something else is no state."""
    fresh = save_leg(tmp_path, leg(6)).with_name("other.safetensors")
    disk.save_arrays(fresh, {"a": mx.zeros(1)}, {"step": "9"})
    fresh.rename(tmp_path / f"step-000009-{file_digest(fresh)[:16]}.safetensors")
    found, damaged = load_leg(tmp_path)
    assert found is not None
    assert found.step == 6
    assert len(damaged) == 1


def test_a_save_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A full disk is an OSError; both earlier states stay whole and no piece of the new one stays."""
    save_leg(tmp_path, leg(5))
    save_leg(tmp_path, leg(6))

    def full(path: str, _arrays: Any, **_said: Any) -> None:
        Path(path).write_bytes(b"half of it")
        raise RuntimeError("[write] Unable to write 350094 bytes to file.")

    monkeypatch.setattr(disk.mx, "save_safetensors", full)
    with pytest.raises(OSError, match="Unable to write"):
        save_leg(tmp_path, leg(7))
    assert names(tmp_path) == ["step-000005", "step-000006"]
    assert loaded(tmp_path).step == 6


def test_a_save_that_was_killed_leaves_what_was_there(tmp_path: Path):
    """A half-written file has no state's name: it is neither read, nor complained of, nor in the next save's way."""
    save_leg(tmp_path, leg(5))
    (tmp_path / ".writing.safetensors").write_bytes(b"half of it")
    assert loaded(tmp_path).step == 5
    save_leg(tmp_path, leg(6))
    assert names(tmp_path) == ["step-000005", "step-000006"]


@pytest.mark.parametrize(
    ("data", "numbers", "words"),
    [
        ("others", "numbers", "the data changed"),
        ("rows", "others", "the recipe, or what it goes on from, changed"),
        ("others", "others", "the data and the recipe, or what it goes on from, changed"),
    ],
)
def test_other_data_or_another_recipe_is_refused(data: str, numbers: str, words: str):
    """The sentence says what changed, the hint how to begin anew."""
    check_same(leg(6), data="rows", numbers="numbers")
    with pytest.raises(ModelBuildFailed, match=words) as caught:
        check_same(leg(6), data=data, numbers=numbers)
    assert "step 6" in caught.value.sentence
    assert "--fresh" in caught.value.hint


def test_forgetting_drops_all_states(tmp_path: Path):
    """Afterwards there is nothing to go on from; a stranger's file stays."""
    save_leg(tmp_path, leg(5))
    (tmp_path / "notes.txt").write_text("mine")
    forget_legs(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]

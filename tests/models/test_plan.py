from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.errors import MachineTooSmall
from models.plan import Device, Machine, check, make_plan, needs_of, this_machine
from models.recipe import load_recipe, recipe_names

GIB = 1 << 30
SMALL, MEDIUM, LARGE = "qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b", "qwen2.5-coder-7b"


def machine(
    device: Device = "cpu", memory: int = 16, free: int = 12, disk: int = 100, gpu: int | None = None
) -> Machine:
    return Machine(device, memory * GIB, free * GIB, disk * GIB, None if gpu is None else gpu * GIB)


@pytest.mark.parametrize("name", recipe_names())
def test_needs_are_in_order(name: str):
    """For every recipe a build takes more disk than its result, and the CPU more memory than a GPU."""
    recipe = load_recipe(name)
    cpu, metal = needs_of(recipe, "cpu"), needs_of(recipe, "metal")
    assert cpu.peak_disk > cpu.final_disk
    assert cpu.serve_memory > metal.serve_memory > metal.final_disk
    assert cpu.download >= recipe.base.bytes


def test_local_base():
    """A base that is here already takes no download and less disk."""
    recipe = load_recipe(SMALL)
    near, far = needs_of(recipe, "cpu", local=True), needs_of(recipe, "cpu")
    assert near.download == 0
    assert near.peak_disk == far.peak_disk - recipe.base.bytes


def test_weights_that_are_made_already():
    """What is new around them takes neither download nor room; serving takes what it took."""
    recipe = load_recipe(SMALL)
    again, first = needs_of(recipe, "cpu", made=True), needs_of(recipe, "cpu")
    assert (again.download, again.final_disk, again.serve_memory) == (0, first.final_disk, first.serve_memory)
    assert again.peak_disk < first.final_disk / 10


def test_eight_bits_are_eight_and_a_half():
    """The planned size of the 0.5b is that of the real folder, 536 MB."""
    assert needs_of(load_recipe(SMALL), "metal").final_disk == pytest.approx(536_469_039, rel=0.01)


@pytest.mark.parametrize(
    ("name", "here", "reason"),
    [
        (SMALL, machine(), None),
        (SMALL, machine(memory=3, free=1), "of memory"),
        (SMALL, machine(disk=1), "of disk"),
        (LARGE, machine(), "of memory"),
        (LARGE, machine("metal"), None),
        (LARGE, machine("metal", memory=8), "of memory"),
        (LARGE, machine("cuda", gpu=24), None),
        (LARGE, machine("cuda", gpu=6), "of GPU memory"),
        (LARGE, machine("cuda", gpu=None), None),
    ],
)
def test_refusals(name: str, here: Machine, reason: str | None, tmp_path: Path):
    """A plan says no exactly where the machine lacks memory or disk, and why."""
    plan = make_plan(load_recipe(name), tmp_path, here)
    if reason is None:
        check(plan)
        assert "No:" not in plan.text()
        return
    with pytest.raises(MachineTooSmall, match=reason) as caught:
        check(plan)
    assert caught.value.sentence in plan.text()


def test_full_disk_has_its_own_hint(tmp_path: Path):
    """Where disk is short, the hint is about disk."""
    with pytest.raises(MachineTooSmall) as caught:
        check(make_plan(load_recipe(SMALL), tmp_path, machine(disk=1)))
    assert "INGLENOOK_HOME" in caught.value.hint


def test_memory_that_is_taken_now(tmp_path: Path):
    """Memory that other programs hold now is no refusal, and is mentioned."""
    text = make_plan(load_recipe(MEDIUM), tmp_path, machine(free=2)).text()
    assert "once some programs are closed" in text
    assert "No:" not in text


def test_this_machine(tmp_path: Path):
    """Measuring works where the folder does not exist yet."""
    found = this_machine(tmp_path / "not/yet")
    assert found.memory_bytes > 0
    assert found.disk_bytes > 0

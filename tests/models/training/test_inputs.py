"""What a training reads, and what it says of rows that it cannot learn from."""

from __future__ import annotations

import json
from pathlib import Path

import attrs
import pytest

from lsp_server.agent.prompts import PROMPT_VERSION
from lsp_server.errors import ModelBuildFailed
from models.training.inputs import numbers_key, read_inputs, training_of
from support.tiny_training import RECIPE, conversation, recipe_with, write_data


def refusal(base: Path, data: Path, **numbers: int) -> ModelBuildFailed:
    with pytest.raises(ModelBuildFailed) as caught:
        read_inputs(recipe_with(**numbers), base, data)
    return caught.value


def test_rows_become_tokens(base: Path, tmp_path: Path):
    """Both files, in order; every row begins with the system message that is in force."""
    inputs = read_inputs(RECIPE, base, write_data(tmp_path))
    assert (len(inputs.train), len(inputs.valid)) == (7, 2)
    assert len({row.prefix_ids for row in (*inputs.train, *inputs.valid)}) == 1
    assert not any(row.trained[0] for row in inputs.train)


def test_the_hash_is_that_of_both_files(base: Path, tmp_path: Path):
    """Equal files have equal hashes wherever they lie; a changed row of either changes it."""
    found = read_inputs(RECIPE, base, write_data(tmp_path / "a")).digest
    assert read_inputs(RECIPE, base, write_data(tmp_path / "b")).digest == found
    assert read_inputs(RECIPE, base, write_data(tmp_path / "b", valid=3)).digest != found
    assert read_inputs(RECIPE, base, write_data(tmp_path / "b", train=6)).digest != found


def test_a_broken_line_is_named(base: Path, tmp_path: Path):
    """File and line, and how to make the rows anew."""
    path = write_data(tmp_path) / "train.jsonl"
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([*lines[:3], lines[3][:50], *lines[4:]]), "utf-8")
    told = refusal(base, tmp_path)
    assert f"{path}, line 4, is broken" in told.sentence
    assert "python -m models data make" in told.hint


@pytest.mark.parametrize("name", ["train.jsonl", "valid.jsonl"])
def test_a_missing_file_is_named(base: Path, tmp_path: Path, name: str):
    """Neither of the two files may be missing."""
    (write_data(tmp_path) / name).unlink()
    assert str(tmp_path / name) in refusal(base, tmp_path).sentence


@pytest.mark.parametrize("name", ["train.jsonl", "valid.jsonl"])
def test_a_file_without_rows_is_named(base: Path, tmp_path: Path, name: str):
    """Nothing to measure on is as bad as nothing to learn from."""
    write_data(tmp_path, valid=0 if name == "valid.jsonl" else 2)
    if name == "train.jsonl":
        (tmp_path / name).write_text("\n")
    assert str(tmp_path / name) in refusal(base, tmp_path).sentence


def test_a_row_that_is_too_long_is_named(base: Path, tmp_path: Path):
    """The sentence says which row, how long it is and what the recipe takes."""
    write_data(tmp_path)
    told = refusal(base, tmp_path, max_tokens=300)
    assert conversation(0).id in told.sentence
    assert "the recipe takes rows of 300" in told.sentence


def test_rows_of_another_prompt_are_refused(base: Path, tmp_path: Path):
    """What they teach would not serve."""
    write_data(tmp_path, system="You are somebody else.")
    assert "than those in force" in refusal(base, tmp_path).sentence


@pytest.mark.parametrize(("said", "fit"), [(PROMPT_VERSION, True), ("0123456789abcdef", False)])
def test_the_version_beside_the_rows_is_heeded(base: Path, tmp_path: Path, said: str, fit: bool):
    """Prompts are more than the system message: notes and the form of results count too."""
    write_data(tmp_path)
    (tmp_path / "data.json").write_text(json.dumps({"prompt_version": said}))
    if fit:
        assert read_inputs(RECIPE, base, tmp_path).train
    else:
        assert "than those in force" in refusal(base, tmp_path).sentence


def test_a_recipe_without_numbers_of_training_is_refused():
    """The sentence names the recipe, the hint the section."""
    with pytest.raises(ModelBuildFailed, match="tiny-trained says nothing of training") as caught:
        training_of(attrs.evolve(RECIPE, training=None))
    assert "[training]" in caught.value.hint


def test_what_decides_is_in_the_key():
    """Other numbers, another base or another dialect are another training; another pace is the same."""
    key = numbers_key(RECIPE)
    assert numbers_key(recipe_with(save_every=1)) == key
    assert numbers_key(recipe_with(rank=8)) != key
    assert numbers_key(attrs.evolve(RECIPE, dialect="qwen-native")) != key
    assert numbers_key(attrs.evolve(RECIPE, shape=attrs.evolve(RECIPE.shape, layers=4))) != key

"""The base that a training starts from is fetched once."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from lsp_server.errors import ModelBuildFailed
from models.fetch import BASE_VARIABLE
from models.progress import Event, Watch
from models.recipe import Recipe
from models.training.base import kept_base, training_base, training_folder
from support.tiny_model import recipe_for, write_gguf
from support.tiny_training import RECIPE


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    return recipe_for(write_gguf(tmp_path / "tiny.gguf"))


def test_a_gguf_is_imported_once(recipe: Recipe, tmp_path: Path):
    """The next leg finds the imported weights, and needs neither file nor network."""
    path = training_base(recipe, Watch(), tmp_path / "tiny.gguf")
    assert path == training_folder(recipe) / "base"
    assert (path / "model.safetensors").is_file()
    (tmp_path / "tiny.gguf").unlink()
    events: list[Event] = []
    assert training_base(recipe, Watch(events.append)) == path
    assert events == []


def test_a_folder_is_taken_where_it_lies(base: Path):
    """Nothing is copied; the next leg finds it without being told."""
    assert training_base(RECIPE, Watch(), base) == base
    assert training_base(RECIPE, Watch()) == base


def test_the_environment_may_name_the_base(base: Path, monkeypatch: pytest.MonkeyPatch):
    """As for a build."""
    monkeypatch.setenv(BASE_VARIABLE, str(base))
    assert training_base(RECIPE, Watch()) == base


def test_another_base_is_not_taken_for_the_recipes(recipe: Recipe, tmp_path: Path):
    """What an earlier recipe of the name left is no base of this one."""
    training_base(recipe, Watch(), tmp_path / "tiny.gguf")
    other = attrs.evolve(recipe, base=attrs.evolve(recipe.base, sha256="0" * 64))
    assert kept_base(recipe) is not None
    assert kept_base(other) is None
    with pytest.raises(ModelBuildFailed, match="is not the base of this recipe"):
        training_base(other, Watch(), tmp_path / "tiny.gguf")


@pytest.mark.parametrize("left", ["", "[]", '{"key": 1}', '{"path": 5, "key": "x"}'])
def test_a_note_that_cannot_be_read_is_no_base(recipe: Recipe, tmp_path: Path, left: str):
    """An interrupted import is done again."""
    path = training_base(recipe, Watch(), tmp_path / "tiny.gguf")
    (path / "whole.json").write_text(left)
    assert kept_base(recipe) is None
    assert training_base(recipe, Watch(), tmp_path / "tiny.gguf") == path

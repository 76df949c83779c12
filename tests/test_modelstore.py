from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server import modelstore, user_folders
from lsp_server.errors import BadRequest, ModelMissing, ModelRefused
from lsp_server.modelstore import MANIFEST, Manifest, ModelFolder
from lsp_server.settings import DEFAULT_RECIPE, Settings

OTHER = "qwen2.5-coder-1.5b"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(user_folders.HOME_VARIABLE, str(tmp_path))
    return tmp_path


def finished(recipe: str = DEFAULT_RECIPE, path: Path | None = None, architecture: str = "qwen2") -> Path:
    """Write a folder that looks finished."""
    path = path or modelstore.models_root() / recipe
    path.mkdir(parents=True)
    config = json.dumps({"model_type": architecture})
    (path / "config.json").write_text(config)
    manifest = Manifest(
        recipe=recipe,
        title=f"The model {recipe}",
        licence="Apache-2.0",
        dialect="json-fence",
        first_call="demand",
        after_rows="free",
        context_tokens=512,
        bits=8,
        base="nowhere",
        hashes={"config.json": "0" * 64},
        sizes={"config.json": len(config)},
        weights_key="1" * 64,
        versions={"inglenook": "0"},
        prompt_version="2",
        created_at="2026-01-01T00:00:00+00:00",
    )
    (path / MANIFEST).write_text(manifest.to_json())
    return path


def change(path: Path, **values: object) -> None:
    said = json.loads((path / MANIFEST).read_text())
    (path / MANIFEST).write_text(json.dumps(said | values))


def test_chosen():
    """The recipe's folder is chosen, and its manifest read."""
    path = finished()
    folder = modelstore.chosen(Settings())
    assert (folder.path, folder.manifest.title) == (path, f"The model {DEFAULT_RECIPE}")


def test_nothing_built():
    """Without a model the hint is the exact command."""
    with pytest.raises(ModelMissing, match=OTHER) as caught:
        modelstore.chosen(Settings(recipe=OTHER))
    assert caught.value.hint == f"Run `inglenook model build --recipe {OTHER}`."


def test_unfinished():
    """A folder without its manifest counts as not built, and partial folders are not seen at all."""
    finished()
    (modelstore.models_root() / DEFAULT_RECIPE / MANIFEST).unlink()
    finished(path=modelstore.models_root() / f".partial-{DEFAULT_RECIPE}")
    with pytest.raises(ModelMissing):
        modelstore.chosen(Settings())
    assert [(info.recipe, info.built) for info in modelstore.list_models()] == [(DEFAULT_RECIPE, False)]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"format": 99}, "version 99"),
        ({"dialect": "latin"}, "unknown dialect 'latin'"),
        ({"sizes": {"config.json": 1}}, r"config\.json is missing or not 1 bytes"),
        ({"sizes": {"model.safetensors": 1}}, r"model\.safetensors is missing"),
        ({"first_call": "perhaps"}, "cannot be read"),
        ({"sizes": {"../../secret": 1}}, "cannot be read"),
    ],
)
def test_damaged(values: dict[str, object], reason: str):
    """A folder that does not match its manifest is refused with the reason."""
    change(finished(), **values)
    with pytest.raises(ModelRefused, match=reason):
        modelstore.chosen(Settings())
    assert [info.built for info in modelstore.list_models()] == [False]


@pytest.mark.parametrize("text", ["", "[]", "{", "\x00", '{"format": 1}'])
def test_manifest_that_is_none(text: str):
    """Whatever stands in the manifest, the answer is a sentence."""
    (finished() / MANIFEST).write_text(text)
    with pytest.raises(ModelRefused, match="manifest"):
        modelstore.chosen(Settings())


def test_another_architecture():
    """A folder of an architecture that is not served is refused by name."""
    finished(architecture="mamba")
    with pytest.raises(ModelRefused, match="'mamba'"):
        modelstore.chosen(Settings())


def test_path_setting(tmp_path: Path):
    """The setting for a path wins; a folder of other origin is refused, an absent one told."""
    mine = finished(path=tmp_path / "mine")
    assert modelstore.chosen(Settings(model_path=str(mine))).path == mine
    (tmp_path / "plain").mkdir()
    with pytest.raises(ModelRefused, match="was not made by Inglenook"):
        modelstore.chosen(Settings(model_path=str(tmp_path / "plain")))
    with pytest.raises(ModelMissing, match="not a folder"):
        modelstore.chosen(Settings(model_path=str(tmp_path / "absent")))


def test_use():
    """What `use` chose is served until a setting says otherwise."""
    finished()
    path = finished(OTHER)
    assert modelstore.use(OTHER).path == path
    assert modelstore.chosen(Settings()).path == path
    assert modelstore.chosen_recipe(Settings(recipe="third-1")) == "third-1"
    modelstore.use(DEFAULT_RECIPE)
    assert modelstore.chosen_recipe(Settings()) == DEFAULT_RECIPE


def test_use_of_nothing():
    """A model that is not built cannot be chosen."""
    with pytest.raises(ModelMissing):
        modelstore.use(OTHER)
    assert modelstore.remembered() is None


@pytest.mark.parametrize("text", ["", "[]", '{"recipe": 1}', '{"recipe": "../x"}'])
def test_choice_that_is_none(home: Path, text: str):
    """A damaged choice is no choice."""
    (home / "chosen.json").write_text(text)
    assert modelstore.remembered() is None


def test_remove():
    """Removing deletes the folder and the choice of it; removing nothing is said."""
    finished(OTHER)
    modelstore.use(OTHER)
    assert modelstore.remove(OTHER)
    assert not modelstore.remove(OTHER)
    assert (modelstore.list_models(), modelstore.remembered()) == ((), None)


@pytest.mark.parametrize("name", ["", ".", "..", ".partial-x", "a/b", "../x", "a\\b", "a\0b", "a..b", "a b"])
def test_names_that_are_paths(name: str):
    """A recipe's name never leads out of the models' folder."""
    assert not modelstore.is_recipe_name(name)
    with pytest.raises(BadRequest):
        modelstore.remove(name)


@given(st.text())
def test_any_name(name: str):
    """Whatever is a recipe's name is one plain, visible path component."""
    if modelstore.is_recipe_name(name):
        assert Path(name).name == name
        assert not name.startswith(".")


def test_model_hash():
    """The model's hash is that of its files, whatever their order, and of nothing else."""
    manifest = modelstore.open_folder(finished()).manifest
    two = attrs.evolve(manifest, hashes={"a": "1", "b": "2"})
    assert two.model_hash == attrs.evolve(two, hashes={"b": "2", "a": "1"}, title="Another").model_hash
    assert two.model_hash != attrs.evolve(two, hashes={"a": "1", "b": "3"}).model_hash


def test_verdicts():
    """A verdict is remembered for these files under this key alone."""
    folder = modelstore.open_folder(finished())
    modelstore.save_verdict(folder, "cpu", {"admitted": True})
    assert modelstore.load_verdict(folder, "cpu") == {"admitted": True}
    assert modelstore.load_verdict(folder, "metal") is None
    other = ModelFolder(folder.path, attrs.evolve(folder.manifest, hashes={"config.json": "f" * 64}))
    assert modelstore.load_verdict(other, "cpu") is None


def test_light():
    """Asking for the model brings none of the heavy libraries."""
    program = (
        "import sys, lsp_server.modelstore; print(*sorted({'mlx', 'numpy', 'transformers', 'gguf'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""

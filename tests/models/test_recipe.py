from __future__ import annotations

from importlib import resources

import pytest

from lsp_server.errors import BadRequest, ModelBuildFailed
from lsp_server.modelstore import is_recipe_name
from lsp_server.settings import DEFAULT_RECIPE
from models.recipe import Adapter, load_recipe, parse_recipe, recipe_names


def text_of(name: str = DEFAULT_RECIPE) -> str:
    return resources.files("models").joinpath("recipes", f"{name}.toml").read_text("utf-8")


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_is_sound(name: str):
    """Every recipe that ships can be read, is licensed, and has a name that a folder may bear."""
    recipe = load_recipe(name)
    assert recipe.licence == "Apache-2.0"
    assert is_recipe_name(name)
    assert recipe.base.sha256 or recipe.base.format == "folder"


def test_default_ships():
    """The recipe that the settings name by default is there."""
    assert DEFAULT_RECIPE in recipe_names()


@pytest.mark.parametrize("name", ["qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b"])
def test_parts_are_about_the_whole(name: str):
    """The wheels of a base are together about as large as the file that they carry, each named once."""
    base = load_recipe(name).base
    assert sum(part.bytes for part in base.parts) == pytest.approx(base.bytes, rel=0.05)
    assert len({part.package for part in base.parts}) == len(base.parts)


def test_unknown():
    """An unknown recipe is told together with those that there are."""
    with pytest.raises(BadRequest) as caught:
        load_recipe("../recipe")
    assert DEFAULT_RECIPE in caught.value.hint


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("bits = 8", "bits = 5", "quantisation knows bits"),
        ("bits = 8", 'bits = "8"', "expected int"),
        ("tied_embeddings = true", "tied_embeddings = 1", "expected bool"),
        ('dialect = "json-fence"', 'dialect = "latin"', "dialect must be one of json-fence, hermes"),
        ('first_call = "free"', 'first_call = "perhaps"', "perhaps"),
        ("layers = 24", "layers = 0", "layers must be positive"),
        ("layers = 24", "", "layers"),
        ("layers = 24", "layers = 24\nspare = 1", "spare"),
        ("[base.hub]", "[base.hub", "table"),
        ('sha256 = "1d96', 'sha256 = "XXXX', "is no SHA-256"),
    ],
)
def test_faults(old: str, new: str, reason: str):
    """Each fault of a recipe is told by name."""
    assert old in text_of()
    with pytest.raises(ModelBuildFailed, match="is malformed") as caught:
        parse_recipe("broken", text_of().replace(old, new, 1))
    assert reason in caught.value.sentence


def test_place_for_an_adapter():
    """A recipe may name an adapter, or none."""
    text = text_of("qwen2.5-coder-7b")
    assert parse_recipe("untuned", text).adapter is None
    text += '\n[adapter]\npath = "adapters/ask"\nsha256 = "' + "0" * 64 + '"\n'
    assert parse_recipe("tuned", text).adapter == Adapter("adapters/ask", "0" * 64)

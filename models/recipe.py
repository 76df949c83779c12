"""A recipe: every number of a model, read from `recipes/NAME.toml` and checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib import resources
from typing import Any, Literal

import attrs
import cattrs

from lsp_server.dialects import DIALECTS
from lsp_server.errors import BadRequest, ModelBuildFailed
from models.training.numbers import Further, Training, training_faults

_SHA256 = re.compile(r"[0-9a-f]{64}")
_QUANTISED_BITS = (4, 8)
_GROUP_SIZES = (32, 64, 128)


@attrs.frozen
class Shape:
    """The size of a transformer: what plans are computed from and a base is checked against."""

    architecture: str
    parameters: int
    layers: int
    hidden: int
    kv_heads: int
    head_size: int
    vocabulary: int
    tied_embeddings: bool


@attrs.frozen
class Quantisation:
    """How the weights are stored."""

    bits: int
    group_size: int
    """Weights that share one scale and one offset of 16 bits each."""

    @property
    def bits_per_weight(self) -> float:
        """Bits that one weight takes on disk, its share of scale and offset included."""
        return self.bits + 32 / self.group_size


@attrs.frozen
class Hub:
    """A repository of the Hugging Face hub."""

    repository: str
    revision: str
    """A commit, or a branch where a hash pins the content."""


@attrs.frozen
class Part:
    """One wheel of the Python package index that carries a piece of the base file."""

    package: str
    version: str
    wheel: str
    """File name."""
    bytes: int
    sha256: str


@attrs.frozen
class Base:
    """The base weights: what they are, and where they can be had from, in order of preference."""

    format: Literal["gguf", "folder"]
    """One GGUF file, or a folder of safetensors with config.json and tokenizer."""
    bytes: int
    hub: Hub
    file: str = ""
    sha256: str = ""
    parts: tuple[Part, ...] = ()
    """In the order in which they are joined."""


@attrs.frozen
class Adapter:
    """A trained adapter that is fused into the base before it is quantised."""

    path: str
    """Below the package `models`."""
    sha256: str


@attrs.frozen
class Recipe:
    """How one model is made."""

    name: str
    title: str
    licence: str
    dialect: str
    first_call: Literal["free", "demand", "forbid"]
    after_rows: Literal["free", "forbid"]
    context_tokens: int
    shape: Shape
    quantisation: Quantisation
    base: Base
    adapter: Adapter | None = None
    training: Training | None = None
    further: Further | None = None


def recipe_names() -> tuple[str, ...]:
    """Return the names of all recipes, sorted."""
    names = (entry.name for entry in resources.files("models").joinpath("recipes").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def load_recipe(name: str) -> Recipe:
    """Return the recipe of that name.

    Raises:
        BadRequest: there is none.
        ModelBuildFailed: it is malformed.
    """
    if name not in recipe_names():
        raise BadRequest(f"There is no recipe {name!r}.", f"Recipes: {', '.join(recipe_names())}.")
    text = resources.files("models").joinpath("recipes", f"{name}.toml").read_text("utf-8")
    return parse_recipe(name, text)


def parse_recipe(name: str, text: str) -> Recipe:
    """Return the recipe that `text` (TOML) describes.

    Raises:
        ModelBuildFailed: with every fault that was found.
    """
    try:
        recipe = _converter().structure(tomllib.loads(text) | {"name": name}, Recipe)
    except tomllib.TOMLDecodeError as error:
        raise _malformed(name, [str(error)]) from error
    except cattrs.BaseValidationError as error:
        raise _malformed(name, cattrs.transform_error(error, path="recipe")) from error
    faults = list(_faults(recipe))
    if faults:
        raise _malformed(name, faults)
    return recipe


def _malformed(name: str, faults: list[str]) -> ModelBuildFailed:
    return ModelBuildFailed(f"The recipe {name} is malformed: {'; '.join(faults)}.", "Correct models/recipes.")


def _converter() -> cattrs.Converter:
    """Return a converter that takes nothing for what it is not and knows no spare keys."""
    converter = cattrs.Converter(forbid_extra_keys=True)
    for primitive in (int, str, bool, float):
        converter.register_structure_hook(primitive, _exactly)
    return converter


def _exactly(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise ValueError(f"expected {kind.__name__}, found {value!r}")
    return value


def _faults(recipe: Recipe) -> Iterator[str]:
    """Yield a sentence for each value that cannot be meant."""
    base = recipe.base
    numbers = [*attrs.asdict(recipe.shape).items(), ("context_tokens", recipe.context_tokens), ("bytes", base.bytes)]
    yield from (
        f"{name} must be positive"
        for name, value in numbers
        if isinstance(value, int) and value < 1 and not isinstance(value, bool)
    )
    if recipe.dialect not in DIALECTS:
        yield f"dialect must be one of {', '.join(DIALECTS)}"
    if recipe.quantisation.bits not in _QUANTISED_BITS or recipe.quantisation.group_size not in _GROUP_SIZES:
        yield f"quantisation knows bits {_QUANTISED_BITS} and group sizes {_GROUP_SIZES}"
    if recipe.training is not None:
        yield from training_faults(recipe.training)
        if recipe.training.layers > recipe.shape.layers:
            yield f"training.layers must be at most {recipe.shape.layers}"
    yield from _further_faults(recipe)
    if base.format == "gguf" and not (base.file and base.sha256):
        yield "a GGUF base needs file and sha256"
    if base.format == "folder" and base.parts:
        yield "only a GGUF base comes in parts"
    hashes = [base.sha256, *(part.sha256 for part in base.parts), recipe.adapter.sha256 if recipe.adapter else ""]
    yield from (f"{value!r} is no SHA-256" for value in hashes if value and not _SHA256.fullmatch(value))


def _further_faults(recipe: Recipe) -> Iterator[str]:
    if recipe.further is None:
        return
    if recipe.training is None:
        yield "further goes on from a training, of which nothing is said"
        return
    yield from (fault.replace("training", "further") for fault in training_faults(recipe.further.of(recipe.training)))
    if recipe.further.repeat_one_in < 1:
        yield "further.repeat_one_in must be positive"

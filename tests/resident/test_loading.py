"""From a model folder to a model that serves."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.engine.base import WIRE_VERSION
from lsp_server.engine.frames import Hello
from lsp_server.errors import ModelMissing, ModelRefused
from lsp_server.modelstore import ModelFolder
from lsp_server.resident import loading
from lsp_server.resident.generate import Model
from lsp_server.resident.probe import NEUTRAL_TOOL
from support.homes import private_home
from support.scripted_backend import device_of, scripted_model
from support.scripted_model import scripted_folder

GIGABYTE = 2**30
HELLO = Hello(WIRE_VERSION, "prompts", NEUTRAL_TOOL)


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Generator[ModelFolder]:
    with private_home(monkeypatch) as home:
        found = scripted_folder(home)

        def open_folder(_: Path) -> ModelFolder:
            return found

        monkeypatch.setattr(loading, "open_folder", open_folder)
        yield found


def serving(model: Model, monkeypatch: pytest.MonkeyPatch) -> Model:
    """Let every folder load as this model."""

    def load_folder(*_: Any, **__: Any) -> Model:
        return model

    monkeypatch.setattr(loading, "load_folder", load_folder)
    return model


def tuned(folder: ModelFolder, prompts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every folder's manifest say that its model was tuned for these prompts."""
    found = attrs.evolve(folder, manifest=attrs.evolve(folder.manifest, prompt_version=prompts))

    def open_folder(_: Path) -> ModelFolder:
        return found

    monkeypatch.setattr(loading, "open_folder", open_folder)


def test_a_model_that_passes_the_probe_is_returned(folder: ModelFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """An admitted model stays open."""
    model = serving(scripted_model(lambda _: "Hello."), monkeypatch)
    assert loading.load_admitted(folder.path, HELLO) is model
    assert not device_of(model).closed


def test_a_refused_model_leaves_memory(folder: ModelFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The device is let go when the probe says no."""
    model = serving(scripted_model(lambda _: "on and on " * 100), monkeypatch)
    with pytest.raises(ModelRefused):
        loading.load_admitted(folder.path, HELLO)
    assert device_of(model).closed


@pytest.mark.parametrize("tuned_for", ["prompts", ""])
def test_a_model_tuned_for_these_prompts_or_for_none_is_admitted(
    tuned_for: str, folder: ModelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An untuned model suits any prompts; a tuned one those that it was tuned for."""
    tuned(folder, tuned_for, monkeypatch)
    model = serving(scripted_model(lambda _: "Hello."), monkeypatch)
    assert loading.load_admitted(folder.path, HELLO) is model


def test_a_model_tuned_for_other_prompts_is_refused_unloaded(
    folder: ModelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence names the command that makes the right one, and the weights are not even read."""
    tuned(folder, "others", monkeypatch)

    def load_folder(*_: Any, **__: Any) -> Model:
        pytest.fail("it was loaded")

    monkeypatch.setattr(loading, "load_folder", load_folder)
    with pytest.raises(ModelRefused, match="tuned for other prompts") as caught:
        loading.load_admitted(folder.path, HELLO)
    assert caught.value.hint == "Run `inglenook model build --recipe scripted` to make the one for this version."


def test_an_empty_folder_is_no_model(tmp_path: Path) -> None:
    """Nothing is loaded where there is no manifest."""
    with pytest.raises(ModelMissing):
        loading.load_admitted(tmp_path, HELLO)


@given(st.integers(0, 2**42), st.integers(0, 2**42))
def test_the_cache_s_budget_grows_with_free_memory_within_bounds(left: int, right: int) -> None:
    """More free memory never means less cache; there is always some, and never more than 8 GiB."""
    small, large = sorted((left, right))
    assert 0 < loading.cache_budget(small) <= loading.cache_budget(large) <= GIGABYTE

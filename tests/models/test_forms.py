from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lsp_server.agent.prompts import PROMPT_VERSION
from lsp_server.errors import MachineTooSmall, ModelBuildFailed, ModelRefused
from lsp_server.modelstore import Manifest, models_root, open_folder
from lsp_server.resident.probe import check_prompts
from lsp_server.user_folders import HOME_VARIABLE
from models import build as building
from models import plan as planning
from models.adapter import CONFIG, WEIGHTS, read_tuning
from models.bench.model.configurations import NAMES, resident
from models.build import Options, build
from models.fetch import BASE_VARIABLE
from models.forms import (
    BASE,
    BESIDE,
    EIGHT,
    FORMS,
    FOUR,
    FUSED,
    Making,
    forms_root,
    make_forms,
    missing_forms,
    standing,
)
from models.progress import Event, Step, Watch
from models.recipe import Recipe
from support.tiny_adapter import pinning, sides, write_adapter
from support.tiny_model import NAME, recipe_for, write_gguf

TOKENS = (40, 41, 42, 260, 70, 71, 72)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.delenv(BASE_VARIABLE, raising=False)
    return tmp_path / "home"


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    return recipe_for(write_gguf(tmp_path / "tiny.gguf"))


@pytest.fixture
def making(recipe: Recipe, tmp_path: Path) -> Making:
    tuning = read_tuning(write_adapter(tmp_path / "adapter", recipe), recipe)
    return Making(recipe, tuning, forms_root(recipe.name), tmp_path / "tiny.gguf")


def watched(making: Making, watch: Watch, *, root: Path | None = None) -> Making:
    return Making(making.recipe, making.tuning, root or making.root, making.base, watch)


def folder_of(form: str) -> Path:
    return forms_root(NAME) / form


def manifests() -> dict[str, Manifest]:
    return {name: open_folder(folder_of(name)).manifest for name in NAMES}


def logits(form: str) -> np.ndarray:
    """Return what the resident process computes from a form."""
    from lsp_server.resident.mlx_backend import load_backend  # noqa: PLC0415 - loads mlx

    backend = load_backend(folder_of(form))
    return np.array(backend.step(backend.new_state(), TOKENS, keep=len(TOKENS)), np.float32)


def off(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


def test_every_form(making: Making):
    """All that is measured is made where the measuring looks, each with its own bits, prompts and hash."""
    assert set(NAMES) == set(FORMS)
    assert {path.name for path in make_forms(making, FORMS)} == set(FORMS)
    found = manifests()
    assert {name: manifest.bits for name, manifest in found.items()} == {
        BASE: 16, BESIDE: 16, FUSED: 16, FOUR: 4, EIGHT: 8
    }  # fmt: skip
    tuned = {name for name, manifest in found.items() if manifest.prompt_version == PROMPT_VERSION}
    assert tuned == {BESIDE, FUSED, FOUR, EIGHT}
    assert found[BASE].prompt_version == ""
    assert len({manifest.model_hash for manifest in found.values()}) == len(FORMS)
    assert all(resident(name, folder_of(name)).folder is not None for name in NAMES)


def test_adapter_beside_its_base(making: Making):
    """The adapter's form shares the base's weights on the disk, and the manifest covers the adapter."""
    make_forms(making, [BESIDE])
    base, beside = folder_of(BASE), folder_of(BESIDE)
    assert (beside / "model.safetensors").stat().st_ino == (base / "model.safetensors").stat().st_ino
    assert {WEIGHTS, CONFIG} <= open_folder(beside).manifest.hashes.keys()


def test_served_alike(making: Making):
    """The resident process applies the adapter that lies beside its base: it answers as the fused model does."""
    make_forms(making, FORMS)
    tuned = logits(BESIDE)
    assert off(logits(FUSED), tuned) < 0.003
    assert off(logits(BASE), tuned) > 0.1
    assert off(logits(EIGHT), tuned) < off(logits(FOUR), tuned)


def test_damaged_adapter_is_not_served(making: Making):
    """An adapter that mlx cannot apply is a refusal and not an untuned model."""
    from lsp_server.resident.mlx_backend import load_backend  # noqa: PLC0415 - loads mlx

    make_forms(making, [BESIDE])
    (folder_of(BESIDE) / CONFIG).write_text('{"num_layers": 1}')
    with pytest.raises(ModelRefused, match="cannot be loaded"):
        load_backend(folder_of(BESIDE))


def test_eight_bits_are_the_shipped_model(making: Making, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The measured 8-bit form is, file by file, the model that a build of the same recipe gives."""
    make_forms(making, [EIGHT])
    pinned = pinning(making.recipe, tmp_path / "adapter")

    def load(_name: str) -> Recipe:
        return pinned

    def admit(_path: Path) -> None: ...

    monkeypatch.setattr(building, "load_recipe", load)
    build(NAME, Options(base=tmp_path / "tiny.gguf", verify=admit))
    assert open_folder(models_root() / NAME).manifest.hashes == open_folder(folder_of(EIGHT)).manifest.hashes


def test_made_once(making: Making, tmp_path: Path):
    """What stands is not made again; another adapter leaves the base and makes the others anew."""
    make_forms(making, FORMS)
    events: list[Event] = []
    make_forms(watched(making, Watch(events.append)), FORMS)
    assert not [event for event in events if isinstance(event, Step)]
    before = manifests()
    other = write_adapter(tmp_path / "other", making.recipe, sides(seed=12))
    again = Making(making.recipe, read_tuning(other, making.recipe), making.root, making.base)
    assert missing_forms(again, FORMS) == (BESIDE, FUSED, EIGHT, FOUR)
    make_forms(again, FORMS)
    assert {name for name in NAMES if manifests()[name] == before[name]} == {BASE}


def test_elsewhere(making: Making, tmp_path: Path):
    """The forms lie where they are told to, with what they are made of."""
    make_forms(watched(making, Watch(), root=tmp_path / "out"), [EIGHT])
    assert {path.name for path in (tmp_path / "out").iterdir() if not path.name.startswith(".")} == {FUSED, EIGHT}


@pytest.mark.parametrize("stage", ["import", "fuse", "quantise", "write"])
def test_cut_short(making: Making, stage: str):
    """A making that is interrupted leaves no folder that looks whole, and no other either."""

    def interrupt(event: Event) -> None:
        if isinstance(event, Step) and event.stage == stage:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_forms(watched(making, Watch(interrupt)), [EIGHT])
    assert standing(making, EIGHT) is None
    left = {path.name for path in making.root.iterdir() if not path.name.startswith(".lock")}
    assert left <= {FUSED}
    make_forms(making, [EIGHT])


def test_no_adapter(making: Making):
    """Without an adapter there is the base; of the other forms it is said how to come by one."""
    bare = Making(making.recipe, None, making.root, making.base)
    make_forms(bare, [BASE])
    with pytest.raises(ModelBuildFailed, match="There is no adapter of tiny-1 yet") as caught:
        make_forms(bare, [FUSED])
    assert "--adapter FOLDER" in caught.value.hint


def test_no_room(making: Making, monkeypatch: pytest.MonkeyPatch):
    """A disk without room for the folders is told before anything is written."""

    def full(_folder: Path) -> planning.Machine:
        return planning.Machine("cpu", 16 << 30, 8 << 30, 30 << 20)

    monkeypatch.setattr(planning, "this_machine", full)
    with pytest.raises(MachineTooSmall, match="of disk") as caught:
        make_forms(making, FORMS)
    assert "--out FOLDER" in caught.value.hint
    assert not making.root.exists()


def test_tuned_form_is_held_to_its_prompts(making: Making):
    """A tuned form serves under the prompts that it was tuned for, and under no others; the base under any."""
    make_forms(making, [BASE, BESIDE])
    beside = open_folder(folder_of(BESIDE)).manifest
    check_prompts(beside, PROMPT_VERSION)
    check_prompts(open_folder(folder_of(BASE)).manifest, "of-last-year")
    with pytest.raises(ModelRefused, match="tuned for other prompts"):
        check_prompts(beside, "of-last-year")

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from lsp_server.agent.prompts import PROMPT_VERSION
from lsp_server.errors import MachineTooSmall, ModelBuildFailed, ModelRefused
from lsp_server.modelstore import MANIFEST, Manifest, list_models, models_root, open_folder
from lsp_server.user_folders import HOME_VARIABLE
from models import adapter as adapting
from models import build as building
from models import folder as folders
from models import plan as planning
from models.adapter import CONFIG, WEIGHTS
from models.build import Options, Verify, build, is_current, probe_apart
from models.fetch import BASE_VARIABLE
from models.progress import BuildCancelled, Event, Note, Step, Watch
from models.recipe import Recipe
from support.tiny_adapter import pinning, say, sides, write_adapter
from support.tiny_model import NAME, recipe_for, write_gguf


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.delenv(BASE_VARIABLE, raising=False)
    return tmp_path / "home"


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    found = recipe_for(write_gguf(tmp_path / "tiny.gguf"))
    follow(monkeypatch, found)
    return found


def follow(monkeypatch: pytest.MonkeyPatch, recipe: Recipe) -> None:
    def load(_name: str) -> Recipe:
        return recipe

    monkeypatch.setattr(building, "load_recipe", load)


def admit(_path: Path) -> None:
    """Find every model fit."""


def make(tmp_path: Path, verify: Verify = admit) -> list[Event]:
    events: list[Event] = []
    path = build(NAME, Options(base=tmp_path / "tiny.gguf", watch=Watch(events.append), verify=verify))
    assert path == models_root() / NAME
    return events


def visible(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir() if not path.name.startswith(".lock"))


def test_altered_weights_are_made_again(recipe: Recipe, tmp_path: Path):
    """A file that is as long as it was and no longer what it was does not stand."""
    assert recipe.name == NAME
    make(tmp_path)
    weights = models_root() / NAME / "model.safetensors"
    before = weights.read_bytes()
    weights.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
    events = make(tmp_path)
    assert any("is made again" in event.text for event in events if isinstance(event, Note))
    assert weights.read_bytes() == before
    assert not [event for event in make(tmp_path) if isinstance(event, Step)]


def test_whole_folder(recipe: Recipe, tmp_path: Path):
    """A build leaves one folder whose manifest names every file by hash and size."""
    events = make(tmp_path)
    folder = open_folder(models_root() / NAME)
    files = {path.name: path.read_bytes() for path in folder.path.iterdir() if path.name != MANIFEST}
    assert folder.manifest.hashes == {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}
    assert folder.manifest.sizes == {name: len(body) for name, body in files.items()}
    assert (folder.manifest.dialect, folder.manifest.first_call) == (recipe.dialect, recipe.first_call)
    assert folder.manifest.versions.keys() == {"inglenook", "mlx", "mlx-lm", "gguf", "tokenizers"}
    assert visible(models_root()) == [NAME]
    stages = list(dict.fromkeys(event.stage for event in events if isinstance(event, Step)))
    assert stages == ["import", "quantise", "write", "verify"]


def test_second_build(recipe: Recipe, tmp_path: Path):
    """A second build of what stands changes nothing and tells no step."""
    make(tmp_path)
    before = written()
    events = make(tmp_path)
    assert not [event for event in events if isinstance(event, Step)]
    assert written() == before


def written() -> dict[str, tuple[int, int]]:
    """Return which file each name is, and when it was last written."""
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in (models_root() / NAME).iterdir()}


def test_damaged_folder(recipe: Recipe, tmp_path: Path):
    """A folder that lost a file is built again."""
    make(tmp_path)
    (models_root() / NAME / "tokenizer.json").unlink()
    make(tmp_path)
    open_folder(models_root() / NAME)


def test_recipe_that_changed_around_the_weights(recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A new dialect or title takes effect without the base: the weights are shared, all else is written anew."""
    make(tmp_path)
    old = open_folder(models_root() / NAME)
    weights = (old.path / "model.safetensors").stat().st_ino
    follow(monkeypatch, attrs.evolve(recipe, dialect="hermes", first_call="free"))
    (tmp_path / "tiny.gguf").unlink()
    make(tmp_path)
    new = open_folder(models_root() / NAME)
    assert (new.manifest.dialect, new.manifest.first_call) == ("hermes", "free")
    assert (new.path / "model.safetensors").stat().st_ino == weights
    assert new.manifest.model_hash != old.manifest.model_hash
    assert visible(models_root()) == [NAME]


def test_what_is_current(recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A model is current once it is built, and until its recipe says something else of it."""
    assert not is_current(NAME)
    make(tmp_path)
    assert is_current(NAME)
    follow(monkeypatch, attrs.evolve(recipe, dialect="hermes"))
    assert not is_current(NAME)


def test_refused_by_the_probe(recipe: Recipe, tmp_path: Path):
    """A model that the probe refuses is never seen, and one that stood before it stays."""

    def refuse(path: Path) -> None:
        assert isinstance(open_folder(path).manifest, Manifest)
        raise ModelRefused("It never ends its turn.")

    with pytest.raises(ModelRefused, match="never ends"):
        make(tmp_path, refuse)
    assert visible(models_root()) == []
    assert list_models() == ()


@pytest.mark.parametrize("stage", ["import", "quantise", "write", "verify"])
def test_cut_short(recipe: Recipe, tmp_path: Path, stage: str):
    """A build that is interrupted in any stage leaves nothing that looks finished, and the next one succeeds."""

    def interrupt(event: Event) -> None:
        if isinstance(event, Step) and event.stage == stage:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(NAME, Options(base=tmp_path / "tiny.gguf", watch=Watch(interrupt), verify=admit))
    assert visible(models_root()) == []
    make(tmp_path)


KILLED = """
import os, signal, sys
from pathlib import Path
from support.tiny_model import NAME, recipe_for
from models import adapter as adapting
from models import build as building
from models.progress import Watch
gguf = Path(sys.argv[1])
building.load_recipe = lambda _: recipe_for(gguf)
def kill(event):
    if getattr(event, "stage", "") == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
building.build(NAME, building.Options(base=gguf, watch=Watch(kill), verify=lambda _: None))
"""


@pytest.mark.parametrize("stage", ["import", "quantise", "verify"])
def test_killed(recipe: Recipe, tmp_path: Path, stage: str):
    """A build that is killed outright leaves no finished model, and the next one clears up after it."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-c", KILLED, str(tmp_path / "tiny.gguf"), stage]
    done = subprocess.run(command, env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    assert list_models() == ()
    assert visible(models_root()) != []
    make(tmp_path)
    assert visible(models_root()) == [NAME]


def test_withdrawn(recipe: Recipe, tmp_path: Path):
    """A build that its caller withdraws stops and clears up."""
    with pytest.raises(BuildCancelled):
        build(NAME, Options(base=tmp_path / "tiny.gguf", watch=Watch(cancelled=lambda: True), verify=admit))
    assert visible(models_root()) == []


def test_cut_between_two_names(recipe: Recipe, tmp_path: Path):
    """An exchange of folders that was cut short is undone by the next build."""
    make(tmp_path)
    final = models_root() / NAME
    final.rename(final.with_name(f".old-{NAME}"))
    make(tmp_path)
    assert visible(models_root()) == [NAME]


def test_full_disk(recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A full disk is told with what to do, and nothing half-made stays."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(folders, "dress", full)
    with pytest.raises(ModelBuildFailed, match="The disk is full") as caught:
        make(tmp_path)
    assert HOME_VARIABLE in caught.value.hint
    assert visible(models_root()) == []


def test_machine_too_small(recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A machine that cannot hold the model hears so before anything is fetched."""

    def small(_folder: Path) -> planning.Machine:
        return planning.Machine("cpu", 2 << 30, 1 << 30, 100 << 30)

    monkeypatch.setattr(planning, "this_machine", small)
    with pytest.raises(MachineTooSmall, match=NAME):
        make(tmp_path)
    assert visible(models_root()) == []


@pytest.fixture
def tuned(recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    """Let the recipe pin an adapter, and be the one that is built."""
    found = pinning(recipe, write_adapter(tmp_path / "adapter", recipe))
    follow(monkeypatch, found)
    return found


def nothing_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        pytest.fail("the base was asked for")

    monkeypatch.setattr(building, "fetch_base", fail)


def test_adapter(recipe: Recipe, tuned: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A recipe's adapter is in the weights, and the manifest names the prompts that it was tuned for."""
    events = make(tmp_path)
    manifest = open_folder(models_root() / NAME).manifest
    assert (manifest.prompt_version, manifest.bits) == (PROMPT_VERSION, 8)
    stages = list(dict.fromkeys(event.stage for event in events if isinstance(event, Step)))
    assert stages == ["import", "fuse", "quantise", "write", "verify"]
    follow(monkeypatch, recipe)
    make(tmp_path)
    untuned = open_folder(models_root() / NAME).manifest
    assert untuned.prompt_version == ""
    weights = "model.safetensors"
    assert untuned.hashes[weights] != manifest.hashes[weights]
    assert {name for name in untuned.hashes if untuned.hashes[name] != manifest.hashes[name]} == {weights}


def test_another_adapter(recipe: Recipe, tuned: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Another adapter makes other weights; the same one at another place makes none."""
    make(tmp_path)
    before = written()
    moved = (tmp_path / "adapter").rename(tmp_path / "moved")
    follow(monkeypatch, pinning(recipe, moved))
    make(tmp_path)
    assert written() == before
    follow(monkeypatch, pinning(recipe, write_adapter(tmp_path / "other", recipe, sides(seed=12))))
    assert not is_current(NAME)
    make(tmp_path)
    assert is_current(NAME)
    assert written()["model.safetensors"] != before["model.safetensors"]


def test_prompts_that_the_adapter_was_tuned_for(tuned: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Where the same adapter is said to suit other prompts, the folder says so too, without the base."""
    make(tmp_path)
    weights = written()["model.safetensors"]
    say(tmp_path / "adapter", prompt_version="of-tomorrow")
    monkeypatch.setattr(adapting, "PROMPT_VERSION", "of-tomorrow")
    (tmp_path / "tiny.gguf").unlink()
    nothing_fetched(monkeypatch)
    assert not is_current(NAME)
    make(tmp_path)
    assert is_current(NAME)
    folder = open_folder(models_root() / NAME)
    assert folder.manifest.prompt_version == "of-tomorrow"
    assert written()["model.safetensors"] == weights


def cut(adapter: Path) -> None:
    os.truncate(adapter / WEIGHTS, 1_000)


def mix_up(adapter: Path) -> None:
    (adapter / CONFIG).write_text("{}")


def forget_weights(adapter: Path) -> None:
    (adapter / WEIGHTS).unlink()


def tune_for_others(adapter: Path) -> None:
    say(adapter, prompt_version="of-last-year")


def train_on_another(adapter: Path) -> None:
    say(adapter, base="of-another")


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (cut, "not the one that the recipe pins"),
        (mix_up, "not the one that the recipe pins"),
        (forget_weights, "is not in"),
        (tune_for_others, "tuned for other prompts"),
        (train_on_another, "belongs to another base"),
    ],
)
def test_adapter_that_may_not_be_applied(
    tuned: Recipe, tmp_path: Path, harm: Callable[[Path], None], reason: str, monkeypatch: pytest.MonkeyPatch
):
    """A damaged or foreign adapter is refused before anything is fetched, and nothing is published."""
    harm(tmp_path / "adapter")
    nothing_fetched(monkeypatch)
    with pytest.raises(ModelBuildFailed, match=reason):
        make(tmp_path)
    assert list_models() == ()


def test_adapter_that_was_left_behind(tuned: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Where a model stands whose adapter no longer suits the prompts, the build says so instead of returning it."""
    make(tmp_path)
    monkeypatch.setattr(adapting, "PROMPT_VERSION", "of-tomorrow")
    with pytest.raises(ModelBuildFailed, match="tuned for other prompts") as caught:
        make(tmp_path)
    assert "python -m models train" in caught.value.hint


def test_adapter_of_another_shape(recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An adapter that a recipe pins by mistake is told by its sizes, before anything is fetched."""
    narrow = {name: side[:32] if name.endswith("q_proj.lora_a") else side for name, side in sides().items()}
    follow(monkeypatch, pinning(recipe, write_adapter(tmp_path / "adapter", recipe, narrow)))
    nothing_fetched(monkeypatch)
    with pytest.raises(ModelBuildFailed, match="belongs to another base"):
        make(tmp_path)
    assert visible(models_root()) == []


@pytest.mark.parametrize("stage", ["fuse", "quantise"])
def test_fusing_cut_short(tuned: Recipe, tmp_path: Path, stage: str):
    """A build that is interrupted while it fuses leaves nothing behind."""

    def interrupt(event: Event) -> None:
        if isinstance(event, Step) and event.stage == stage and event.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(NAME, Options(base=tmp_path / "tiny.gguf", watch=Watch(interrupt), verify=admit))
    assert visible(models_root()) == []


def test_memory_that_runs_out(tuned: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Memory that runs out while the weights are made is told with what to do, and nothing stays."""

    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("models.gguf.import_gguf", fail)
    with pytest.raises(ModelBuildFailed, match="Memory ran out") as caught:
        make(tmp_path)
    assert "Close other programs" in caught.value.hint
    assert visible(models_root()) == []


def test_memory_that_others_hold(tuned: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Where too little memory is free to make the weights, that is said before the system would end the build."""

    def taken(_folder: Path) -> planning.Machine:
        return planning.Machine("cpu", 16 << 30, 1 << 28, 100 << 30, swap_bytes=1 << 28)

    monkeypatch.setattr(planning, "this_machine", taken)
    nothing_fetched(monkeypatch)
    with pytest.raises(MachineTooSmall, match="are free now") as caught:
        make(tmp_path)
    assert "Close some programs" in caught.value.hint


def test_probe_that_the_system_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A probe that was killed is told as a want of memory."""

    def killed(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], -signal.SIGKILL, "", "")

    monkeypatch.setattr(subprocess, "run", killed)
    with pytest.raises(ModelRefused, match="for want of memory"):
        probe_apart(tmp_path)


def test_two_at_once(recipe: Recipe, tmp_path: Path):
    """A second build says that it waits, and finds the model built by the first."""
    waiting = threading.Event()
    events: list[Event] = []

    def second() -> None:
        def listen(event: Event) -> None:
            events.append(event)
            waiting.set()

        build(NAME, Options(watch=Watch(listen), verify=admit))

    thread = threading.Thread(target=second)

    def while_first_probes(_path: Path) -> None:
        thread.start()
        assert waiting.wait(30)

    make(tmp_path, while_first_probes)
    thread.join(30)
    assert events == [Note(f"Another build of {NAME} is running; waiting for it.")]


def test_lock_is_let_go(recipe: Recipe, tmp_path: Path):
    """After a build, failed or not, the lock is free."""
    with pytest.raises(ModelRefused):
        make(tmp_path, refuse_all)
    with (models_root() / f".lock-{NAME}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def refuse_all(_path: Path) -> None:
    raise ModelRefused("No.")


def test_probe_in_a_process_of_its_own(tmp_path: Path):
    """The default check runs the real probe and gives its reason."""
    with pytest.raises(ModelRefused, match=r"the probe refused it: .*no finished model"):
        probe_apart(tmp_path)


def test_manifest_survives_its_file(recipe: Recipe, tmp_path: Path):
    """The manifest on disk reads back as what was written."""
    make(tmp_path)
    folder = open_folder(models_root() / NAME)
    assert json.loads(folder.manifest.to_json()) == json.loads((folder.path / MANIFEST).read_text())

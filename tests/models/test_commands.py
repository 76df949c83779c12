from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

import attrs
import pytest

from lsp_server.agent.prompts import PROMPT_VERSION
from lsp_server.modelstore import open_folder
from lsp_server.user_folders import HOME_VARIABLE
from models import adapter as adapting
from models import commands
from models import plan as planning
from models.adapter import adapter_digest
from models.bench.model import __main__ as measuring
from models.fetch import BASE_VARIABLE
from models.forms import forms_root
from models.recipe import Recipe, load_recipe, recipe_names
from models.training import train as training
from models.training.inputs import DATA, TRAIN
from support.tiny_adapter import pinning, say, sides, write_adapter
from support.tiny_model import NAME, recipe_for, write_gguf

SMALL, LARGE = "qwen2.5-coder-0.5b", "qwen2.5-coder-7b"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.delenv(BASE_VARIABLE, raising=False)
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def adapters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep adapters that were trained in this checkout out of sight."""

    def elsewhere(recipe: Recipe) -> Path:
        return tmp_path / "adapters" / recipe.name

    monkeypatch.setattr(adapting, "adapter_folder", elsewhere)
    monkeypatch.setattr(commands, "adapter_folder", elsewhere)
    return tmp_path / "adapters"


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    """Let every recipe be a tiny one, with the numbers of training of a real one."""
    numbers = attrs.evolve(load_recipe(SMALL).training, layers=1)
    found = attrs.evolve(recipe_for(write_gguf(tmp_path / "tiny.gguf")), training=numbers)
    follow(found, monkeypatch)
    return found


def follow(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_name: str) -> Recipe:
        return recipe

    monkeypatch.setattr(commands, "load_recipe", load)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """Note what is to be measured instead of measuring."""
    calls: list[Sequence[str]] = []

    def measure(argv: Sequence[str]) -> int:
        calls.append(argv)
        return 0

    monkeypatch.setattr(measuring, "main", measure)
    return calls


def roomy(monkeypatch: pytest.MonkeyPatch, memory: int = 64) -> None:
    """Let this machine be a Mac of so many GiB."""

    def machine(_folder: Path) -> planning.Machine:
        return planning.Machine("metal", memory << 30, memory << 30, 200 << 30)

    monkeypatch.setattr(planning, "this_machine", machine)


def without_shipped_adapters(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_recipe: Recipe) -> None: ...

    monkeypatch.setattr(adapting, "pinned_tuning", none)


def test_fuse_and_quantise(recipe: Recipe, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """`fuse` makes the float16 form and says what a recipe pins; `quantize` makes both quantised ones from it."""
    adapter = write_adapter(tmp_path / "adapter", recipe)
    words = ["--base", str(tmp_path / "tiny.gguf"), "--adapter", str(adapter)]
    assert commands.main(["fuse", *words]) == 0
    folder, *pin = capsys.readouterr().out.splitlines()
    assert Path(folder) == forms_root(NAME) / "fused-f16"
    expected = {"adapter": {"path": str(adapter), "sha256": adapter_digest(adapter)}}
    assert tomllib.loads("\n".join(pin)) == expected
    assert commands.main(["quantize", *words, "--out", str(tmp_path / "out")]) == 0
    folders = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert folders == [tmp_path / "out/fused-8bit", tmp_path / "out/fused-4bit"]
    assert [open_folder(folder).manifest.bits for folder in folders] == [8, 4]


def test_whole_way(
    recipe: Recipe, tmp_path: Path, adapters: Path, measured: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch
):
    """`all` trains where there is no adapter, makes every form, and measures them where they lie."""
    trained: list[Path] = []

    def train(recipe: Recipe, options: training.Options, _start: None) -> training.Outcome:
        trained.append(write_adapter(options.adapter, recipe))
        return attrs.evolve(OUTCOME, step=OUTCOME.total)

    monkeypatch.setattr(training, "train", train)
    words = ["all", "--base", str(tmp_path / "tiny.gguf"), "--out", str(tmp_path / "out")]
    assert commands.main([*words, "--recipe", NAME]) == 0
    assert trained == [adapters / NAME]
    names = ("base", "adapter", "fused-f16", "fused-8bit", "fused-4bit")
    given = [f"{name}={tmp_path / 'out' / name}" for name in names]
    assert measured == [["--recipe", NAME, "--adapter", str(adapters / NAME), "--folder", *given]]
    assert commands.main(words) == 0
    assert len(trained) == 1
    assert commands.main([*words, "--train"]) == 0
    assert len(trained) == 2


OUTCOME = training.Outcome(step=3, total=9, provenance=None)  # pyright: ignore[reportArgumentType]


def test_training_that_was_stopped(recipe: Recipe, measured: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch):
    """`all` does not go on with half an adapter."""

    def stop(_recipe: Recipe, _options: training.Options, _start: None) -> training.Outcome:
        return OUTCOME

    monkeypatch.setattr(training, "train", stop)
    assert commands.main(["all"]) == 1
    assert measured == []


def test_a_leg_has_steps(capsys: pytest.CaptureFixture[str]):
    """A leg of none, or of fewer, is refused."""
    with pytest.raises(SystemExit):
        commands.main(["train", "--steps", "-1"])
    assert "at least one step" in capsys.readouterr().err


def test_measuring_has_its_own_options(measured: list[Sequence[str]]):
    """`bench` hands what it does not know to the measuring, in order; other commands refuse it."""
    assert commands.main(["bench", "--recipe", SMALL, "--configs", "base", "adapter", "--limit", "4"]) == 0
    assert measured == [["--recipe", SMALL, "--configs", "base", "adapter", "--limit", "4"]]
    with pytest.raises(SystemExit):
        commands.main(["fuse", "--limit", "4"])


def test_pinned_adapter(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """A damaged pinned adapter is one sentence and what to do."""
    pinned = pinning(recipe, write_adapter(tmp_path / "adapter", recipe))
    write_adapter(tmp_path / "adapter", recipe, sides(seed=12))
    follow(pinned, monkeypatch)
    assert commands.main(["fuse"]) == 1
    assert "is not the one that the recipe pins" in capsys.readouterr().err.splitlines()[0]


@pytest.mark.parametrize("name", recipe_names())
def test_rehearsal_of_every_recipe(
    name: str, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """On a machine with room, `all --dry-run` finds every step's inputs or says what would be fetched or made."""
    roomy(monkeypatch)
    assert commands.main(["all", "--recipe", name, "--dry-run"]) == 0
    said = capsys.readouterr().out
    recipe = load_recipe(name)
    assert f"would be fetched, {planning.size_text(recipe.base.bytes)}: {recipe.base.hub.repository}" in said
    assert f"({PROMPT_VERSION})" in said
    assert all(f"  {form} " in said for form in ("base", "adapter", "fused-f16", "fused-8bit", "fused-4bit"))
    assert not home.exists()


def test_rehearsal_of_a_training(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """The seed's 300 steps are told with their time at the recipe's pace."""
    roomy(monkeypatch)
    assert commands.main(["train", "--recipe", LARGE, "--dry-run"]) == 0
    said = capsys.readouterr().out
    planned = re.search(r"300 steps of 2 rows, about ([\d,]+) tokens", said)
    assert planned
    minutes = int(planned[1].replace(",", "")) / 200 / 60
    told = re.search(r"at 200 tokens/s: about (\d+) min", said)
    assert told
    assert abs(int(told[1]) - minutes) <= 1


@pytest.mark.parametrize(
    ("words", "lacking"),
    [
        (["fuse", "--recipe", SMALL], "There is no adapter"),
        (["quantize", "--recipe", SMALL, "--adapter", "nowhere"], "is not in nowhere"),
        (["train", "--recipe", SMALL, "--base", "nowhere"], "There are no base weights at nowhere"),
        (["train", "--recipe", SMALL, "--data", "nowhere"], "cannot be read"),
        (["bench", "--recipe", SMALL], "There is no adapter"),
        (["train", "--recipe", SMALL, "--from", "nowhere"], "belong together"),
    ],
)
def test_rehearsal_that_lacks_something(
    words: list[str], lacking: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """What a step lacks is told with the rest of the plan, and is a failure."""
    roomy(monkeypatch)
    without_shipped_adapters(monkeypatch)
    assert commands.main([*words, "--dry-run"]) == 1
    (fault,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("  No: "))
    assert lacking in fault


def test_rehearsal_on_a_small_machine(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """A machine that cannot hold the model is told so."""
    roomy(monkeypatch, memory=6)
    assert commands.main(["all", "--recipe", LARGE, "--dry-run"]) == 1
    assert "the machine has 6.4 GB" in capsys.readouterr().out


def test_rehearsal_with_an_adapter(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """An adapter that is there is held to base and prompts, and its hash is told."""
    roomy(monkeypatch)
    adapter = write_adapter(tmp_path / "adapter", recipe)
    words = ["fuse", "--adapter", str(adapter), "--base", str(tmp_path / "tiny.gguf"), "--dry-run"]
    assert commands.main(words) == 0
    said = capsys.readouterr().out
    assert f"sha256 {adapter_digest(adapter)}" in said
    assert "12 steps over the rows of sha256 rows" in said
    say(adapter, prompt_version="of-last-year")
    assert commands.main(words) == 1
    assert "tuned for other prompts" in capsys.readouterr().out


def test_rehearsal_over_broken_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """A broken line, or rows of other prompts, are found without training on them."""
    roomy(monkeypatch)
    rows = (DATA / TRAIN).read_text("utf-8").splitlines()[:20]
    for name in (TRAIN, "valid.jsonl"):
        (tmp_path / name).write_text("\n".join(rows) + "\n", "utf-8")
    words = ["train", "--recipe", SMALL, "--data", str(tmp_path), "--dry-run"]
    assert commands.main(words) == 0
    assert "20 rows, 20 to measure on" in capsys.readouterr().out
    (tmp_path / "data.json").write_text(json.dumps({"prompt_version": "of-last-year"}))
    assert commands.main(words) == 1
    assert "with other prompts (of-last-year)" in capsys.readouterr().out
    (tmp_path / TRAIN).write_text("\n".join([*rows, "{"]), "utf-8")
    assert commands.main(words) == 1
    assert "line 21, is broken" in capsys.readouterr().out


def test_rehearsal_of_the_data(home: Path, capsys: pytest.CaptureFixture[str]):
    """Making the data anew is told by what would be fetched."""
    assert commands.main(["data", "make", "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()[1:]
    assert len(lines) >= 12
    assert all("would be fetched" in line for line in lines)
    assert not home.exists()


def test_unknown_recipe(capsys: pytest.CaptureFixture[str]):
    """An unknown recipe is a sentence."""
    assert commands.main(["fuse", "--recipe", "nonsense"]) == 1
    assert capsys.readouterr().err.startswith("There is no recipe 'nonsense'.\n")

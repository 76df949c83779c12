"""The whole measuring, from the command to tables, JSON and plots, over real processes whose model follows a script."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lsp_server.settings import DEFAULT_RECIPE
from models.bench.model import __main__ as command
from models.bench.model.asking import Desk
from models.bench.model.questions import Lines, Question, SetName
from models.recipe import load_recipe
from support.scripted_server import LISTING, Scripted

SPEAKER = (Lines("core.py", 4, 4),)
SETS: Mapping[SetName, tuple[Question, ...]] = {
    "seed": (Question("seed", "here", "concept", "What is a protocol?", "direct"),),
    "standard": (Question("standard", "here", "subclasses", "List the protocols.", accepts=SPEAKER),),
    "discrimination": (
        Question("looks", "here", "where", "List what speaks.", accepts=SPEAKER),
        Question("speaks", "there", "concept", "What is a class?", "direct"),
        Question("wrong", "there", "concept", "List the virtues of protocols.", "direct"),
    ),
    "structural": (
        Question("one", "here", "subclasses", "List them, with their number.", places=SPEAKER, values=("1",)),
        Question("none", "here", "callers", "What is a caller?", places=SPEAKER),
    ),
}
ASKED = sum(map(len, SETS.values()))

Run = Callable[..., tuple[int, Mapping[str, Any]]]


@pytest.fixture
def scripted(scripted: Scripted) -> Scripted:
    scripted.write(
        {"when": "1 symbol", "say": "It is one class."},
        LISTING,
        {"when": "What is a", "say": "Something in code."},
    )
    return scripted


@pytest.fixture
def run(scripted: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model_folder: Callable[..., Path]) -> Run:
    """Return what runs the command over two made-up forms: it gives its exit code and the JSON that it wrote."""
    forms = {name: model_folder(tmp_path / name, recipe=DEFAULT_RECIPE) for name in ("base", "adapter", "fused-8bit")}

    def here(_package: str) -> Path:
        return scripted.workspace

    monkeypatch.setattr(command, "workspace", here)
    monkeypatch.setattr(command, "questions", SETS.__getitem__)

    def measure(
        *arguments: str, configs: tuple[str, ...] = ("base", "fused-8bit"), server: list[str] | None = None
    ) -> tuple[int, Mapping[str, Any]]:
        monkeypatch.setattr(command, "Desk", partial(Desk, server=server or scripted.command))
        folders = [f"{name}={path}" for name, path in forms.items()]
        out = tmp_path / "out"
        code = command.main(["--configs", *configs, "--folder", *folders, "--out", str(out), *arguments])
        return code, json.loads((out / "model.json").read_text("utf-8"))

    return measure


def answers_kept(scripted: Scripted) -> int:
    path = Path(scripted.environment["INGLENOOK_HOME"], "cache", "bench", "model", "answers.jsonl")
    return sum('"is": "Entry"' in line for line in path.read_text("utf-8").splitlines())


def test_a_run_measures_everything_and_is_never_repeated(
    run: Run,
    scripted: Scripted,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    """Each configuration has its sizes, times, marks and growth; run again, it asks nothing and says the same.

    So it does where nothing but the kept report is left.
    """
    code, data = run()
    assert code == 0
    assert [one["name"] for one in data["configurations"]] == ["base", "fused-8bit"]
    shape = load_recipe(DEFAULT_RECIPE).shape
    for one in data["configurations"]:
        assert one["disk_bytes"] == (tmp_path / "base" / "config.json").stat().st_size
        assert 0 < one["load_seconds"] < 600
        assert 10**6 < one["resident_bytes"] <= one["peak_bytes"]
        assert (len(one["growth"]["held"]), one["device"]) == (ASKED, "script")
        assert one["kv_bytes"] > 2 * shape.layers * shape.kv_heads * shape.head_size * 100
        sets = {each["name"]: each for each in one["sets"]}
        assert list(sets) == list(SETS)
        assert [sets[name]["all"]["right"] for name in ("seed", "standard")] == [100, 100]
        choice, structural = sets["discrimination"], sets["structural"]
        assert choice["all"] == {"answers": 3, "decided": pytest.approx(200 / 3), "right": pytest.approx(200 / 3)}
        assert choice["by_kind"] == {"where": "1/1", "concept": "1/2"}
        assert (choice["calls"], choice["loops"], choice["malformed"], choice["cut"]) == (pytest.approx(2 / 3), 0, 0, 0)
        assert [structural[what]["f1"] for what in ("evidence", "citations", "words")] == [50, 50, 0]
        assert (structural["values"], structural["all"]["right"]) == (100, 50)
        assert 0 < choice["seconds"] <= choice["seconds_p95"] <= one["seconds_p95"]
        assert choice["tokens"] > 0
    text = (tmp_path / "out" / "model.md").read_text("utf-8")
    assert text == capsys.readouterr().out
    assert "on script." in text.splitlines()[2]
    assert all(f"## The set: {name}\n" in text for name in SETS)
    assert {file.name for file in (tmp_path / "out").glob("*.svg")} == {
        "model-accuracy.svg",
        "model-memory.svg",
        "model-seconds.svg",
    }
    again, same = run(server=["false"])
    assert (again, same["configurations"]) == (0, data["configurations"])
    assert answers_kept(scripted) == 2 * ASKED
    shutil.rmtree(Path(scripted.environment["INGLENOOK_HOME"], "cache", "bench", "model"))
    monkeypatch.setattr(command, "_RESULTS", tmp_path / "out")
    again, same = run(server=["false"])
    assert (again, same["configurations"]) == (0, data["configurations"])


def test_a_limited_run_goes_on_and_a_fresh_one_begins_anew(run: Run, scripted: Scripted):
    """With a limit some are asked; without it the others; what is asked afresh is asked again, and nothing else."""
    code, data = run("--limit", "1", configs=("base",))
    [base] = data["configurations"]
    assert (code, [one["all"]["answers"] for one in base["sets"]]) == (0, [1, 1, 1, 1])
    code, data = run("--kept", configs=("base",), server=["false"])
    assert (code, data["configurations"][0]["sets"][3]["questions"], answers_kept(scripted)) == (0, 2, 4)
    code, data = run(configs=("base",))
    assert (code, answers_kept(scripted)) == (0, ASKED)
    code, data = run("--sets", "seed", "--fresh", configs=("base",))
    [base] = data["configurations"]
    assert (code, [one["name"] for one in base["sets"]], answers_kept(scripted)) == (0, ["seed"], ASKED + 1)
    code, data = run(configs=("base",), server=["false"])
    assert (code, len(data["configurations"][0]["sets"])) == (0, 4)


def test_a_form_that_cannot_be_served_costs_only_its_own_row(run: Run, capsys: pytest.CaptureFixture[str]):
    """What was measured is reported, the other row stays empty, and the exit code says that something is missing."""
    run("--sets", "seed", configs=("base",))
    capsys.readouterr()
    code, data = run("--sets", "seed", configs=("adapter", "base"), server=["false"])
    adapter, base = data["configurations"]
    assert (code, adapter["sets"], len(base["sets"])) == (1, [], 1)
    said = capsys.readouterr()
    assert "measuring: adapter: The language server ended" in said.err
    assert "| adapter |  | 0.00 |  |  |  |  |" in said.out


def test_an_interrupted_run_says_that_its_answers_stand(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """Ctrl-C is no traceback."""

    def interrupt(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    run("--sets", "seed", configs=("base",))
    capsys.readouterr()
    monkeypatch.setattr(command, "_ask", interrupt)
    assert run()[0] == 130
    assert capsys.readouterr() == ("", "Interrupted; what was answered is kept.\n")

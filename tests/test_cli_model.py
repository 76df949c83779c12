from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from lsp_server import cli_model, user_folders
from lsp_server.errors import MachineTooSmall, ModelBuildFailed
from lsp_server.settings import DEFAULT_RECIPE
from lsp_server.wire import ModelInfo
from models import build as building
from models.build import Options
from models.progress import Note, Step

OTHER = "qwen2.5-coder-1.5b"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(user_folders.HOME_VARIABLE, str(tmp_path))
    return tmp_path


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    cli_model.add_parser(parser.add_subparsers())
    arguments = parser.parse_args(["model", *words])
    return arguments.run(arguments)


def test_list(capsys: pytest.CaptureFixture[str]):
    """Every recipe is listed, built or not, the chosen one marked."""
    assert run("list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["*", OTHER, "qwen2.5-coder-7b"]
    assert all("not built" in line for line in lines)
    assert run("list", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["current"], [info["built"] for info in said["models"]]) == (DEFAULT_RECIPE, [False] * 3)


def test_list_of_a_model_of_an_earlier_version(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """What building would make anew says so."""
    there = ModelInfo(DEFAULT_RECIPE, "Small", built=True, bytes_on_disk=5_000_000)
    monkeypatch.setattr(cli_model.modelstore, "list_models", lambda: (there,))
    for current, mark in ((True, "Small"), (False, "Small (of an earlier version: build it again)")):
        monkeypatch.setattr(building, "is_current", {DEFAULT_RECIPE: current}.__getitem__)
        assert run("list") == 0
        assert capsys.readouterr().out.splitlines()[0].endswith(f"5 MB  {mark}")
        run("list", "--json")
        assert json.loads(capsys.readouterr().out)["models"][0]["outdated"] is not current


def test_list_where_an_adapter_cannot_be_read(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """The list comes all the same: whoever builds will hear of it."""

    def unreadable(_name: str) -> bool:
        raise ModelBuildFailed("It cannot be read.")

    there = ModelInfo(DEFAULT_RECIPE, "Small", built=True)
    monkeypatch.setattr(cli_model.modelstore, "list_models", lambda: (there,))
    monkeypatch.setattr(building, "is_current", unreadable)
    assert run("list", "--json") == 0
    assert json.loads(capsys.readouterr().out)["models"][0]["outdated"] is False


def test_plan(home: Path, capsys: pytest.CaptureFixture[str]):
    """A plan is printed, for people or as JSON, and leaves no trace."""
    assert run("plan") in {0, 1}
    assert "download" in capsys.readouterr().out
    run("plan", "--recipe", OTHER, "--json")
    said = json.loads(capsys.readouterr().out)
    assert said["needs"]["download"] > 10**9
    assert said["fits"] == (not said["refusals"])
    assert list(home.iterdir()) == []


def test_unknown_recipe(capsys: pytest.CaptureFixture[str]):
    """An unknown recipe is told in a sentence, as JSON where JSON was asked for."""
    assert run("plan", "--recipe", "nonsense") == 1
    assert capsys.readouterr().err.startswith("There is no recipe 'nonsense'.\nRecipes: ")
    assert run("build", "--recipe", "nonsense", "--json-progress") == 1
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "badRequest"


def test_use_and_remove_of_nothing(capsys: pytest.CaptureFixture[str]):
    """What is not built cannot be used, and removing it is no failure."""
    assert run("use", "--recipe", OTHER) == 1
    assert "has not been built yet" in capsys.readouterr().err
    assert run("remove", "--recipe", OTHER) == 0
    assert capsys.readouterr().out == f"{OTHER} was not there.\n"


def test_build_reports(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """A build's progress goes to stderr for people and to stdout as JSON lines, the path last."""

    def fake(recipe: str, options: Options) -> Path:
        options.watch.tell(Note("Working."))
        options.watch.tell(Step("download", "base weights", 1, 2, "bytes"))
        return home / recipe

    monkeypatch.setattr(building, "build", fake)
    assert run("build", "--base", "somewhere") == 0
    captured = capsys.readouterr()
    assert captured.out == f"{home / DEFAULT_RECIPE}\n"
    assert captured.err.startswith("Working.\nDownloading 50 %")
    assert run("build", "--recipe", OTHER, "--json-progress") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (lines[0], lines[1]["stage"]) == ({"text": "Working."}, "download")
    assert lines[-1] == {"recipe": OTHER, "path": str(home / OTHER)}


@pytest.mark.parametrize(
    ("failure", "status", "said"),
    [
        (MachineTooSmall("It is too small."), 1, "It is too small.\nChoose a smaller"),
        (KeyboardInterrupt(), 130, "kept"),
    ],
)
def test_build_fails(
    failure: BaseException, status: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """A failure is a sentence and a status, an interrupt among them."""

    def fake(*_: object) -> Path:
        raise failure

    monkeypatch.setattr(building, "build", fake)
    assert run("build") == status
    assert said in capsys.readouterr().err

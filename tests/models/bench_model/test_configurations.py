from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs
import pytest

from lsp_server.errors import EndpointFailed
from lsp_server.modelstore import open_folder
from models import build as building
from models.adapter import pinned_tuning
from models.bench.model import __main__ as command
from models.bench.model.asking import Desk, own_runtime
from models.bench.model.configurations import NAMES, endpoint, folder_of, made, resident
from models.bench.model.kept import Kept
from models.bench.model.questions import Lines, Question
from models.bench.model.scores import score
from models.build import Options, build
from models.forms import Making, forms_root, make_forms
from models.recipe import Recipe
from support.recording_server import Reply, native_call, recording_server
from support.tiny_adapter import pinning, sides, write_adapter
from support.tiny_model import NAME, recipe_for, write_gguf

MakeFolder = Callable[..., Path]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INGLENOOK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_model_is_measured_with_its_turns_free(tmp_path: Path, model_folder: MakeFolder):
    """A folder whose manifest demands a call is served by links to the same files, free to speak; one model still."""
    folder = model_folder(tmp_path / "forced", first_call="demand", after_rows="forbid")
    found = resident("base", folder)
    assert found.folder is not None
    manifest = found.folder.manifest
    assert (manifest.first_call, manifest.after_rows) == ("free", "free")
    assert found.subject.model == open_folder(folder).manifest.model_hash
    assert found.settings["model.path"] == str(found.folder.path) != str(folder)
    assert (found.folder.path / "config.json").resolve() == folder / "config.json"
    assert resident("base", folder) == found


def test_a_folder_is_found_from_where_the_command_was_given(
    tmp_path: Path, model_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
):
    """A relative path is linked to, and served, as the absolute one that it means."""
    folder = model_folder(tmp_path / "forced", first_call="demand")
    monkeypatch.chdir(tmp_path)
    assert resident("base", Path("forced")) == resident("base", folder)


def test_a_free_model_is_measured_where_it_lies(tmp_path: Path, model_folder: MakeFolder):
    """Nothing is linked where nothing has to be changed."""
    folder = model_folder(tmp_path / "free")
    assert resident("base", folder).settings["model.path"] == str(folder)


def test_a_configuration_is_found_where_it_was_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """In a folder of its own; the recipe's own model is the fused 8-bit one too. Of another adapter it is none.

    What is lacking is made.
    """
    source = write_gguf(tmp_path / "tiny.gguf")
    plain = recipe_for(source)
    recipe = pinning(plain, write_adapter(tmp_path / "adapter", plain))
    other = pinning(plain, write_adapter(tmp_path / "other", plain, sides(seed=12)))
    ours = Making(recipe, pinned_tuning(recipe), forms_root(NAME), source)
    others = Making(other, pinned_tuning(other), forms_root(NAME), source)

    def load(_name: str) -> Recipe:
        return recipe

    def admit(_path: Path) -> None: ...

    monkeypatch.setattr(building, "load_recipe", load)
    shipped = build(NAME, Options(base=source, verify=admit))
    assert folder_of("fused-8bit", ours) == shipped
    make_forms(ours, ["fused-8bit"])
    assert folder_of("fused-8bit", ours) == forms_root(NAME) / "fused-8bit"
    for name, making in (
        ("adapter", ours),
        ("fused-8bit", others),
        ("fused-8bit", attrs.evolve(ours, recipe=other, tuning=others.tuning)),
        ("fused-8bit", attrs.evolve(ours, recipe=plain, tuning=None)),
    ):
        assert folder_of(name, making) is None
    names = ("adapter", "fused-8bit")
    assert made(names, ours) == {name: forms_root(NAME) / name for name in names}
    assert folder_of("adapter", ours) == forms_root(NAME) / "adapter"


LOOK = Question("look", "here", "where", "Where is it?", accepts=(Lines("core.py", 1, 1),))


@pytest.mark.parametrize(
    ("replies", "right", "malformed"),
    [
        ((native_call("symbols", '{"name": "here"}'), "At core.py:1."), True, 0),
        ((native_call("grep", '{"text": "here"}'), "I do not know."), False, 1),
        ((native_call("symbols", '{"nom": "here"}'), "I do not know."), False, 1),
    ],
)
async def test_a_servers_model_gets_its_row(tmp_path: Path, replies: Sequence[Reply], right: bool, malformed: int):
    """The same questions go to an OpenAI-compatible server, and its calls are marked alike."""
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "core.py").write_text("def here(): ...\n", "utf-8")
    kept = Kept(tmp_path / "answers.jsonl")
    with own_runtime(), recording_server("Hello.", *replies) as server:
        there = endpoint(server.url, "first")
        done = await Desk(lambda _package: workspace, kept).ask(there, [LOOK])
    assert done.answered == 1
    entry = kept.answer(there.subject, LOOK.key)
    assert entry is not None
    mark = score(LOOK, entry.answer)
    assert (mark.right, mark.malformed) == (right, malformed)
    assert (entry.resident_bytes, entry.peak_bytes, kept.loaded(there.subject)) == (0, 0, None)


async def test_a_server_that_cannot_be_reached_is_one_failure(tmp_path: Path):
    """Not one for each question."""
    kept, told = Kept(tmp_path / "answers.jsonl"), list[str]()
    with own_runtime(), pytest.raises(EndpointFailed, match="could not be reached"):
        await Desk(lambda _package: tmp_path, kept, told.append).ask(endpoint("http://127.0.0.1:9/v1", "m"), [LOOK])
    assert told == []


async def test_a_server_that_is_asked_for_no_name_is_kept_under_the_one_that_it_gives():
    """What it lists another day is another model, whose answers are its own."""
    with recording_server() as server:
        there = await asyncio.to_thread(endpoint, server.url, "")
    assert there == endpoint(server.url, "first")


def test_the_command_says_what_is_missing(capsys: pytest.CaptureFixture[str]):
    """Where a form cannot be made there is one sentence, and what to do."""
    assert command.main(["--recipe", "qwen2.5-coder-1.5b", "--configs", "adapter"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("There is no adapter of qwen2.5-coder-1.5b yet. Train it, `python -m models train")


def test_the_command_knows_its_configurations(capsys: pytest.CaptureFixture[str]):
    """A name that is none, or a limit of nothing, is refused with those that there are."""
    with pytest.raises(SystemExit):
        command.main(["--configs", "fused-2bit"])
    said = capsys.readouterr().err
    assert all(name in said for name in NAMES)
    with pytest.raises(SystemExit):
        command.main(["--limit", "0"])
    assert "at least one question" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        command.main(["--folder", "base"])
    assert "'base' is no NAME=PATH" in capsys.readouterr().err

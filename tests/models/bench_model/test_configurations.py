from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import attrs
import pytest

from lsp_server.errors import ModelMissing
from lsp_server.modelstore import MANIFEST, open_folder
from models.bench.model import __main__ as command
from models.bench.model.asking import Desk, own_runtime
from models.bench.model.configurations import NAMES, endpoint, made, resident
from models.bench.model.kept import Kept
from models.bench.model.questions import Lines, Question
from models.bench.model.scores import score
from support.recording_server import Reply, native_call, recording_server
from support.scripted_model import scripted_folder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INGLENOOK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def model_folder(path: Path, **changes: str) -> Path:
    """Write a folder that looks whole, with nothing in it that a model would need."""
    path.mkdir(parents=True)
    config = json.dumps({"model_type": "qwen2"})
    (path / "config.json").write_text(config, "utf-8")
    manifest = attrs.evolve(
        scripted_folder(path).manifest, hashes={"config.json": "0"}, sizes={"config.json": len(config)}
    )
    (path / MANIFEST).write_text(attrs.evolve(manifest, **changes).to_json(), "utf-8")  # pyright: ignore[reportArgumentType]
    return path


def test_a_model_is_measured_with_its_turns_free(tmp_path: Path):
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


def test_a_free_model_is_measured_where_it_lies(tmp_path: Path):
    """Nothing is linked where nothing has to be changed."""
    folder = model_folder(tmp_path / "free")
    assert resident("base", folder).settings["model.path"] == str(folder)


def test_a_configuration_is_found_where_it_was_made(home: Path):
    """A configuration has a folder of its own; the recipe itself is the fused 8-bit one."""
    shipped = model_folder(home / "models" / "some-recipe")
    assert made("fused-8bit", "some-recipe") == shipped
    own = model_folder(home / "cache" / "configurations" / "some-recipe" / "fused-8bit")
    assert made("fused-8bit", "some-recipe") == own
    with pytest.raises(ModelMissing, match="The configuration adapter of some-recipe has not been made"):
        made("adapter", "some-recipe")


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
    with own_runtime(), recording_server(*replies) as server:
        there = endpoint(server.url, "first")
        done = await Desk(lambda _package: workspace, kept).ask(there, [LOOK])
    assert done.answered == 1
    entry = kept.answer(there.subject, LOOK.key)
    assert entry is not None
    mark = score(LOOK, entry.answer)
    assert (mark.right, mark.malformed) == (right, malformed)
    assert entry.resident_bytes == 0


def test_the_command_says_what_is_missing(capsys: pytest.CaptureFixture[str]):
    """Without the configurations there is one sentence, and how to make them."""
    assert command.main(["--configs", "adapter"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(
        "The configuration adapter of qwen2.5-coder-0.5b has not been made. Run `python -m models"
    )


def test_the_command_knows_its_configurations(capsys: pytest.CaptureFixture[str]):
    """A name that is none, or a limit of nothing, is refused with those that there are."""
    with pytest.raises(SystemExit):
        command.main(["--configs", "fused-2bit"])
    said = capsys.readouterr().err
    assert all(name in said for name in NAMES)
    with pytest.raises(SystemExit):
        command.main(["--limit", "0"])
    assert "at least one question" in capsys.readouterr().err

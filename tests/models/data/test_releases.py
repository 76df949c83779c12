"""Pinned releases become the commits of a repository, the same on every machine."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import subprocess
import tarfile
from collections.abc import Generator
from pathlib import Path

import pytest

from lsp_server.errors import ModelBuildFailed
from lsp_server.user_folders import HOME_VARIABLE
from models.data import releases
from models.data.codebases import source, sources
from models.data.leak import MEASURED, RESERVED
from models.data.releases import Pinned, Release, bring
from models.index import IndexSettings
from models.progress import Watch
from support.http_files import Files, served


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Files]:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    with served({}) as files:
        monkeypatch.setattr(releases, "pip_settings", lambda: IndexSettings(f"{files.url}/simple"))
        yield files


def release(server: Files, version: str, members: dict[str, bytes], date: dt.date) -> Release:
    """Offer a release of `shop` and return its pin."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, body in members.items():
            info = tarfile.TarInfo(f"shop-{version}/{name}")
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    file = f"shop-{version}.tar.gz"
    server.content[f"/files/{file}"] = out.getvalue()
    page = server.content.get("/simple/shop/", b"").decode() + f'<a href="/files/{file}">{file}</a>'
    server.content["/simple/shop/"] = page.encode()
    return Release(version, date, file, len(out.getvalue()), hashlib.sha256(out.getvalue()).hexdigest())


def pinned(server: Files) -> Pinned:
    return Pinned(
        "shop",
        "python",
        (
            release(server, "1.0", {"a.py": b"a = 1\n", "old.py": b"", "PKG-INFO": b"x"}, dt.date(2020, 1, 2)),
            release(
                server, "1.1", {"a.py": b"a = 2\n", "dist/a.py": b"", ".gitignore": b"a.py\n"}, dt.date(2021, 3, 4)
            ),
        ),
        ("dist",),
    )


def git(repository: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=repository, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_releases_are_commits(server: Files):
    """One commit a release, dated as it was; the newest is checked out, without what packaging added."""
    path = bring(pinned(server), Watch())
    assert git(path, "log", "--format=%ad %s", "--date=short") == "2021-03-04 Release 1.1\n2020-01-02 Release 1.0"
    assert git(path, "ls-files").split() == [".gitignore", "a.py"]
    assert git(path, "ls-tree", "--name-only", "HEAD~1").split() == ["a.py", "old.py"]
    assert git(path, "status", "--porcelain") == ""
    assert (path / "a.py").read_bytes() == b"a = 2\n"


def test_hashes_depend_on_nothing_of_the_user(server: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The user's name, hooks and settings of git change no commit; what is there is not brought again."""
    pins = pinned(server)
    first = bring(pins, Watch())
    asked = len(server.asked)
    assert bring(pins, Watch()) == first
    assert len(server.asked) == asked
    config = tmp_path / "gitconfig"
    config.write_text("[user]\n\tname = Somebody\n[core]\n\tautocrlf = true\n[commit]\n\tgpgSign = true\n", "utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody")
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "another"))
    second = bring(pins, Watch())
    assert second != first
    assert git(second, "rev-parse", "HEAD") == git(first, "rev-parse", "HEAD")


def test_another_file_than_the_pinned_one_is_refused(server: Files):
    """A release whose bytes differ makes no repository."""
    pins = pinned(server)
    server.content["/files/shop-1.1.tar.gz"] = b"another"
    with pytest.raises(ModelBuildFailed):
        bring(pins, Watch())
    server.content.pop("/files/shop-1.1.tar.gz")
    with pytest.raises(ModelBuildFailed, match=r"shop 1\.1 could not be had"):
        bring(pins, Watch())


def _nothing(*_arguments: object, **_options: object) -> None:
    pass


def test_without_npm_the_step_to_take_is_said(server: Files, monkeypatch: pytest.MonkeyPatch):
    """A codebase of npm's registry needs npm."""
    monkeypatch.setenv("PATH", "/usr/bin/nowhere")
    monkeypatch.setattr(releases, "_git", _nothing)
    only = Pinned("shop", "npm", pinned(server).releases)
    with pytest.raises(ModelBuildFailed, match="no `npm`") as caught:
        bring(only, Watch())
    assert "Install Node.js" in caught.value.hint


def test_pins_are_as_they_should():
    """At least twelve codebases train, two of them not Python; none is measured on; all are pinned whole."""
    train = [each for each in sources() if each.split == "train"]
    assert len(train) >= 12
    assert sum(each.language != "python" for each in train) >= 2
    assert not {each.pinned.name for each in sources()} & (MEASURED | RESERVED)
    for each in sources():
        dates = [release.date for release in each.pinned.releases]
        assert dates == sorted(dates)
        assert all(len(release.sha256) == 64 and release.bytes > 0 for release in each.pinned.releases)
    with pytest.raises(ModelBuildFailed, match="no codebase `shop`"):
        source("shop")

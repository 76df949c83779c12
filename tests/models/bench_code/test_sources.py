from __future__ import annotations

import hashlib
import io
import re
import tarfile
import zipfile
from pathlib import Path

import pytest

from lsp_server.errors import ModelBuildFailed
from models.bench.code import sources
from models.bench.code.sources import TREE, pins, tree
from models.index import IndexSettings
from models.recipe import Part
from support.http_files import Files, served


def sdist(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, body in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return buffer.getvalue()


def wheel(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return buffer.getvalue()


def offered(server: Files, name: str, body: bytes, monkeypatch: pytest.MonkeyPatch) -> Part:
    """Put a file on the test's own index, and return its pin."""
    server.content[f"/files/{name}"] = body
    server.content["/simple/shop/"] = f'<a href="../../files/{name}">{name}</a>'.encode()
    server.types["/simple/shop/"] = "text/html"
    monkeypatch.setattr(sources, "pip_settings", lambda: IndexSettings(f"{server.url}/simple"))
    return Part("shop", "1.0", name, len(body), hashlib.sha256(body).hexdigest())


def test_everything_is_pinned():
    """Every file has a version in its name, a size and a hash, and there are packages beside the large tree."""
    pinned = pins()
    for part in (*pinned.sdists.values(), *pinned.ripgrep.values()):
        assert f"{part.package}-{part.version}" in part.wheel
        assert part.bytes > 10_000
        assert re.fullmatch(r"[0-9a-f]{64}", part.sha256)
    assert TREE in pinned.sdists
    assert TREE not in pinned.packages
    assert len(pinned.packages) >= 5


def test_sdist_is_brought_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A source distribution is downloaded, checked and unpacked without its outer folder; the next time it is there."""
    body = sdist({"shop-1.0/setup.py": b"raise SystemExit('built')", "shop-1.0/src/shop.py": b"x = 1\n"})
    with served({}) as server:
        part = offered(server, "shop-1.0.tar.gz", body, monkeypatch)
        folder = tree(part, tmp_path / "store")
        assert (folder / "src/shop.py").read_bytes() == b"x = 1\n"
        asked = len(server.asked)
        assert tree(part, tmp_path / "store") == folder
        assert len(server.asked) == asked
    assert [path.name for path in (tmp_path / "store").iterdir()] == [folder.name]


def test_wheel_keeps_its_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A wheel is unpacked as it is."""
    body = wheel({"shop-1.0.data/scripts/rg": b"program", "shop-1.0.dist-info/METADATA": b""})
    with served({}) as server:
        part = offered(server, "shop-1.0-py3-none-any.whl", body, monkeypatch)
        folder = tree(part, tmp_path)
    assert (folder / "shop-1.0.data/scripts/rg").read_bytes() == b"program"


def test_other_bytes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A file that is not the pinned one is refused, and nothing is unpacked."""
    with served({}) as server:
        part = offered(server, "shop-1.0.tar.gz", sdist({"shop-1.0/a.py": b"a"}), monkeypatch)
        server.content["/files/shop-1.0.tar.gz"] = sdist({"shop-1.0/a.py": b"b"})
        with pytest.raises(ModelBuildFailed):
            tree(part, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_members_stay_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A member that would land outside the folder is refused."""
    with served({}) as server:
        part = offered(server, "shop-1.0.tar.gz", sdist({"../../evil.py": b""}), monkeypatch)
        with pytest.raises(tarfile.OutsideDestinationError):
            tree(part, tmp_path / "store")
    assert not list(tmp_path.rglob("evil.py"))

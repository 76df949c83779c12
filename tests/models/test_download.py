from __future__ import annotations

import hashlib
from collections.abc import Generator
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.errors import ModelBuildFailed
from models.download import Remote, Unreachable, download, file_digest
from models.progress import BuildCancelled, never
from support.http_files import Files, served

BODY = bytes(range(256)) * 12_000  # a little under three chunks


@pytest.fixture
def server() -> Generator[Files]:
    with served({"/model.bin": BODY}) as files:
        yield files


def remote(server: Files, body: bytes = BODY, path: str = "/model.bin") -> Remote:
    return Remote(server.url + path, len(body), hashlib.sha256(body).hexdigest())


def bring(wanted: Remote, target: Path) -> list[int]:
    seen: list[int] = []
    download(wanted, target, seen.append, never)
    return seen


def test_whole(server: Files, tmp_path: Path):
    """A file arrives whole, under its name, with progress that rises to its size."""
    seen = bring(remote(server), tmp_path / "down/model.bin")
    assert (tmp_path / "down/model.bin").read_bytes() == BODY
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0, len(BODY))
    assert [path.name for path in (tmp_path / "down").iterdir()] == ["model.bin"]


def test_resumed(server: Files, tmp_path: Path):
    """What an earlier try left is kept, and only the rest is asked for."""
    (tmp_path / "model.bin.part").write_bytes(BODY[:1_000_000])
    seen = bring(remote(server), tmp_path / "model.bin")
    assert (tmp_path / "model.bin").read_bytes() == BODY
    assert server.asked == [("/model.bin", "bytes=1000000-")]
    assert seen[0] == 1_000_000


def test_broken_connection(server: Files, tmp_path: Path):
    """A connection that breaks is taken up again where it broke."""
    server.cuts = [700_000, 500_000]
    bring(remote(server), tmp_path / "model.bin")
    assert (tmp_path / "model.bin").read_bytes() == BODY
    assert [wanted for _, wanted in server.asked] == [None, "bytes=700000-", "bytes=1200000-"]


def test_server_without_ranges(server: Files, tmp_path: Path):
    """A server that always sends the whole file is listened to from the start."""
    server.ranges = False
    (tmp_path / "model.bin.part").write_bytes(b"x" * 1000)
    bring(remote(server), tmp_path / "model.bin")
    assert (tmp_path / "model.bin").read_bytes() == BODY


def test_wrong_hash(server: Files, tmp_path: Path):
    """Other bytes than the pinned ones are refused, named, and deleted."""
    server.content["/model.bin"] = other = b"!" + BODY[1:]
    with pytest.raises(ModelBuildFailed) as caught:
        bring(remote(server), tmp_path / "model.bin")
    assert hashlib.sha256(BODY).hexdigest() in caught.value.sentence
    assert hashlib.sha256(other).hexdigest() in caught.value.sentence
    assert list(tmp_path.iterdir()) == []


def test_too_long(server: Files, tmp_path: Path):
    """A file that is longer than the pinned one is not written to its end."""
    server.content["/model.bin"] = BODY * 3
    with pytest.raises(ModelBuildFailed):
        bring(remote(server), tmp_path / "model.bin")
    assert list(tmp_path.iterdir()) == []


def test_half_a_download_of_something_else(server: Files, tmp_path: Path):
    """A leftover that the server has less of is begun again."""
    (tmp_path / "model.bin.part").write_bytes(b"x" * 50)
    server.content["/model.bin"] = BODY[:40]
    wanted = attrs.evolve(remote(server, BODY[:40]), bytes=60)
    with pytest.raises(Unreachable, match="could not be reached"):
        bring(wanted, tmp_path / "model.bin")
    assert server.asked[:2] == [("/model.bin", "bytes=50-"), ("/model.bin", None)]


def test_cancelled(server: Files, tmp_path: Path):
    """A cancelled download stops within a chunk and keeps what came."""
    with pytest.raises(BuildCancelled):
        download(remote(server), tmp_path / "model.bin", lambda _: None, lambda: True)
    assert not (tmp_path / "model.bin").exists()


def test_missing(server: Files, tmp_path: Path):
    """A file that the server does not have is said so at once."""
    with pytest.raises(Unreachable, match="answered 404"):
        bring(remote(server, path="/other"), tmp_path / "model.bin")
    assert len(server.asked) == 1


def test_nobody_there(tmp_path: Path):
    """A server that is gone is said so."""
    with served({}) as files:
        gone = remote(files)
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:\d+ could not be reached"):
        bring(gone, tmp_path / "model.bin")


def test_other_schemes(tmp_path: Path):
    """Only the web is fetched from, whatever an index says."""
    with pytest.raises(Unreachable, match="not fetched"):
        bring(Remote("file:///etc/passwd", 1, "0" * 64), tmp_path / "model.bin")


def test_secrets_stay_with_their_host(server: Files, tmp_path: Path):
    """A header of the remote's is sent to its host."""
    wanted = attrs.evolve(remote(server), headers={"Authorization": "Bearer x"})
    bring(wanted, tmp_path / "model.bin")
    assert server.heard[0]["Authorization"] == "Bearer x"


@given(st.binary(max_size=4000))
def test_file_digest(tmp_path_factory: pytest.TempPathFactory, body: bytes):
    """A file's digest is that of its bytes."""
    path = tmp_path_factory.mktemp("digest") / "file"
    path.write_bytes(body)
    assert file_digest(path) == hashlib.sha256(body).hexdigest()

"""Files are opened below folders that are kept open, and never behind a link."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lsp_server.workspace.opening import OpenFolders, read_regular
from lsp_server.workspace.places import Located

LIMIT = 100


def descriptors() -> int:
    """Return how many descriptors this process has."""
    return len(list(Path("/dev/fd").iterdir()))


def test_files_of_many_folders_are_read(tmp_path: Path):
    """Up, down and sideways, and nothing stays open."""
    paths = ("a/b/c/1", "a/b/2", "a/3", "a/b/c/4", "x/5", "6", "a/b/d/7", "a/b/c/8")
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    before = descriptors()
    with OpenFolders() as folders:
        for path in paths:
            assert folders.read(Located(tmp_path, path), LIMIT) == path.encode()
            with pytest.raises(FileNotFoundError):
                folders.read(Located(tmp_path, f"{path}-missing/file"), LIMIT)
    assert descriptors() == before


def test_several_workspace_folders_are_told_apart(tmp_path: Path):
    """The same path below another folder is another file."""
    for root in ("one", "two"):
        (tmp_path / root / "pkg").mkdir(parents=True)
        (tmp_path / root / "pkg" / "file").write_text(root)
    with OpenFolders() as folders:
        assert folders.read(Located(tmp_path / "one", "pkg/file"), LIMIT) == b"one"
        assert folders.read(Located(tmp_path / "two", "pkg/file"), LIMIT) == b"two"


@pytest.mark.parametrize("path", ["folder/file", "real/link"])
def test_links_are_refused(tmp_path: Path, path: str):
    """As a folder on the way and as the file itself, also after files beside them were read."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_text("text")
    (tmp_path / "folder").symlink_to("real")
    (tmp_path / "real" / "link").symlink_to("file")
    with OpenFolders() as folders:
        assert folders.read(Located(tmp_path, "real/file"), LIMIT) == b"text"
        with pytest.raises(OSError, match=r"links|Not a directory"):
            folders.read(Located(tmp_path, path), LIMIT)
        assert folders.read(Located(tmp_path, "real/file"), LIMIT) == b"text"


def test_what_is_no_small_regular_file_is_refused(tmp_path: Path):
    """Folders, pipes and large files; a pipe without a writer does not hold anybody up."""
    (tmp_path / "large").write_bytes(b"x" * (LIMIT + 1))
    (tmp_path / "fits").write_bytes(b"x" * LIMIT)
    os.mkfifo(tmp_path / "pipe")
    assert len(read_regular(tmp_path / "fits", LIMIT)) == LIMIT
    for name, error in (("large", "larger than 100 bytes"), ("pipe", "no regular file"), (".", "is a folder")):
        with pytest.raises(OSError, match=error):
            read_regular(tmp_path / name, LIMIT)

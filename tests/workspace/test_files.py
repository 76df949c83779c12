from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.errors import OutOfScope
from lsp_server.settings import Settings
from lsp_server.workspace.files import normal, split_lines
from lsp_server.workspace.workspace import Workspace
from support.shop import CORE, write


def test_a_buffer_shadows_its_file_everywhere(workspace: Workspace, sample: Path):
    """Search, symbols, read, commands and hashes see the unsaved text; closing it shows the file again."""
    uri = (sample / "src/shop/core.py").as_uri()
    saved = workspace.content_hash("src/shop/core.py")
    workspace.files.open_buffer(uri, "class Unsaved:\r\n    pass\r\n")
    assert workspace.files.lines("src/shop/core.py") == ("class Unsaved:", "    pass")
    assert [row.name for row in workspace.symbols(name="Unsaved").rows] == ["Unsaved"]
    assert workspace.symbols(name="make_registry").total == 0
    assert workspace.search("Unsaved").total == 1
    assert workspace.read("src/shop/core.py").total_lines == 2
    assert workspace.run_command("wc -l src/shop/core.py").text.split()[0] == "2"
    assert workspace.content_hash("src/shop/core.py") != saved
    workspace.files.change_buffer(uri, CORE)
    assert workspace.content_hash("src/shop/core.py") == saved
    assert workspace.files.unsaved() == ()
    workspace.files.close_buffer(uri)
    workspace.files.close_buffer(uri)
    assert workspace.content_hash("src/shop/core.py") == saved


def test_a_private_key_in_a_buffer_is_not_read(workspace: Workspace, sample: Path):
    """An editor that shows a key, saved or only pasted, gives the tools nothing of it."""
    key = "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n"
    write(sample, "deploy_key", key)
    uris = [(sample / name).as_uri() for name in ("deploy_key", "pasted.txt")]
    for uri in uris:
        workspace.files.open_buffer(uri, key)
    assert workspace.search("hunter2").total == 0
    for path in ("deploy_key", "pasted.txt"):
        with pytest.raises(OutOfScope, match="secrets"):
            workspace.files.lines(path)
    workspace.files.change_buffer(uris[1], "no key any more\n")
    assert workspace.files.lines("pasted.txt") == ("no key any more",)


def test_a_new_unsaved_file_is_found(workspace: Workspace, sample: Path):
    """A buffer whose file does not exist yet is listed and read."""
    workspace.files.open_buffer((sample / "src/shop/fresh.py").as_uri(), "class Fresh: ...\n")
    assert [row.place.path for row in workspace.symbols(name="Fresh").rows] == ["src/shop/fresh.py"]
    assert workspace.read("src/shop/fresh.py").lines == ("class Fresh: ...",)


def test_buffers_of_secrets_ignored_and_foreign_files_stay_shut(workspace: Workspace, sample: Path, tmp_path: Path):
    """An open editor tab gives the tools nothing that the scope refuses."""
    files = [sample / ".env", sample / "build/new.py", tmp_path / "x.py"]
    for uri in (*(file.as_uri() for file in files), "untitled:Untitled-1"):
        workspace.files.open_buffer(uri, "hunter2 open")
    assert workspace.search("hunter2").total == 0
    for path in (".env", "build/new.py", "../x.py"):
        with pytest.raises(OutOfScope):
            workspace.files.lines(path)


def test_line_ends_and_byte_order_marks_vanish():
    """Lines are split at CRLF, LF and CR and nowhere else; the last line end opens no line."""
    assert split_lines(normal("\ufeffa\r\nb\rc\u2028d\x0ce\n".encode())) == ("a", "b", "c\u2028d\x0ce")
    assert split_lines(b"") == ()
    assert split_lines(b"\xff\xfe a") == ("\ufffd\ufffd a",)


def test_a_line_is_read_or_none(workspace: Workspace):
    """Outside the file or the scope there is no line."""
    assert workspace.line_text("README.md", 1) == "# Shop"
    assert workspace.line_text("README.md", 99) is None
    assert workspace.line_text("README.md", 0) is None
    assert workspace.line_text(".env", 1) is None


def test_a_line_of_a_hundred_megabytes_does_no_harm(sample: Path):
    """Such a file is refused by size, quickly; with a higher limit its line is cut when shown."""
    with (sample / "huge.json").open("wb") as file:
        file.write(b'["Registry"')
        file.truncate(100_000_000)
    workspace = Workspace([sample], Settings())
    assert "huge.json" not in {row.place.path for row in workspace.search("Registry").rows}
    with pytest.raises(OutOfScope, match="larger"):
        workspace.files.lines("huge.json")
    write(sample, "wide.txt", "y" * 900_000 + "Registry" + "x" * 900_000)
    (row,) = workspace.search("Registry", glob="wide.txt").rows
    assert "Registry" in row.text
    assert len(row.text) < 400
    assert len(workspace.read("wide.txt").lines[0]) < 400

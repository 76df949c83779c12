from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import lsp_server.workspace

ROOM = Path(lsp_server.workspace.__file__).parent
OPENING = {"open", "read_text", "read_bytes", "write_text", "fdopen", "popen", "system", "startfile"}


def calls(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr
            elif isinstance(node.func, ast.Name):
                yield node.func.id


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def test_files_are_opened_in_the_scope_alone():
    """No other file of the room opens anything; the git folder of ours is the only thing written."""
    opening = {file.name: sorted(OPENING & set(calls(file))) for file in ROOM.glob("*.py")}
    assert {name for name, found in opening.items() if found} == {"scope.py"}
    writing = {file.name for file in ROOM.glob("*.py") if "write_bytes" in set(calls(file))}
    assert writing == {"git_repository.py"}


def test_the_raw_reader_serves_machinery_only():
    """`read_regular`, which knows no scope, is used for ignore rules and the git folder, nowhere else."""
    users = {file.name for file in ROOM.glob("*.py") if "read_regular" in file.read_text(encoding="utf-8")}
    assert users == {"scope.py", "git_repository.py"}


def test_processes_are_started_in_one_place():
    """Only processes.py imports subprocess, and only the git room uses it."""
    assert {file.name for file in ROOM.glob("*.py") if "subprocess" in set(imports(file))} == {"processes.py"}
    users = {file.name for file in ROOM.glob("*.py") if "lsp_server.workspace.processes.run" in set(imports(file))}
    assert users == {"git_repository.py"}


def test_the_room_knows_neither_model_nor_editor():
    """Imports within the product go to the values and to the room itself."""
    allowed = ("lsp_server.errors", "lsp_server.kinds", "lsp_server.settings", "lsp_server.workspace")
    for file in ROOM.glob("*.py"):
        ours = [name for name in imports(file) if name.split(".")[0] in {"lsp_server", "models"}]
        assert [name for name in ours if name != "lsp_server" and not name.startswith(allowed)] == [], file.name


def test_no_file_is_long():
    """Files fit a reader's head."""
    assert [file.name for file in ROOM.glob("*.py") if len(file.read_text(encoding="utf-8").splitlines()) > 350] == []

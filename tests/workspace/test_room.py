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


def files() -> list[tuple[str, Path]]:
    """Return the room's files, those of its inner rooms too, by their paths in it."""
    return [(file.relative_to(ROOM).as_posix(), file) for file in sorted(ROOM.rglob("*.py"))]


def test_files_are_opened_for_the_scope_alone():
    """Nobody else opens the workspace's files; the index opens its own cache folder in one place.

    The indexer's process points its standard streams at a log, and answers its parent through a pipe.
    """
    opening = {name: sorted(OPENING & set(calls(file))) for name, file in files()}
    assert {name: found for name, found in opening.items() if found} == {
        "opening.py": ["open"],
        "index/cache_folder.py": ["fdopen", "open", "read_bytes", "read_text"],
        "index/process.py": ["fdopen", "open"],
    }
    writing = {name for name, file in files() if "write_bytes" in set(calls(file))}
    assert writing == {"git_repository.py"}


def test_the_raw_reader_serves_machinery_only():
    """`read_regular`, which knows no scope, is used for ignore rules and the git folder, nowhere else."""
    users = {name for name, file in files() if "read_regular" in file.read_text(encoding="utf-8")}
    assert users == {"opening.py", "scope.py", "git_repository.py"}
    users = {name for name, file in files() if "OpenFolders" in file.read_text(encoding="utf-8")}
    assert users == {"opening.py", "scope.py", "index/build.py"}


def test_processes_are_started_in_one_place():
    """Only processes.py starts foreign ones, for git alone; the index starts its own program twice."""
    starting = {name for name, file in files() if "subprocess" in set(imports(file))}
    assert starting == {"processes.py", "index/meeting.py", "index/workers.py"}
    users = {name for name, file in files() if "lsp_server.workspace.processes.run" in set(imports(file))}
    assert users == {"git_repository.py"}


def test_the_room_knows_neither_model_nor_editor():
    """Imports within the product go to the values and to the room itself."""
    values = ("errors", "kinds", "own_programs", "peer", "settings", "user_folders")
    allowed = ("lsp_server.workspace", *(f"lsp_server.{name}" for name in values))
    for _, file in files():
        ours = [name for name in imports(file) if name.split(".")[0] in {"lsp_server", "models"}]
        assert [name for name in ours if name != "lsp_server" and not name.startswith(allowed)] == [], file.name


def test_no_file_is_long():
    """Files fit a reader's head."""
    assert [name for name, file in files() if len(file.read_text(encoding="utf-8").splitlines()) > 350] == []

"""Where the windows of a workspace folder meet its indexer: a socket in the user's runtime folder; and how it starts.

A window tells the indexer on its command line the folder, the settings that decide about files, and its own version.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import attrs

from lsp_server.own_programs import module_command
from lsp_server.peer import is_same_user
from lsp_server.settings import Settings
from lsp_server.user_folders import runtime_folder
from lsp_server.workspace.index.base import CacheUnusable
from lsp_server.workspace.index.cache_folder import CacheFolder, decisive
from lsp_server.workspace.index.version import index_version

COMMAND = module_command("lsp_server.workspace.index.process")
READY = "ready"
BUSY = "busy"
"""Another process has the lock, and listens already or is about to leave; or the one that was started was killed."""
_START_SECONDS = 60.0


def socket_path(folder: CacheFolder) -> Path:
    """Return the path of the socket.

    Raises:
        CacheUnusable: there is no folder for it.
    """
    try:
        return runtime_folder() / f"{folder.path.name[:16]}.index"
    except OSError as error:
        raise CacheUnusable(f"The folder {error.filename} cannot be used: {error.strerror}.") from error


def connected(path: Path) -> socket.socket | None:
    """Return a connection to the process that listens at a path; None where nobody does.

    Raises:
        CacheUnusable: another user's process listens there.
    """
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        return None
    if not is_same_user(connection):
        connection.close()
        raise CacheUnusable(f"Another user's process listens at {path}.")
    return connection


def start(root: Path, settings: Settings, command: Sequence[str] = COMMAND) -> bool:
    """Start the indexer of a folder; False while another process has the lock, or when the start was killed.

    Raises:
        CacheUnusable: it does not start, and why.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            [*command, arguments(root, settings)],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_START_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CacheUnusable(f"The indexer could not be started: {error}.") from error
    if done.returncode < 0:
        return False
    said = (done.stdout or done.stderr).decode(errors="replace").strip().splitlines()
    answer = said[-1] if said else f"The indexer ended at once, with exit status {done.returncode}."
    if answer not in {READY, BUSY}:
        raise CacheUnusable(answer)
    return answer == READY


def arguments(root: Path, settings: Settings) -> str:
    """Return all of it as one argument."""
    given = {"root": os.fsdecode(root), "settings": decisive(settings), "version": index_version()}
    return json.dumps(given)


def read_arguments(text: str) -> tuple[Path, Settings]:
    """Return what `arguments` wrote.

    Raises:
        CacheUnusable: the window runs another version of this program, and would look for another index.
        ValueError: it is something else.
    """
    try:
        given = json.loads(text)
        if given["version"] != index_version():
            raise CacheUnusable("The program has been updated; restart the editor's language server.")
        values = {key: _frozen(value) for key, value in given["settings"].items()}
        return Path(given["root"]), attrs.evolve(Settings(), **values)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("These are not the indexer's arguments.") from error


def _frozen(value: Any) -> Any:
    return tuple(cast("list[str]", value)) if isinstance(value, list) else value

"""Where the windows of a workspace folder meet its indexer: a socket in the user's runtime folder."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from lsp_server.peer import is_same_user
from lsp_server.settings import Settings
from lsp_server.user_folders import runtime_folder
from lsp_server.workspace.index.arguments import arguments
from lsp_server.workspace.index.base import CacheUnusable
from lsp_server.workspace.index.cache_folder import CacheFolder

COMMAND = (sys.executable, "-m", "lsp_server.workspace.index.process")
READY = "ready"
BUSY = "busy"
"""Another process has the lock: it listens already, or is about to leave."""
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
    """Start the indexer of a folder; False while another process has the lock.

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
    said = (done.stdout or done.stderr).decode(errors="replace").strip().splitlines()
    answer = said[-1] if said else f"The indexer ended at once, with exit status {done.returncode}."
    if answer not in {READY, BUSY}:
        raise CacheUnusable(answer)
    return answer == READY

"""The user's folders that the product uses: for data, for what can be made again, and for sockets and locks.

Light, so that every process may ask.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path

import platformdirs

HOME_VARIABLE = "INGLENOOK_HOME"

_PRIVATE = 0o700
_LONGEST_SOCKET_PATH = 100
"""Bytes; macOS takes 103, Linux 107."""
_NAME_BYTES = len("/0123456789abcdef.leaving")
"""The longest name that a socket has in the folder (resident/door.py renames its own)."""


def data_root() -> Path:
    """Return the folder of everything that we keep: `$INGLENOOK_HOME`, or the user's data folder."""
    override = os.environ.get(HOME_VARIABLE)
    return Path(override).expanduser().absolute() if override else platformdirs.user_data_path("inglenook")


def cache_root() -> Path:
    """Return the folder of what can be made again: `$INGLENOOK_HOME/cache`, or the user's cache folder."""
    override = os.environ.get(HOME_VARIABLE)
    return data_root() / "cache" if override else platformdirs.user_cache_path("inglenook")


def runtime_folder() -> Path:
    """Return the folder, made if need be: the first candidate that exists and is short enough for a socket's path.

    Raises:
        OSError: it cannot be made, or is another user's; `filename` and `strerror` say so.
    """
    temporary = f"inglenook-{os.getuid()}"
    base = os.environ.get("XDG_RUNTIME_DIR")
    candidates = [Path(base) / "inglenook"] if base else []
    candidates += [Path(tempfile.gettempdir()) / temporary, Path("/tmp") / temporary]  # noqa: S108 - its owner is checked
    folder = next((path for path in candidates if _fits(path)), candidates[-1])
    folder.mkdir(mode=_PRIVATE, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise PermissionError(errno.EPERM, "it is not this user's", str(folder))
    if stat.S_IMODE(found.st_mode) != _PRIVATE:
        folder.chmod(_PRIVATE)
    return folder


def _fits(folder: Path) -> bool:
    return folder.parent.is_dir() and len(os.fsencode(folder)) + _NAME_BYTES <= _LONGEST_SOCKET_PATH

"""Private folders for the product's data and sockets."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def private_home(monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """Yield a folder that data and sockets go to; its path is short, since a socket's may have about 100 bytes."""
    home = Path(tempfile.mkdtemp(prefix="nook-"))
    monkeypatch.setenv("INGLENOOK_HOME", str(home / "data"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home))
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)

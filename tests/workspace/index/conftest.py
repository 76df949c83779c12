"""A private cache folder, and windows that leave nothing behind."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from support.homes import private_home
from support.windows import Windows, open_windows


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """The folder of caches and sockets."""
    with private_home(monkeypatch) as home:
        yield home


@pytest.fixture
def windows(home: Path) -> Generator[Windows]:
    """Opens windows."""
    with open_windows() as windows:
        yield windows


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small folder of code."""
    root = tmp_path / "tree"
    (root / "pkg").mkdir(parents=True)
    (root / "pkg" / "core.py").write_text(
        'class Core:\n    """The heart of it."""\n\n    def beat(self):\n        go()\n'
    )
    (root / "pkg" / "use.py").write_text("from pkg.core import Core\n\n\ndef go():\n    Core().beat()\n")
    (root / "notes.txt").write_text("Notes\n\nHow retries are made.\n")
    return root

"""The sample package as a folder, a workspace, and a git repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.settings import Settings
from lsp_server.workspace.workspace import Workspace
from support.shop import CORE, git, make_shop, write


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A package with tests, a vendored module, ignored, binary and secret files."""
    return make_shop(tmp_path / "shop-repo")


@pytest.fixture
def workspace(sample: Path) -> Workspace:
    """The sample, opened."""
    return Workspace([sample], Settings())


@pytest.fixture
def repository(sample: Path) -> Path:
    """The sample as a git repository of two commits, the secret and an ignored file committed too."""
    git(sample, "init", "-q", "-b", "main")
    git(sample, "add", "-f", "src", "tests", "README.md", ".gitignore", ".env", "build/out.py")
    git(sample, "commit", "-qm", "first\n\nwith a body")
    write(sample, "src/shop/core.py", CORE.replace("MAX_SERVICES: Final = 100", "MAX_SERVICES: Final = 200"))
    write(sample, ".env", "TOKEN=swordfish\n")
    write(sample, "build/out.py", "class BuiltAgain:\n    pass\n")
    write(sample, "src/shop/sp ace é.py", "spaced = 1\n")
    git(sample, "add", "-f", "-A", "src", ".env", "build/out.py")
    git(sample, "commit", "-qm", "second")
    return sample

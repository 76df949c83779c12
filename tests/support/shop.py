"""A small package to ask about, and git without the machine's configuration."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

CORE = '''"""Registries of services."""

from __future__ import annotations

import typing
from typing import Final, Generic, Protocol, TypeVar

import attrs

T = TypeVar("T")
MAX_SERVICES: Final = 100
_DEFAULTS = {
    "ping": False,
}
log = print


class Closable(typing.Protocol):
    def close(self) -> None: ...


class Store(Protocol[T], Generic[T]):
    """Holds things."""

    LIMIT = 3


class ServiceMissing(LookupError):
    """No such service."""


@attrs.define(slots=True)
class Registry(Closable):
    """Where services are registered."""

    services: dict[str, object] = attrs.field(factory=dict)

    def register_factory(
        self,
        svc_type: type,
        factory: object,  # may be async
        *,
        ping: bool = False,
        name: str = "default, or not",
    ) -> None:
        self.check(svc_type)

    def check(self, svc_type: type, limit: int = MAX_SERVICES) -> bool:
        if len(self.services) > limit:
            raise ServiceMissing("full") from None
        return True

    @property
    def size(self) -> int:
        def count() -> int:
            return len(self.services)

        return count()

    async def aclose(self) -> None:
        raise NotImplementedError


def make_registry(size: int = 3, /, *extra: str) -> Registry:
    registry = Registry()
    registry.register_factory(
        int,
        size,
    )
    return registry
'''

USE = """from shop import core
from shop.core import ServiceMissing, make_registry


class Shop(core.Registry):
    def open(self):
        self.registry = make_registry(2)
        self.registry.register_factory(int, 1, ping=True)
        if not self.registry:
            raise core.ServiceMissing
        raise ServiceMissing("shut")


make_registry()
"""

TEST = """from shop.core import Registry, make_registry


def test_make():
    assert isinstance(make_registry(), Registry)
"""


def make_shop(root: Path) -> Path:
    """Write the package with tests, a vendored module, ignored, binary and secret files."""
    files = {
        "src/shop/__init__.py": "",
        "src/shop/core.py": CORE,
        "src/shop/use.py": USE,
        "tests/test_core.py": TEST,
        "vendor/registry.py": "class Registry:\n    pass\n",
        "README.md": "# Shop\n\nRegister services in a Registry.\n",
        ".gitignore": "build/\n*.log\n!keep.log\n",
        "build/out.py": "class Built:\n    pass\n",
        "noise.log": "Registry was here\n",
        "keep.log": "Registry is kept\n",
        ".env": "TOKEN=hunter2\n",
        "deploy/id_rsa": "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n",
        "node_modules/x/index.js": "class Registry {}\n",
    }
    for path, text in files.items():
        write(root, path, text)
    (root / "logo.bin").write_bytes(b"\x00\x01Registry")
    return root


def write(root: Path, path: str, text: str) -> Path:
    """Write a file below `root`, with its folders."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def git(folder: Path, *words: str) -> str:
    """Run git for a test, without the machine's configuration."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        **{f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }
    done = subprocess.run(["git", *words], cwd=folder, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.strip()

"""A small workspace that the agent's tests ask about."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "src/shop/core.py": '''\
"""The shop."""

from abc import ABC

MAX_ITEMS = 10


class Base(ABC):
    """What all have."""

    def close(self, *, force: bool = False) -> None:
        """Close it."""
        raise NotImplementedError


class Basket(Base):
    def __init__(self, owner: str, limit: int = MAX_ITEMS) -> None:
        self.owner = owner
        self.limit = limit

    def add(self, item: str) -> int:
        if not item:
            raise ValueError("no item")
        return self.limit

    def close(self, *, force: bool = False) -> None:
        audit(self.owner)
''',
    "src/shop/till.py": """\
from shop.core import Base, Basket


class Till(Base):
    def pay(self, basket: Basket) -> None:
        basket.close(force=True)


def audit(owner: str) -> str:
    return owner.upper()
""",
    "docs/my notes.md": "# Notes\n\nThe basket holds ten items.\n",
    "README.md": "# Shop\n\nA basket and a till.\n",
    ".env": "TOKEN=secret\n",
    ".gitignore": "build/\n",
    "build/out.log": "built Basket\n",
}


def write_sample(folder: Path) -> Path:
    """Write the sample workspace into `folder` and return it."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder

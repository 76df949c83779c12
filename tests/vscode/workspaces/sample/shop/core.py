"""What every part of the shop knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

MAX_ITEMS = 10


class Closable(Protocol):
    """Whatever can be closed."""

    def close(self) -> None:
        """Let go of what is held."""
        ...


class Priced(Protocol):
    """Whatever has a price."""

    @property
    def cents(self) -> int:
        """The price in whole cents."""
        ...


class ShopError(Exception):
    """A failure that the customer may see."""


class BasketFull(ShopError):
    """The basket holds as much as it can."""


@dataclass(frozen=True)
class Item:
    """One thing that can be sold."""

    name: str
    cents: int


class Basket:
    """What a customer wants to buy."""

    def __init__(self, owner: str, limit: int = MAX_ITEMS) -> None:
        self.owner = owner
        self.limit = limit
        self.items: list[Item] = []

    def add(self, item: Item) -> int:
        """Put an item into the basket and return how many there are.

        Raises:
            BasketFull: there is no room for it.
        """
        if len(self.items) >= self.limit:
            raise BasketFull(item.name)
        self.items.append(item)
        return len(self.items)

    def total(self) -> int:
        """Return the sum of all prices."""
        return sum(item.cents for item in self.items)

    def close(self) -> None:
        """Empty the basket."""
        self.items.clear()

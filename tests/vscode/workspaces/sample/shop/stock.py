"""How much there is of everything."""

from __future__ import annotations

from shop.core import Item, ShopError


class OutOfStock(ShopError):
    """Nothing is left of an item."""


class Stock:
    """Counts items by name."""

    def __init__(self) -> None:
        self._left: dict[str, int] = {}

    def put(self, item: Item, count: int = 1) -> None:
        """Add items."""
        self._left[item.name] = self.left(item) + count

    def take(self, item: Item) -> None:
        """Remove one item.

        Raises:
            OutOfStock: there is none.
        """
        if not self.left(item):
            raise OutOfStock(item.name)
        self._left[item.name] -= 1

    def left(self, item: Item) -> int:
        """Return how many there are."""
        return self._left.get(item.name, 0)

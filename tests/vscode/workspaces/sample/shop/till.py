"""Where baskets are paid for."""

from __future__ import annotations

from shop.core import Basket, Item, ShopError
from shop.stock import Stock


class NotEnoughMoney(ShopError):
    """The customer gave less than the basket costs."""


class Till:
    """Takes money and gives change."""

    def __init__(self, stock: Stock) -> None:
        self.stock = stock
        self.cents = 0

    def pay(self, basket: Basket, cents: int) -> int:
        """Sell a basket and return the change.

        Raises:
            NotEnoughMoney: more is due.
            OutOfStock: something in the basket is no longer there.
        """
        due = basket.total()
        if cents < due:
            raise NotEnoughMoney(str(due - cents))
        for item in basket.items:
            self.stock.take(item)
        basket.close()
        self.cents += due
        return cents - due


def sell_one(till: Till, item: Item, cents: int) -> int:
    """Sell a single item to whoever comes along."""
    basket = Basket("somebody")
    basket.add(item)
    return till.pay(basket, cents)

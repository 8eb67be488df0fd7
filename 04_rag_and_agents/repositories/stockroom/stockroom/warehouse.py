"""The warehouse: goods in, orders out."""

from .levels import Levels, Shortage
from .stocktake import changes


class Warehouse:
    """Stock levels together with the orders fulfilled from them."""

    def __init__(self):
        self.levels = Levels()
        self.fulfilled = []

    def receive(self, sku, quantity):
        """Book goods in."""
        self.levels.put(sku, quantity)

    def fulfil(self, order):
        """Take every line of ``order`` from stock, or none and raise Shortage."""
        saved = self.levels.checkpoint()
        try:
            for sku, quantity in order.lines():
                self.levels.take(sku, quantity)
        except Shortage:
            self.levels.restore(saved)
            raise
        self.fulfilled.append(order.number)

    def count(self):
        """Return a count of the shelves, for a later stocktake()."""
        return self.levels.checkpoint()

    def stocktake(self, earlier):
        """Return what has changed since the count ``earlier``."""
        return changes(earlier, self.levels.checkpoint())

"""Customers' orders."""


class Order:
    """A numbered list of articles and quantities."""

    def __init__(self, number):
        self.number = number
        self._lines = {}

    def add(self, sku, quantity):
        """Add to the order; returns the order, so that calls can be chained."""
        if quantity <= 0:
            raise ValueError(f"quantity must be positive, not {quantity}")
        self._lines[sku] = self._lines.get(sku, 0) + quantity
        return self

    def lines(self):
        """Return the ``(sku, quantity)`` pairs in the order added."""
        return list(self._lines.items())

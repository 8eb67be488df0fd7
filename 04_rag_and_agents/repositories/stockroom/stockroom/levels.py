"""How much of each article is on the shelves."""


class Shortage(Exception):
    """More of an article is wanted than there is."""

    def __init__(self, sku, wanted, held):
        super().__init__(f"{sku}: {wanted} wanted, {held} held")
        self.sku = sku
        self.missing = wanted - held


class Levels:
    """Quantities by article number; articles never seen count as zero."""

    def __init__(self):
        self._held = {}

    def __getitem__(self, sku):
        return self._held.get(sku, 0)

    def put(self, sku, quantity):
        """Add ``quantity`` of ``sku`` to the shelves."""
        if quantity <= 0:
            raise ValueError(f"quantity must be positive, not {quantity}")
        self._held[sku] = self[sku] + quantity

    def take(self, sku, quantity):
        """Remove ``quantity`` of ``sku``, or raise Shortage."""
        if quantity > self[sku]:
            raise Shortage(sku, quantity, self[sku])
        self._held[sku] = self[sku] - quantity

    def checkpoint(self):
        """Return the present quantities, as restore() takes them."""
        return self._held

    def restore(self, saved):
        """Go back to the quantities of an earlier checkpoint()."""
        self._held = dict(saved)

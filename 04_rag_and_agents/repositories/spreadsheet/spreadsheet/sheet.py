"""The grid."""

from . import addresses
from .formula import Evaluator


class CircularReference(ValueError):
    """A formula refers to itself, if by way of others."""


class Sheet:
    """Cells hold numbers, or formulas: text that starts with =."""

    def __init__(self):
        self._cells = {}
        self._active = []       # the cells being worked out

    def __setitem__(self, address, content):
        address = addresses.normalize(address)
        if content is None:
            self._cells.pop(address, None)
        elif isinstance(content, (int, float)) or content.startswith("="):
            self._cells[address] = content
        else:
            raise ValueError(f"neither number nor formula: {content!r}")

    def value(self, address):
        """Return the number in a cell, 0 if it is blank."""
        address = addresses.normalize(address)
        content = self._cells.get(address, 0)
        if not isinstance(content, str):
            return content
        if address in self._active:
            raise CircularReference(" -> ".join([*self._active, address]))
        self._active.append(address)
        try:
            return Evaluator(content[1:], self).evaluate()
        finally:
            self._active.pop()

    def values(self, first, last):
        """Return what is in a rectangle of cells, row by row."""
        return [self.value(address) for address in addresses.expand(first, last)]

"""Numbers with a unit."""

import re
from dataclasses import dataclass

from .units import Unit, UnitError

_QUANTITY = re.compile(r"\s*(?P<value>[-+]?\d+(?:\.\d+)?)\s*(?P<unit>[A-Za-z]+)\s*")


@dataclass(frozen=True)
class Quantity:
    """A value together with its unit."""

    value: float
    unit: Unit

    def to(self, unit):
        """Return the same quantity expressed in another unit."""
        if unit.dimension != self.unit.dimension:
            raise UnitError(f"cannot convert {self.unit.dimension} to {unit.dimension}")
        return Quantity(unit.from_base(self.unit.to_base(self.value)), unit)


def parse_quantity(registry, text):
    """Parse text such as ``3.5 km``."""
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise UnitError(f"not a quantity: {text!r}")
    return Quantity(float(match["value"]), registry.get(match["unit"]))

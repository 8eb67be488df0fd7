"""Units and the registry that knows them."""

from dataclasses import dataclass


class UnitError(ValueError):
    """Unknown unit, or units that cannot be converted into each other."""


@dataclass(frozen=True)
class Unit:
    """A unit: ``base = value * factor + offset``."""

    symbol: str
    dimension: str
    factor: float
    offset: float = 0.0

    def to_base(self, value):
        return value * self.factor + self.offset

    def from_base(self, value):
        return (value - self.offset) / self.factor


class Registry:
    """Looks up units by symbol or alias."""

    def __init__(self):
        self._units = {}

    def define(self, symbol, dimension, factor, offset=0.0, aliases=()):
        """Add a unit under its symbol and all its aliases."""
        unit = Unit(symbol, dimension, factor, offset)
        for name in (symbol, *aliases):
            if name in self._units:
                raise UnitError(f"unit {name!r} is already defined")
            self._units[name] = unit
        return unit

    def get(self, name):
        try:
            return self._units[name]
        except KeyError:
            raise UnitError(f"unknown unit {name!r}") from None

    def symbols(self, dimension):
        """Return the symbols of all units of a dimension, in order of definition."""
        units = dict.fromkeys(self._units.values())
        return [unit.symbol for unit in units if unit.dimension == dimension]


def default_registry():
    """Return a registry with the usual everyday units."""
    reg = Registry()
    reg.define("m", "length", 1, aliases=["metre", "meter"])
    reg.define("km", "length", 1000)
    reg.define("mi", "length", 1609.344, aliases=["mile", "miles"])
    reg.define("ft", "length", 0.3048, aliases=["foot", "feet"])
    reg.define("kg", "mass", 1)
    reg.define("lb", "mass", 0.45359237, aliases=["pound", "pounds"])
    reg.define("K", "temperature", 1)
    reg.define("C", "temperature", 1, 273.15, aliases=["celsius"])
    reg.define("F", "temperature", 5 / 9, 459.67 * 5 / 9, aliases=["fahrenheit"])
    return reg

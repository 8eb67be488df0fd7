"""Conversions from text to text."""

from .quantity import parse_quantity


def format_quantity(quantity, places=2):
    """Return the quantity rounded to *places* decimals."""
    return f"{quantity.value:.{places}f} {quantity.unit.symbol}"


def convert_text(registry, text, target, places=2):
    """Convert a quantity given as text and return the result as text."""
    quantity = parse_quantity(registry, text).to(registry.get(target))
    return format_quantity(quantity)


def convert_table(registry, text, places=2):
    """Convert into every other unit of the same dimension."""
    unit = parse_quantity(registry, text).unit
    return [
        convert_text(registry, text, symbol, places=places)
        for symbol in registry.symbols(unit.dimension)
        if symbol != unit.symbol
    ]

"""Unit conversion."""

from .quantity import Quantity, parse_quantity
from .text import convert_table, convert_text, format_quantity
from .units import Registry, Unit, UnitError, default_registry

__all__ = [
    "Quantity",
    "Registry",
    "Unit",
    "UnitError",
    "convert_table",
    "convert_text",
    "default_registry",
    "format_quantity",
    "parse_quantity",
]

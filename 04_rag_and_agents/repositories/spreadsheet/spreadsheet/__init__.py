"""A small grid of numbers and formulas."""

from .formula import FormulaError
from .sheet import CircularReference, Sheet

__all__ = ["CircularReference", "FormulaError", "Sheet"]

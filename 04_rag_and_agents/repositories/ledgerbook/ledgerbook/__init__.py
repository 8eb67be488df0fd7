"""Accounts in several currencies."""

from .book import Book, InsufficientFunds
from .currency import MoneyError, RateTable, UnknownRate, parse_money
from .money import Money
from .statement import render

__all__ = [
    "Book",
    "InsufficientFunds",
    "Money",
    "MoneyError",
    "RateTable",
    "UnknownRate",
    "parse_money",
    "render",
]

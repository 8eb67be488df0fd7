"""An amount of one currency."""

from dataclasses import dataclass
from decimal import Decimal

SIGNS = {"EUR": "€", "GBP": "£", "JPY": "¥", "PLN": "zł"}
PLACES = {"JPY": 0}


@dataclass(frozen=True)
class Money:
    """An exact amount, kept to the currency's usual number of places."""

    amount: Decimal
    currency: str

    def __post_init__(self):
        unit = Decimal(1).scaleb(-PLACES.get(self.currency, 2))
        object.__setattr__(self, "amount", Decimal(self.amount).quantize(unit))

    def __add__(self, other):
        self._require_same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other):
        self._require_same(other)
        return Money(self.amount - other.amount, self.currency)

    def __str__(self):
        sign = "-" if self.amount < 0 else ""
        return f"{sign}{SIGNS[self.currency]}{abs(self.amount):,}"

    def _require_same(self, other):
        if self.currency != other.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")

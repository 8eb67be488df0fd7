"""Reading amounts written with a currency sign, and exchange rates."""

from decimal import Decimal, InvalidOperation

from .money import Money

CODES = {"€": "EUR", "£": "GBP", "¥": "JPY", "zł": "PLN"}


class MoneyError(ValueError):
    """A text is not an amount of money."""


class UnknownRate(LookupError):
    """No rate is known between two currencies."""


def parse_money(text):
    """Return the Money written in ``text``, e.g. ``€1,250.00`` or ``zł 7``."""
    stripped = text.strip()
    for sign, code in CODES.items():
        if stripped.startswith(sign):
            digits = stripped[len(sign):].strip().replace(",", "")
            try:
                return Money(Decimal(digits), code)
            except InvalidOperation:
                raise MoneyError(f"not a number: {text!r}") from None
    raise MoneyError(f"no known currency sign: {text!r}")


class RateTable:
    """Exchange rates; each one listed serves in both directions."""

    def __init__(self, rates):
        self._rates = {(source, target): Decimal(rate) for source, target, rate in rates}

    def rate(self, source, target):
        """Return how many units of ``target`` one unit of ``source`` buys."""
        if source == target:
            return Decimal(1)
        if (source, target) in self._rates:
            return self._rates[source, target]
        if (target, source) in self._rates:
            return 1 / self._rates[target, source]
        raise UnknownRate(f"{source} → {target}")

    def convert(self, money, target):
        """Return ``money`` as an amount of the ``target`` currency."""
        factor = self.rate(target, money.currency)
        return Money(money.amount * factor, target)

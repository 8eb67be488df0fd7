"""The book: named accounts and what they hold."""

from .money import Money


class InsufficientFunds(Exception):
    """An account holds less than is asked of it."""


class Book:
    """Accounts by name, each holding one balance per currency."""

    def __init__(self, rates):
        self._rates = rates
        self._balances = {}

    def accounts(self):
        """Return the account names, in order of first use."""
        return list(self._balances)

    def balance(self, account, currency):
        """Return what ``account`` holds in ``currency``."""
        held = self._balances.get(account, {})
        return held.get(currency, Money(0, currency))

    def deposit(self, account, money):
        """Add ``money`` to ``account``, opening it if need be."""
        new = self.balance(account, money.currency) + money
        self._balances.setdefault(account, {})[money.currency] = new

    def withdraw(self, account, money):
        """Take ``money`` out of ``account``."""
        left = self.balance(account, money.currency) - money
        if left.amount < 0:
            raise InsufficientFunds(f"{account}: {money} asked, {left} left")
        self._balances[account][money.currency] = left

    def value(self, account, currency):
        """Return all that ``account`` holds, valued in ``currency``."""
        total = Money(0, currency)
        for money in self._balances.get(account, {}).values():
            total += self._rates.convert(money, currency)
        return total

    def total_in(self, currency):
        """Return the whole book's value in ``currency``."""
        total = Money(0, currency)
        for account in self._balances:
            total += self.value(account, currency)
        return total

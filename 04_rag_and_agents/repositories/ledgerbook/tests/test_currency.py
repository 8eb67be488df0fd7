import unittest
from decimal import Decimal

from ledgerbook import Money, MoneyError, RateTable, UnknownRate, parse_money


class ParseMoneyTest(unittest.TestCase):
    def test_signs(self):
        self.assertEqual(parse_money("€1,250.00"), Money("1250", "EUR"))
        self.assertEqual(parse_money("zł 7"), Money("7", "PLN"))

    def test_text_is_reproduced(self):
        for text in ("€1,250.00", "£0.05", "¥1,980", "zł12.30"):
            self.assertEqual(str(parse_money(text)), text)

    def test_unknown_sign(self):
        with self.assertRaises(MoneyError):
            parse_money("₴5.00")


class RateTest(unittest.TestCase):
    def setUp(self):
        self.rates = RateTable([("EUR", "GBP", "0.80")])

    def test_both_directions(self):
        self.assertEqual(self.rates.rate("EUR", "GBP"), Decimal("0.80"))
        self.assertEqual(self.rates.rate("GBP", "EUR"), Decimal("1.25"))

    def test_unknown_rate(self):
        with self.assertRaises(UnknownRate):
            self.rates.rate("EUR", "JPY")

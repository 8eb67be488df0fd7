import unittest

from ledgerbook import Book, InsufficientFunds, RateTable, parse_money, render


class BookTest(unittest.TestCase):
    def setUp(self):
        self.book = Book(RateTable([("EUR", "GBP", "0.80"), ("EUR", "JPY", "160")]))
        self.book.deposit("Café Zoë", parse_money("€25.00"))

    def test_deposits_add_up(self):
        self.book.deposit("Café Zoë", parse_money("€0.50"))
        self.assertEqual(str(self.book.balance("Café Zoë", "EUR")), "€25.50")

    def test_overdrawing_is_refused(self):
        with self.assertRaises(InsufficientFunds):
            self.book.withdraw("Café Zoë", parse_money("€25.01"))
        self.assertEqual(str(self.book.balance("Café Zoë", "EUR")), "€25.00")

    def test_total_in_one_currency(self):
        self.book.deposit("Ōtani", parse_money("€5.00"))
        self.assertEqual(str(self.book.total_in("EUR")), "€30.00")

    def test_total_across_currencies(self):
        self.book.deposit("Müller & Söhne", parse_money("£8.00"))
        self.assertEqual(str(self.book.total_in("EUR")), "€35.00")

    def test_statement(self):
        self.book.deposit("Ōtani", parse_money("¥1,600"))
        self.assertEqual(
            render(self.book, "EUR"),
            "Café Zoë  €25.00\n"
            "Ōtani     €10.00\n"
            "Total     €35.00",
        )

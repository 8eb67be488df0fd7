import unittest

from stockroom import Levels, Order, changes


class PartsTest(unittest.TestCase):
    def test_unknown_article_is_zero(self):
        self.assertEqual(Levels()["bolt-m6"], 0)

    def test_nothing_is_not_a_delivery(self):
        with self.assertRaises(ValueError):
            Levels().put("bolt-m6", 0)

    def test_order_lines_merge(self):
        order = Order("A-1").add("nut-m6", 2).add("bolt-m6", 1).add("nut-m6", 3)
        self.assertEqual(order.lines(), [("nut-m6", 5), ("bolt-m6", 1)])

    def test_changes_between_counts(self):
        self.assertEqual(changes({"a": 1, "b": 2}, {"b": 2, "c": 4}), {"a": -1, "c": 4})

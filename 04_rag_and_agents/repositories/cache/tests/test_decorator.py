import unittest

from cache import WeightedCache, memoize


class MemoizeTest(unittest.TestCase):
    def test_calls_once_per_arguments_even_for_none(self):
        calls = []

        @memoize(WeightedCache(5))
        def find(name, *, strict=False):
            calls.append((name, strict))

        for _ in range(2):
            find("x")
            find("x", strict=True)
        self.assertEqual(calls, [("x", False), ("x", True)])

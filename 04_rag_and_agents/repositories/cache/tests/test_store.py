import unittest

from cache import WeightedCache


class WeightedCacheTest(unittest.TestCase):
    def setUp(self):
        self.evicted = []
        self.cache = WeightedCache(
            10, weigh=len, on_evict=lambda key, value: self.evicted.append(key))

    def test_evicts_least_recently_used_first(self):
        self.cache["a"] = "xxxx"
        self.cache["b"] = "xxxx"
        self.cache.get("a")
        self.cache["c"] = "xxxx"
        self.assertEqual(list(self.cache), ["a", "c"])
        self.assertEqual(self.evicted, ["b"])

    def test_evicts_as_many_as_needed(self):
        for key in "abcde":
            self.cache[key] = "xx"
        self.cache["f"] = "xxxxx"
        self.assertEqual(self.evicted, ["a", "b", "c"])
        self.assertEqual(self.cache.total_weight, 9)

    def test_replacing_a_value_counts_only_the_new_one(self):
        self.cache["a"] = "xxxxxx"
        self.cache["a"] = "xxx"
        self.assertEqual(self.cache["a"], "xxx")
        self.assertEqual(self.cache.total_weight, 3)

    def test_rewriting_one_key_leaves_the_others(self):
        self.cache["a"] = "xxx"
        for text in ("yyyy", "yyyyy", "yyyyyy"):
            self.cache["b"] = text
        self.assertIn("a", self.cache)
        self.assertEqual(self.evicted, [])

    def test_writing_refreshes_the_key(self):
        cache = WeightedCache(3)
        cache["a"], cache["b"] = 1, 2
        cache["a"] = 3
        self.assertEqual(list(cache), ["b", "a"])

    def test_too_heavy_values_are_not_stored(self):
        self.cache["a"] = "xx"
        self.cache["big"] = "x" * 11
        self.assertEqual(list(self.cache), ["a"])

    def test_too_heavy_value_drops_the_one_it_replaces(self):
        self.cache["a"] = "xx"
        self.cache["a"] = "x" * 11
        self.assertNotIn("a", self.cache)
        self.assertEqual(self.cache.total_weight, 0)

    def test_deleting_gives_back_the_weight(self):
        self.cache["a"] = "xxxx"
        del self.cache["a"]
        self.assertEqual((len(self.cache), self.cache.total_weight), (0, 0))
        self.assertEqual(self.evicted, [])

    def test_stats(self):
        self.cache["a"] = "x"
        self.cache.get("a"), self.cache.get("a"), self.cache.get("b")
        self.assertEqual((self.cache.stats.hits, self.cache.stats.misses), (2, 1))
        self.assertAlmostEqual(self.cache.stats.hit_rate, 2 / 3)

import unittest

from ratelimit import Limiter, Rule


class LimiterTest(unittest.TestCase):
    def setUp(self):
        self.limiter = Limiter(Rule(limit=2, span=10))

    def test_remaining_counts_down(self):
        self.assertEqual(self.limiter.check("ann", 0).remaining, 1)
        self.assertEqual(self.limiter.check("ann", 1).remaining, 0)

    def test_refuses_beyond_the_limit(self):
        self.limiter.check("ann", 0)
        self.limiter.check("ann", 4)
        refused = self.limiter.check("ann", 7)
        self.assertFalse(refused.allowed)
        self.assertEqual(refused.retry_after, 3)

    def test_callers_are_independent(self):
        self.limiter.check("ann", 0)
        self.limiter.check("ann", 0)
        self.assertTrue(self.limiter.check("bob", 0).allowed)

    def test_waiting_as_told_is_enough(self):
        self.limiter.check("ann", 0)
        self.limiter.check("ann", 4)
        refused = self.limiter.check("ann", 7)
        again = self.limiter.check("ann", 7 + refused.retry_after)
        self.assertTrue(again.allowed)

    def test_refused_calls_are_not_counted(self):
        for now in (0, 1, 2, 3):
            self.limiter.check("ann", now)
        self.assertEqual(self.limiter.check("ann", 30).remaining, 1)

    def test_idle_callers_are_forgotten(self):
        self.limiter.check("ann", 0)
        self.limiter.check("bob", 5)
        self.assertEqual(self.limiter.forget_idle(12), 1)
        self.assertEqual(self.limiter.forget_idle(30), 1)

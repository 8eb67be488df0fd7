import unittest

from ratelimit import Rule, RuleError, parse_rule


class ParseRuleTest(unittest.TestCase):
    def test_named_unit(self):
        self.assertEqual(parse_rule("5/minute"), Rule(5, 60))

    def test_multiple_of_a_unit(self):
        self.assertEqual(parse_rule(" 3 / 30s "), Rule(3, 30))

    def test_unknown_unit(self):
        with self.assertRaises(RuleError):
            parse_rule("3/fortnight")

    def test_zero_is_refused(self):
        with self.assertRaises(RuleError):
            parse_rule("0/minute")

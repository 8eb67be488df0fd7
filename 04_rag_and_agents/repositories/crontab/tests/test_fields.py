import unittest

from crontab.fields import WEEKDAYS, CronError, Field


class FieldTest(unittest.TestCase):
    def test_lists_ranges_and_steps(self):
        self.assertEqual(Field("1,10-12,*/25", 0, 59).values, {0, 1, 10, 11, 12, 25, 50})

    def test_names(self):
        self.assertEqual(Field("mon-wed", 0, 6, WEEKDAYS).values, {1, 2, 3})

    def test_out_of_range(self):
        with self.assertRaises(CronError):
            Field("60", 0, 59)

    def test_backward_range(self):
        with self.assertRaises(CronError):
            Field("9-5", 0, 23)

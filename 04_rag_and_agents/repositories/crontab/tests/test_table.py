import unittest
from datetime import datetime

from crontab import CronError, CronTable

TEXT = """\
# house-keeping
*/15 * * * *         rotate-logs
0 9 * * mon-fri      send-digest

30 6 1,15 jun mon    water-plants
"""


class CronTableTest(unittest.TestCase):
    def setUp(self):
        self.table = CronTable.parse(TEXT)

    def test_weekday_job(self):
        # 3 June 2024 is a Monday, 8 June a Saturday.
        self.assertIn("send-digest", self.table.due(datetime(2024, 6, 3, 9, 0)))
        self.assertEqual(self.table.due(datetime(2024, 6, 8, 9, 0)), ["rotate-logs"])

    def test_either_day_field_will_do(self):
        due = ["rotate-logs", "water-plants"]
        self.assertEqual(self.table.due(datetime(2024, 6, 15, 6, 30)), due)
        self.assertEqual(self.table.due(datetime(2024, 6, 24, 6, 30)), due)

    def test_summer_job_rests_in_july(self):
        for day in range(1, 32):
            self.assertEqual(
                self.table.due(datetime(2024, 7, day, 6, 30)), ["rotate-logs"]
            )

    def test_upcoming(self):
        self.assertEqual(
            self.table.upcoming(datetime(2024, 6, 28, 8, 50)),
            [
                (datetime(2024, 6, 28, 9, 0), "rotate-logs"),
                (datetime(2024, 6, 28, 9, 0), "send-digest"),
                (datetime(2025, 6, 1, 6, 30), "water-plants"),
            ],
        )

    def test_line_without_a_command(self):
        with self.assertRaisesRegex(CronError, "line 2"):
            CronTable.parse("# nothing\n0 9 * * *\n")

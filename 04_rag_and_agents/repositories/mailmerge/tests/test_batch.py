import unittest

from mailmerge import Batch, Message, RowError, Template, read_rows

ROWS = """\
email, name, cc
ann@example.org, Ann, desk@example.org
bob@example.org, Bob,
"""


class BatchTest(unittest.TestCase):
    def setUp(self):
        self.batch = Batch("Your seat", Template("Dear {{name}}.\n"))

    def test_one_message_per_row(self):
        messages = self.batch.messages(read_rows(ROWS))
        self.assertEqual([m.to for m in messages], ["ann@example.org", "bob@example.org"])
        self.assertEqual([m.body for m in messages], ["Dear Ann.\n", "Dear Bob.\n"])

    def test_wire_text(self):
        texts = [m.as_text() for m in self.batch.messages(read_rows(ROWS))]
        self.assertEqual(
            texts,
            [
                "To: ann@example.org\nSubject: Your seat\n"
                "Cc: desk@example.org\n\nDear Ann.\n",
                "To: bob@example.org\nSubject: Your seat\n\nDear Bob.\n",
            ],
        )

    def test_copies_go_to_those_asked_for(self):
        rows = [
            {"email": "ann@example.org", "name": "Ann", "cc": "x@example.org"},
            {"email": "bob@example.org", "name": "Bob", "cc": "y@example.org"},
        ]
        copies = [m.headers["Cc"] for m in self.batch.messages(rows)]
        self.assertEqual(copies, ["x@example.org", "y@example.org"])

    def test_row_without_an_address(self):
        with self.assertRaisesRegex(RowError, "row 1"):
            self.batch.messages([{"email": "", "name": "Ann"}])

    def test_header_names_ignore_case(self):
        message = Message("ann@example.org", "Hello", "", {"cc": "x@example.org"})
        message.set_header("Cc", "y@example.org")
        self.assertEqual(message.headers, {"Cc": "y@example.org"})

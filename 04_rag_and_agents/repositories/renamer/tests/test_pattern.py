import unittest

from renamer import Pattern


class PatternTest(unittest.TestCase):
    def test_plain_text_matches_itself_only(self):
        self.assertEqual(Pattern("a.txt").match("a.txt"), ())
        self.assertIsNone(Pattern("a.txt").match("abtxt"))

    def test_star_takes_a_run(self):
        self.assertEqual(Pattern("img-*.jpeg").match("img-12.jpeg"), ("12",))
        self.assertEqual(Pattern("img-*.jpeg").match("img-.jpeg"), ("",))
        self.assertIsNone(Pattern("img-*.jpeg").match("img-12.png"))

    def test_question_mark_takes_one(self):
        self.assertEqual(Pattern("v?.?").match("v1.0"), ("1", "0"))
        self.assertIsNone(Pattern("v?").match("v"))
        self.assertIsNone(Pattern("v?").match("v10"))

    def test_earlier_wildcards_take_as_little_as_they_can(self):
        self.assertEqual(Pattern("*-*").match("a-b-c"), ("a", "b-c"))
        self.assertEqual(Pattern("*-*.txt").match("a-b-c.txt"), ("a", "b-c"))

    def test_ending_may_also_occur_earlier(self):
        self.assertEqual(Pattern("*.txt").match("notes.txt.txt"), ("notes.txt",))
        self.assertEqual(Pattern("*_*.bak").match("a_b.bak_c.bak"), ("a", "b.bak_c"))

    def test_wildcards_side_by_side(self):
        self.assertEqual(Pattern("*-?.log").match("web-01-a.log"), ("web-01", "a"))
        self.assertEqual(Pattern("*?").match("abc"), ("ab", "c"))
        self.assertIsNone(Pattern("*?").match(""))

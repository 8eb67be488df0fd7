import unittest

from mailmerge import MissingField, Template


class TemplateTest(unittest.TestCase):
    def test_fill(self):
        letter = Template("Dear {{ name }}, seat {{seat}}.")
        self.assertEqual(letter.fill({"name": "Ann", "seat": "4C"}), "Dear Ann, seat 4C.")

    def test_fallback(self):
        self.assertEqual(Template("Dear {{name|guest}}").fill({"name": ""}), "Dear guest")

    def test_missing_field(self):
        with self.assertRaises(MissingField):
            Template("Dear {{name}}").fill({})

    def test_required(self):
        self.assertEqual(Template("{{b}} {{a}} {{c|x}} {{b}}").required(), ["a", "b"])

import unittest

from converter import convert_table, convert_text, default_registry


class TextTest(unittest.TestCase):
    def setUp(self):
        self.registry = default_registry()

    def test_default_places(self):
        self.assertEqual(convert_text(self.registry, "10 km", "miles"), "6.21 mi")

    def test_places(self):
        self.assertEqual(convert_text(self.registry, "3.5 km", "mi", places=1), "2.2 mi")
        self.assertEqual(convert_text(self.registry, "1 lb", "kg", places=4), "0.4536 kg")

    def test_table(self):
        rows = convert_table(self.registry, "0 C", places=0)
        self.assertEqual(rows, ["273 K", "32 F"])

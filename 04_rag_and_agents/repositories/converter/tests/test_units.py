import unittest

from converter import Registry, UnitError, default_registry, parse_quantity


class RegistryTest(unittest.TestCase):
    def setUp(self):
        self.registry = default_registry()

    def test_alias(self):
        self.assertIs(self.registry.get("miles"), self.registry.get("mi"))

    def test_unknown(self):
        with self.assertRaisesRegex(UnitError, "unknown unit 'parsec'"):
            self.registry.get("parsec")

    def test_duplicate(self):
        registry = Registry()
        registry.define("s", "time", 1)
        with self.assertRaises(UnitError):
            registry.define("sec", "time", 1, aliases=["s"])

    def test_symbols(self):
        self.assertEqual(self.registry.symbols("mass"), ["kg", "lb"])


class QuantityTest(unittest.TestCase):
    def setUp(self):
        self.registry = default_registry()

    def test_temperature_offset(self):
        boiling = parse_quantity(self.registry, "100 C").to(self.registry.get("F"))
        self.assertAlmostEqual(boiling.value, 212.0)

    def test_dimensions_must_match(self):
        with self.assertRaisesRegex(UnitError, "cannot convert length to mass"):
            parse_quantity(self.registry, "1 m").to(self.registry.get("kg"))

    def test_malformed(self):
        with self.assertRaises(UnitError):
            parse_quantity(self.registry, "twelve miles")

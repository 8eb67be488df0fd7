import unittest

from spreadsheet import CircularReference, FormulaError, Sheet


class SheetTest(unittest.TestCase):
    def setUp(self):
        self.sheet = Sheet()

    def result(self, formula):
        self.sheet["Z99"] = formula
        return self.sheet.value("Z99")

    def test_arithmetic(self):
        self.assertEqual(self.result("=2 + 3 * -(4 - 1)"), -7)
        self.assertEqual(self.result("=8 / 2 / 2 - 1.5"), 0.5)

    def test_references_follow_changes(self):
        self.sheet["A1"] = 2
        self.sheet["B1"] = "=A1 * 10"
        self.assertEqual(self.result("=b1 + 1"), 21)
        self.sheet["A1"] = 3
        self.assertEqual(self.sheet.value("Z99"), 31)

    def test_blank_is_zero_in_arithmetic(self):
        self.sheet["A1"] = 5
        self.sheet["A1"] = None
        self.assertEqual(self.result("=A1 + 1"), 1)

    def test_circular_reference(self):
        self.sheet["A1"] = "=B1"
        self.sheet["B1"] = "=SUM(A1:A3)"
        with self.assertRaises(CircularReference):
            self.sheet.value("A1")

    def test_shared_reference_is_not_circular(self):
        self.sheet["A1"] = 1
        self.sheet["B1"] = "=A1"
        self.sheet["B2"] = "=A1 + B1"
        self.assertEqual(self.result("=B1 + B2"), 3)

    def test_unreadable_formulas(self):
        for formula in ("=1 +", "=(1", "=NOPE(1)", "=1 $ 2", "=1 2"):
            with self.subTest(formula=formula), self.assertRaises(FormulaError):
                self.result(formula)

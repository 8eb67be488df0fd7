import unittest

from spreadsheet import Sheet


class FunctionsTest(unittest.TestCase):
    def setUp(self):
        self.sheet = Sheet()
        self.sheet["A1"], self.sheet["B1"] = 4, 10
        self.sheet["B2"] = 100
        self.sheet["A3"], self.sheet["B3"] = 8, 1
        self.sheet["C1"], self.sheet["C2"] = 0, "=C1"

    def result(self, formula):
        self.sheet["Z99"] = formula
        return self.sheet.value("Z99")

    def test_sum_over_ranges_and_numbers(self):
        self.assertEqual(self.result("=SUM(A1:B3, 7, A1)"), 134)

    def test_average_leaves_out_blank_cells(self):
        self.assertEqual(self.result("=AVERAGE(B1:B3)"), 37)
        self.assertEqual(self.result("=AVERAGE(A1:A3)"), 6)
        with self.assertRaises(ZeroDivisionError):
            self.result("=AVERAGE(D1:D9)")

    def test_count_tells_zero_from_blank(self):
        self.assertEqual(self.result("=COUNT(A1:A3, 5)"), 3)
        self.assertEqual(self.result("=COUNT(C1:C3)"), 2)

    def test_min_leaves_out_blank_cells(self):
        self.assertEqual(self.result("=MIN(A1:A3)"), 4)
        self.assertEqual(self.result("=MIN(D1:D3)"), 0)

    def test_sumproduct_goes_side_by_side(self):
        self.assertEqual(self.result("=SUMPRODUCT(A1:A3, B1:B3)"), 48)
        with self.assertRaises(ValueError):
            self.result("=SUMPRODUCT(A1:A3, B1:B2)")

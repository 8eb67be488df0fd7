import unittest

from stockroom import Order, Shortage, Warehouse


class WarehouseTest(unittest.TestCase):
    def setUp(self):
        self.warehouse = Warehouse()
        self.warehouse.receive("bolt-m6", 200)
        self.warehouse.receive("nut-m6", 50)

    def test_receiving_adds_up(self):
        self.warehouse.receive("nut-m6", 25)
        self.assertEqual(self.warehouse.levels["nut-m6"], 75)

    def test_order_is_taken_from_stock(self):
        self.warehouse.fulfil(Order("A-17").add("bolt-m6", 40).add("nut-m6", 40))
        self.assertEqual(self.warehouse.levels["bolt-m6"], 160)
        self.assertEqual(self.warehouse.levels["nut-m6"], 10)
        self.assertEqual(self.warehouse.fulfilled, ["A-17"])

    def test_shortage_names_the_article(self):
        with self.assertRaises(Shortage) as caught:
            self.warehouse.fulfil(Order("A-18").add("nut-m6", 60))
        self.assertEqual(caught.exception.sku, "nut-m6")
        self.assertEqual(caught.exception.missing, 10)

    def test_short_order_takes_nothing(self):
        order = Order("A-19").add("bolt-m6", 40).add("nut-m6", 60)
        with self.assertRaises(Shortage):
            self.warehouse.fulfil(order)
        self.assertEqual(self.warehouse.levels["bolt-m6"], 200)
        self.assertEqual(self.warehouse.fulfilled, [])

    def test_stocktake(self):
        monday = self.warehouse.count()
        self.warehouse.fulfil(Order("A-20").add("bolt-m6", 30))
        self.warehouse.receive("washer-m6", 500)
        self.assertEqual(
            self.warehouse.stocktake(monday), {"bolt-m6": -30, "washer-m6": 500}
        )

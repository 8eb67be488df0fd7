import unittest

from wordindex import Index, QueryError, search


class SearchTest(unittest.TestCase):
    def setUp(self):
        self.index = Index()
        self.index.add("sowing", "Sow tomatoes indoors in March. Tomatoes like warmth.")
        self.index.add("blight", "Blight ruins a tomato in a wet August.")
        self.index.add("leeks", "Leeks: sow in March, plant out in June.")

    def test_all_words_wanted(self):
        self.assertEqual(search(self.index, "sow march"), ["leeks", "sowing"])

    def test_best_match_first(self):
        self.assertEqual(search(self.index, "tomato"), ["sowing", "blight"])

    def test_either_word(self):
        self.assertEqual(search(self.index, "june|august"), ["blight", "leeks"])

    def test_exclusion(self):
        self.assertEqual(search(self.index, "TOMATO -blight"), ["sowing"])

    def test_choice_with_a_rare_word(self):
        self.assertEqual(search(self.index, "courgette|leek"), ["leeks"])

    def test_nothing_to_look_for(self):
        with self.assertRaises(QueryError):
            search(self.index, "-tomato")

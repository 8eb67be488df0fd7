import unittest

from paginator import EmptyPage, PageNotAnInteger, Paginator


class PaginatorTest(unittest.TestCase):
    def test_splits_evenly(self):
        pages = Paginator(list("abcdef"), 2)
        self.assertEqual(pages.num_pages, 3)
        self.assertEqual([list(p) for p in pages], [["a", "b"], ["c", "d"], ["e", "f"]])

    def test_short_last_page(self):
        pages = Paginator(range(7), 3)
        self.assertEqual(list(pages.page(3)), [6])
        self.assertEqual((pages.page(3).start_index(), pages.page(3).end_index()), (7, 7))

    def test_orphans_join_last_page(self):
        pages = Paginator(range(12), 5, orphans=2)
        self.assertEqual(pages.num_pages, 2)
        self.assertEqual([len(p) for p in pages], [5, 7])

    def test_more_than_orphans_get_a_page(self):
        pages = Paginator(range(13), 5, orphans=2)
        self.assertEqual([len(p) for p in pages], [5, 5, 3])

    def test_empty(self):
        page = Paginator([], 10).page(1)
        self.assertEqual(len(page), 0)
        self.assertEqual((page.start_index(), page.end_index()), (0, 0))
        self.assertFalse(page.has_next())

    def test_bad_numbers(self):
        pages = Paginator(range(10), 5)
        for bad in (0, 3):
            with self.assertRaises(EmptyPage):
                pages.page(bad)
        with self.assertRaises(PageNotAnInteger):
            pages.page("two")

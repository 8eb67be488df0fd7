import unittest

from paginator import Paginator, page_links, render_links


class LinksTest(unittest.TestCase):
    def setUp(self):
        self.pages = Paginator(range(100), 10)

    def test_middle(self):
        self.assertEqual(page_links(self.pages.page(5), around=1), [1, "...", 4, 5, 6, "...", 10])

    def test_first(self):
        self.assertEqual(page_links(self.pages.page(1)), [1, 2, 3, "...", 10])

    def test_render(self):
        self.assertEqual(render_links(self.pages.page(10), around=1), "< 1 ... 9 [10]")

import unittest

from router import Match, MethodNotAllowed, NotFound, Router


class ResolveTest(unittest.TestCase):
    def setUp(self):
        self.router = Router()
        self.router.add("articles", "/articles", methods=["GET"])
        self.router.add("publish", "/articles", methods=["POST"])
        self.router.add("article", "/articles/<int:year>/<slug>")
        self.router.add("download", "/files/<path:location>/raw")

    def test_converts_parameters(self):
        self.assertEqual(self.router.resolve("GET", "/articles/2024/hello"),
                         Match("article", {"year": 2024, "slug": "hello"}))

    def test_decodes_parameters(self):
        match = self.router.resolve("GET", "/articles/2024/caf%C3%A9%20noir")
        self.assertEqual(match.params["slug"], "café noir")

    def test_method_picks_among_routes_with_one_path(self):
        self.assertEqual(self.router.resolve("post", "/articles").name, "publish")

    def test_wrong_method_lists_every_allowed_one(self):
        with self.assertRaises(MethodNotAllowed) as caught:
            self.router.resolve("DELETE", "/articles")
        self.assertEqual(caught.exception.allowed, {"GET", "POST"})

    def test_path_converter_spans_segments(self):
        match = self.router.resolve("GET", "/files/docs/2024/plan.txt/raw")
        self.assertEqual(match.params, {"location": "docs/2024/plan.txt"})

    def test_unknown_path(self):
        with self.assertRaises(NotFound):
            self.router.resolve("GET", "/articles/2024/hello/more")

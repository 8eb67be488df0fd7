import unittest

from router import Router


class BuildTest(unittest.TestCase):
    def setUp(self):
        self.router = Router()
        self.router.add("article", "/articles/<int:year>/<slug>")
        self.router.add("tag", "/tags/<name>")
        self.router.add("file", "/files/<path:location>")

    def test_fills_in_parameters(self):
        self.assertEqual(self.router.build("article", year=2024, slug="hello world"),
                         "/articles/2024/hello%20world")

    def test_path_keeps_its_slashes(self):
        self.assertEqual(self.router.build("file", location="a b/c.txt"),
                         "/files/a%20b/c.txt")

    def test_missing_parameter_is_an_error(self):
        with self.assertRaises(TypeError):
            self.router.build("article", year=2024)

    def test_negative_number_is_an_error(self):
        with self.assertRaises(ValueError):
            self.router.build("article", year=-1, slug="x")

    def test_built_paths_resolve_to_what_they_were_built_from(self):
        for name in ("plain", "c++ & c#", "50%", "tcp/ip", "naïve?"):
            with self.subTest(name=name):
                path = self.router.build("tag", name=name)
                self.assertEqual(self.router.resolve("GET", path).params, {"name": name})

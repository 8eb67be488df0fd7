import unittest

from taskgraph import SyntaxProblem, TaskError, load


class LoadTest(unittest.TestCase):
    def test_tasks_and_needs(self):
        graph = load("# all\ntest: build lint\n\nbuild:  # nothing\nlint:\n")
        self.assertEqual(list(graph), ["test", "build", "lint"])
        self.assertEqual(graph.needs("test"), ("build", "lint"))

    def test_line_without_a_colon(self):
        with self.assertRaisesRegex(SyntaxProblem, "line 2"):
            load("build:\ntest build\n")

    def test_defined_twice(self):
        with self.assertRaises(TaskError):
            load("build:\nbuild:\n")

import unittest

from taskgraph import Cycle, UnknownTask, check, load, plan, stages

TASKS = """\
release: test package
package: build
test: build fixtures
build: fetch
fixtures:
fetch:
"""


class PlannerTest(unittest.TestCase):
    def test_needs_come_first(self):
        self.assertEqual(
            plan(load(TASKS), "release"),
            ["fetch", "build", "fixtures", "test", "package", "release"],
        )

    def test_only_what_is_asked_for(self):
        self.assertEqual(plan(load(TASKS), "package"), ["fetch", "build", "package"])

    def test_stages(self):
        self.assertEqual(
            stages(load(TASKS), "release"),
            [["fetch", "fixtures"], ["build"], ["test", "package"], ["release"]],
        )

    def test_cycle_is_shown(self):
        with self.assertRaises(Cycle) as caught:
            plan(load("a: b\nb: c\nc: b\n"), "a")
        self.assertEqual(caught.exception.path, ["b", "c", "b"])

    def test_unknown_need(self):
        with self.assertRaises(UnknownTask) as caught:
            plan(load("deploy: build upload\nbuild:\n"), "deploy")
        self.assertEqual(caught.exception.name, "upload")

    def test_check_lists_every_problem(self):
        self.assertEqual(
            check(load("a: a\nb:\nc: d\n")),
            ["a: a -> a", "c: no task called 'd'"],
        )

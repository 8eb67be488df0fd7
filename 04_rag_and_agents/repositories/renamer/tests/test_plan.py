import unittest

from renamer import Collision, plan


def carry_out(steps, names):
    files = {name: name for name in names}
    for old, new in steps:
        if new in files:
            raise AssertionError(f"{new} would be overwritten")
        files[new] = files.pop(old)
    return files


class PlanTest(unittest.TestCase):
    def test_other_names_stay(self):
        self.assertEqual(plan(["a.jpeg", "b.png"], "*.jpeg", "#1.jpg"),
                         [("a.jpeg", "a.jpg")])

    def test_chain_is_done_from_its_free_end(self):
        names = ["log", "log~"]
        self.assertEqual(plan(names, "log*", "log#1~"), [("log~", "log~~"), ("log", "log~")])

    def test_swap_loses_nothing(self):
        names = ["a-b", "b-a", "b-a~"]
        steps = plan(names, "?-?", "#2-#1")
        self.assertEqual(carry_out(steps, names),
                         {"a-b": "b-a", "b-a": "a-b", "b-a~": "b-a~"})

    def test_doubled_ending_is_dropped(self):
        self.assertEqual(plan(["cv.pdf.pdf", "me.pdf"], "*.pdf.pdf", "#1.pdf"),
                         [("cv.pdf.pdf", "cv.pdf")])

    def test_collision(self):
        with self.assertRaises(Collision):
            plan(["a1.txt", "a2.txt"], "a?.txt", "a.txt")
        with self.assertRaises(Collision):
            plan(["a.jpeg", "a.jpg"], "*.jpeg", "#1.jpg")

    def test_template_refers_to_a_missing_wildcard(self):
        with self.assertRaises(ValueError):
            plan(["a"], "*", "#2")

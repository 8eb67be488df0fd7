"""`check`, `hint`, `solution`, `restore`: what they say, return and write into the log, on a course of one notebook."""

import json
import linecache
import random
import signal
import sys
import time
from types import ModuleType

import exercise
import judges
import notebook
import numpy as np
import progress
import pytest
from compare import difference, short
from guard import attempt
from misbehaviour import BAD, Course, world
from origin import cell_of
from reach import needed
from small_course import SmallCourse, code, md
from small_course import exercise as exercise_cells

SPEC = '''def total(xs):
    """The sum of `xs`, doubled if `xs` is long.
    >>> total([1, 2])
    3.0
    >>> round(total([1, 2, 4]), 2)
    7.0
    >>> total([])
    Traceback (most recent call last):
    ValueError: nothing to add
    """'''
STUB = f"{SPEC}\n    # your code"
CELL = f"{STUB}\n\ntotal = check(total)"
SOLUTION = """def total(xs):
    if not xs:
        raise ValueError("nothing to add")
    return twice(sum(map(float, xs))) if len(xs) > 5 else sum(map(float, xs))"""
RIGHT = """    if not xs:
        raise ValueError("none")
    s = float(sum(xs))
    return twice(s) if len(xs) > 5 else s"""
JUDGE = """
from judges import Judge, Mistake

def lists(rng):
    for n in range(1, 30):
        yield ([rng.randint(-9, 9) for _ in range(n)],)

EXERCISES = {
    "total": Judge(
        cases=lists,
        hints=("Add.", "Then double."),
        mistakes={
            "never-doubles": Mistake(
                "Long lists are doubled: read the first line again.",
                "def total(xs):\\n    if not xs:\\n        raise ValueError\\n    return float(sum(xs))",
            ),
            "drains": Mistake(
                "The caller's list is empty afterwards.",
                "def total(xs):\\n    if not xs:\\n        raise ValueError\\n    s, n = 0.0, len(xs)\\n"
                "    while xs:\\n        s += xs.pop()\\n    return 2 * s if n > 5 else s",
            ),
        },
        seconds=0.5,
    ),
    "Stack": Judge(
        cases=lambda rng: [([1, 2, 3],), ([],), ([rng.random()],)],
        drive=lambda made, items: run(made(), items),
    ),
}

def run(stack, items):
    for item in items:
        stack.push(item)
    return [stack.pop() for _ in items]
"""
CLASS = """class Stack:
    def __init__(self):
        self.kept = []
    def push(self, x):
        self.kept.append(x)
    def pop(self):
        return self.kept.pop()"""
CELLS = (
    md("title", "# Small"),
    code("imports", "import math\nimport numpy as np"),
    code("twice", "def twice(x):\n    return 2 * x"),
    *exercise_cells("total", STUB, SOLUTION, "core"),
    *exercise_cells("Stack", 'class Stack:\n    """Last in, first out."""', CLASS),
)


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A notebook `small`, found under that name and judged by JUDGE."""
    path = tmp_path / "01_part" / "01_small.ipynb"
    path.parent.mkdir()
    path.write_text(json.dumps({"cells": CELLS, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), "utf-8")
    judge = ModuleType("judges.small")
    exec(JUDGE, vars(judge))
    monkeypatch.setitem(sys.modules, "judges.small", judge)
    find = notebook.find
    monkeypatch.setattr(notebook, "find", lambda name, *root: path if name == "small" else find(name, *root))
    made = Course(tmp_path, monkeypatch, path)
    made.given["twice"] = lambda x: 2 * x
    yield made
    sys.modules.pop("built.small", None)


def answer(course, body, name="total"):
    """Run the cell of `total` with this body."""
    return course.run_cell(f"{SPEC}\n{body}\n\ntotal = check(total)", name)


# --- the four ways to speak --------------------------------------------------------------------------


def test_stub(course):
    returned = course.run_cell(CELL, "total")
    assert course.paragraphs == [
        (
            "info",
            "total: not attempted. Write its body above and run the cell; until then the published solution stands "
            "in. Stuck? `hint(total)`",
        )
    ]
    assert returned([1] * 6) == 12.0
    assert returned([1, 2]) == 3.0
    assert [record["status"] for record in course.log()] == ["empty"]


def test_solved(course):
    returned = answer(course, RIGHT)
    assert returned.__code__.co_filename.startswith("<cell")
    assert course.paragraphs[0][0] == "good"
    assert "right on all 32 cases" in course.said()[0]
    assert "later notebooks run on your version" in course.said()[0]


def test_wrong_names_the_input_and_both_values(course):
    answer(course, "    return 7.5")
    assert course.said() == ["For `total([1, 2])` you gave 7.5, expected 3.0."]
    assert course.log()[0]["status"] == "wrong"


def test_known_mistake_is_told_in_its_own_words(course):
    answer(course, "    if xs == []:\n        raise ValueError\n    return sum(xs) + 0.0")
    assert course.paragraphs[0][0] == "wrong"
    assert course.said()[0].endswith("Long lists are doubled: read the first line again.")
    assert (course.log()[0]["status"], course.log()[0]["mistake"]) == ("mistake", "never-doubles")


def test_a_known_mistake_is_known_again_by_whoever_refuses_something_else(course):
    answer(course, "    return float(sum(xs))")  # never doubles, and takes an empty list as well
    assert course.said()[0].endswith(
        "Long lists are doubled: read the first line again. And look at what you are given first: the docstring names "
        "what is refused."
    )
    assert (course.log()[0]["status"], course.log()[0]["mistake"]) == ("mistake", "never-doubles")


def test_right_answers_that_refuse_too_little_are_told_that_and_no_mistake(course):
    answer(course, "    s = float(sum(xs))\n    return twice(s) if len(xs) > 5 else s")
    assert course.log()[0]["status"] == "wrong" and "ValueError" in course.said()[0]


def test_a_mistake_is_not_seen_where_one_case_differs(course):
    answer(course, "    if not xs:\n        raise ValueError\n    return float(sum(xs)) + (len(xs) == 29)")
    assert course.log()[0]["status"] == "wrong"


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ("    return None", "wrong", "nothing came back, expected 3.0: is there a `return`?"),
        ("    return 3.0 if len(xs) == 2 else None", "wrong", "`round(total([1, 2, 4]), 2)` nothing came back"),
        ("    xs", "wrong", "nothing came back, expected 3.0: is there a `return`?"),
        ("    return sum(xs) + nothing", "error", "NameError: name 'nothing' is not defined (in the line `return sum"),
        (
            "    return sum(xs, 0.0) * (1 + (len(xs) > 5)) if xs else 0",
            "wrong",
            "For `total([])` you gave 0, expected a ValueError.",
        ),
        ("    return sum(xs, 0.0) * (1 + (len(xs) > 5)) / (1 if xs else 0)", "error", "ZeroDivisionError"),
        ("    return float('nan')", "wrong", "you gave nan, expected 3.0. Was something divided by zero?"),
        ("    while True: pass", "timeout", "Is there a loop that cannot end?"),
        ("    return total(xs)", "error", "RecursionError"),
        ("    import sys; sys.exit(2)", "error", "your code raised SystemExit: 2"),
        ("    raise KeyboardInterrupt", "timeout", "you interrupted it"),
        ("    return bytearray(10**15)", "error", "MemoryError"),
        ("    if not xs: raise ValueError\n    return 0.0 + xs.pop() + sum(xs)", "wrong", "but argument 1"),
    ],
)  # fmt: skip
def test_what_is_said(course, body, status, words):
    returned = answer(course, body)
    assert returned.__code__.co_filename == "<published total>"
    assert words in course.said()[0]
    assert course.log()[0]["status"] == status
    assert len(course.said()) == 1


def test_prints_of_the_learner_are_neither_shown_nor_held_against_them(course, capsys):
    answer(course, "    print('adding', xs)\n" + RIGHT)
    assert course.log()[0]["status"] == "solved"
    assert capsys.readouterr().out == ""


def test_a_slow_answer_is_given_up(course):
    answer(course, "    import time; time.sleep(0.3)\n" + RIGHT)
    assert "takes too long" in course.said()[0]


def test_numbers_of_numpy_are_numbers(course):
    answer(course, RIGHT.replace("float(sum(xs))", "__import__('numpy').float64(sum(xs))"))
    assert course.log()[0]["status"] == "solved"


@pytest.mark.parametrize("bad", BAD)
def test_bad_code(course, bad):
    course.hurry("small")
    words = course.misbehave("total", BAD[bad])
    assert "total(" in words or "takes too long" in words


def test_world_notices(monkeypatch):
    before = world()
    random.random()
    assert world() != before


# --- other cells, classes, strange calls -------------------------------------------------------------


def test_needed_names():
    assert needed("import math\nLIMIT = 3\n\ndef f(x, y=zero):\n    return math.pi + LIMIT + g(x) + len(y)") == [
        "g",
        "zero",
    ]
    assert needed("def f(x):\n    def g(y): return x + y + z\n    return [g(i) for i in x]\n\nf = check(f)") == ["z"]


@pytest.mark.parametrize(
    ("above", "words"),
    [("step = 2", "a variable of this cell: write it in capitals"), ("", "defined in another cell: move it into")],
)
def test_out_of_reach(course, above, words):
    """`step` is there when the cell is checked, and would not be in a later notebook."""
    course.given["step"] = 2
    course.run_cell(f"{above}\n{SPEC}\n{RIGHT.replace('twice(s)', 'step * s')}\n\ntotal = check(total)", "total")
    assert "works here, but uses `step`" in course.said()[0]
    assert words in course.said()[0]
    assert course.log()[0]["status"] == "wrong"


def test_class_is_judged_by_what_the_judge_does_with_it(course):
    course.run_cell(f"{CLASS}\n\nStack = check(Stack)", "Stack")
    course.run_cell(f"{CLASS.replace('pop()', 'pop(0)')}\n\nStack = check(Stack)", "Stack")
    course.run_cell('class Stack:\n    """Last in, first out."""\n\nStack = check(Stack)', "Stack")
    assert [record["status"] for record in course.log()] == ["solved", "wrong", "empty"]
    assert "For `Stack([1, 2, 3])` you gave [1, 2, 3], expected [3, 2, 1]." in course.said()[1]


@pytest.mark.parametrize("body", ["", "    def __init__(self):\n        self.kept = None\n"])
def test_the_published_class_means_the_names_of_the_kernel(course, monkeypatch, body):
    """Otherwise an `except` of the notebook misses the errors that it raises."""
    kernel = ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", kernel)
    source = f'class Stack:\n    """Last in, first out."""\n{body}\nStack = check(Stack)'
    filename = "<a cell with a class>"
    linecache.cache[filename] = len(source), None, source.splitlines(keepends=True), filename
    vars(kernel)["check"] = exercise.check
    exec(compile(source, filename, "exec"), vars(kernel))
    assert kernel.Stack.push.__globals__ is vars(kernel)


def test_checking_the_stand_in_again_is_no_attempt(course):
    course.run_cell(CELL + "\ntotal = check(total)", "total")
    assert "stands in for yours" in course.said()[1]
    assert len(course.log()) == 1


def test_another_name(course):
    returned = course.run_cell(CELL.replace("def total", "def summe").replace("check(total)", "check(summe)"), "total")
    assert course.said() == ["`summe` should be called `total`: that is the name under which others use it."]
    assert returned.__code__.co_filename == "<published total>"


@pytest.mark.parametrize("thing", [None, 3, len, "total"])
def test_no_exercise_at_all(course, thing):
    assert exercise.check(thing) is thing
    assert "There are: `total`, `Stack`." in course.said()[0]


def test_a_notebook_that_cannot_be_imported_is_named(course):
    content = json.loads(course.path.read_text("utf-8"))
    content["cells"][1]["source"] = "import no_such_module"
    course.path.write_text(json.dumps(content), "utf-8")
    returned = answer(course, RIGHT)
    assert "cannot be imported: ModuleNotFoundError" in course.said()[0]
    assert returned.__code__.co_filename == "<published total>"


def test_a_broken_cell_leaves_the_exercise_known(course):
    content = json.loads(course.path.read_text("utf-8"))
    content["cells"][3]["source"] = "def total(xs:\n    return\n\ntotal = check(total)"
    course.path.write_text(json.dumps(content), "utf-8")
    assert list(notebook.exercises(course.path)) == ["total", "Stack"]
    answer(course, RIGHT)
    assert course.log()[0]["status"] == "solved"


# --- hint, solution, restore -------------------------------------------------------------------------


def test_hints_come_one_by_one(course):
    for _ in range(3):
        exercise.hint("total")
    first, second, third = course.said()
    assert first == "Hint 1 of 2 for `total`: Add."
    assert second == "Hint 2 of 2 for `total`: Then double."
    assert third == second + " That was the last one; `solution(total)` shows the whole."
    assert [record["step"] for record in progress.records("hint")] == [1, 2, 2]


def test_how_it_was_solved_is_kept_apart(course):
    exercise.hint("total")
    answer(course, RIGHT)
    assert progress.exercises()["small", "total"] == "with hints"


def test_solution_is_shown_with_its_indentation(course, capsys):
    exercise.solution("total")
    assert "\n    return twice(sum(map(float, xs)))" in capsys.readouterr().out
    assert len(progress.records("solution")) == 1


def test_restore_lists_and_brings_back(course, capsys):
    exercise.restore("total")
    assert course.said() == ["The log holds no attempt at `total` yet."]
    course.run_cell(CELL, "total")
    for body in ("    return 1.0", "    return 2.0", "    return 1.0"):
        answer(course, body)
    exercise.restore("total")
    assert "    return 1.0" in capsys.readouterr().out
    exercise.restore("total", 1)
    assert "    return 2.0" in capsys.readouterr().out
    assert "1: " in course.said()[-1]
    assert "Here is number 1." in course.said()[-1]
    exercise.restore("total", 5)
    assert "There is no attempt 5" in course.said()[-1]
    assert len(progress.records("restore")) == 2


def test_restore_brings_back_what_passed_before_it_was_broken(course, capsys):
    answer(course, RIGHT)
    answer(course, "    return 3.0  # broken")
    capsys.readouterr()
    exercise.restore("total")
    assert "twice(s)" in capsys.readouterr().out
    exercise.restore("total", -1)
    assert "# broken" in capsys.readouterr().out


# --- comparing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("got", "expected", "words"),
    [
        (1, 1.0, None), (np.float64(1), 1.0, None), (np.int64(3), 3, None), (1.0 + 1e-12, 1.0, None),
        (np.float32(0.1), 0.1, None), (float("nan"), float("nan"), None), (float("inf"), float("inf"), None),
        (1e-3, 0.0, "you gave 0.001, expected 0.0"), (True, 1, "you gave a bool, expected an int: 1"),
        (1, True, "you gave 1, expected True"), (np.bool_(True), True, None), (2.0, 2, "you gave a float"),
        ([1], (1,), "you gave a list, expected a tuple"), ([1, 2], [2, 1], "you gave [1, 2], expected [2, 1]"),
        ({"a": 1}, {"b": 1}, "lacks the key 'b'"), ({"a": [1, 2]}, {"a": [1, 3]}, "expected {'a': [1, 3]}"),
        ({2, 1}, {1, 2}, None), ({1}, frozenset({1}), None), ("ab", "ac", "you gave 'ab', expected 'ac'"),
        (np.ones(3), np.ones((3, 1)), "you gave the shape (3,), expected (3, 1)"),
        (np.array([1, np.nan]), np.ones(2), "1 of the 2 numbers you gave are NaN"),
        (np.ones(2), np.ones(2, dtype=int), "numbers of type float64, expected int64"),
        (np.ones(2, dtype=np.float32) + 1e-6, np.ones(2), None),
        (np.array([1, 2, 3.0]), np.array([1, 2, 4.0]), "you gave array([1., 2., 3.]), expected array([1., 2., 4.])"),
        ([1.0], np.ones(1), "you gave a list, expected a numpy array"),
        (list(range(500)), [*range(499), 0], "item 499: you gave 499, expected 0"),
        (lambda: 1, len, None), (None, 3, "nothing came back"), (3, None, "you gave 3, expected None"),
    ],
)  # fmt: skip
def test_difference(got, expected, words):
    found = difference(got, expected)
    assert found is None if words is None else words in found


def test_torch_is_compared_and_never_imported():
    torch = pytest.importorskip("torch")
    assert difference(torch.ones(2), torch.ones(2) + 1e-7) is None
    assert "shape (2,), expected (3,)" in difference(torch.ones(2), torch.ones(3))
    assert "you gave a numpy array, expected a torch tensor" in difference(np.ones(2), torch.ones(2))
    assert difference(torch.ones(2, dtype=torch.bfloat16, requires_grad=True), torch.ones(2).bfloat16()) is None


def test_long_values_are_cut():
    assert len(short("x" * 10**6)) <= 120
    assert len(short([["x" * 50] * 50] * 50)) <= 120


def test_objects_of_two_versions_of_a_class_are_compared_by_content():
    def made(value):
        class Hit:
            def __init__(self):
                self.score = value

        return Hit()

    assert difference(made(1), made(1)) is None
    assert "score" in difference(made(1), made(2)) or "expected {'score': 2}" in difference(made(1), made(2))


# --- the guard ---------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timer")
def test_timer_and_handler_of_others_are_put_back():
    rang = []
    before = signal.signal(signal.SIGALRM, lambda *_: rang.append(time.monotonic()))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.4)
        assert attempt(lambda: time.sleep(9), seconds=0.1).kind == "timeout"
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0.05
        time.sleep(0.5)
        assert len(rang) == 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_attempt_says_what_happened():
    def noisy(xs):
        print("line\n" * 10**5)
        xs.append(1)
        return xs

    given = [0]
    outcome = attempt(noisy, (given,))
    assert (outcome.kind, outcome.value, given, len(outcome.printed)) == ("value", [0, 1], [0], 2_000)
    assert outcome.spoilt == "argument 1 was [0] and is [0, 1] afterwards"
    assert 0 < outcome.seconds < 5
    assert attempt(lambda: random.random()).value == attempt(lambda: random.random()).value


# --- in other processes ------------------------------------------------------------------------------

ELSEWHERE = """
import sys, guard, exercise, notebook, linecache, progress
from exercise import check
notebook.enter("small")
guard.has_timer = lambda: False  # as on Windows

def cell(body):
    source = SPEC + "\\n" + body + "\\n\\ntotal = check(total)\\n"
    linecache.cache["<cell>"] = len(source), None, source.splitlines(True), "<cell>"
    exec(compile(source, "<cell>", "exec"), {"check": check})

if __name__ == "__main__":
    for body in BODIES:
        cell(body)
    print([record["status"] for record in progress.records("check")])
"""


@pytest.fixture
def small(tmp_path):
    """The same course, in a folder of its own."""
    made = SmallCourse(tmp_path / "a course")
    made.write("01_part/01_small", *CELLS)
    (made.root / "00_setup" / "judges" / "small.py").write_text(JUDGE, "utf-8")
    return made


def test_without_a_timer_it_runs_in_a_process(small):
    hang, end = "    while True:\n        try: pass\n        except: pass", "    import os; os._exit(3)"
    odd = "    class Odd: pass\n    return Odd()"
    bodies = repr([RIGHT, hang, end, odd])
    printed = small.python(f"SPEC = {SPEC!r}\nBODIES = {bodies}\n{ELSEWHERE}")
    assert printed.splitlines()[-1] == "['solved', 'timeout', 'error', 'error']"
    assert "it ended the process in which it ran" in printed


IPYTHON = """
import kernel_cells, notebook, progress
from IPython.core.interactiveshell import InteractiveShell
notebook.enter("small")
shell = InteractiveShell.instance()
shell.run_cell("from exercise import check")
kernel_cells.record("small")
for cell in CELLS:
    shell.run_cell(cell)
for record in progress.records("check"):
    print(record["status"], record["source"] in CELLS, record["key"] == progress.source_key(record["source"]))
"""


def test_in_ipython_the_whole_cell_is_kept_as_it_was_typed(small):
    right = f"{SPEC}\n{RIGHT}\n\ntotal = check(total)"
    cells = ["def twice(x):\n    return 2 * x", CELL, right, f"# mine\n{right}\n%time total([1])", f"%%time\n{right}"]
    printed = small.python(f"CELLS = {cells!r}\n{IPYTHON}")
    assert printed.splitlines()[-1] == "solved True True"
    told = [line for line in printed.splitlines() if line.endswith(("True", "False"))]
    assert told == ["empty True True", *["solved True True"] * 3]


def test_outside_ipython_the_source_of_the_function_will_do():
    assert cell_of(test_long_values_are_cut).startswith("def test_long_values_are_cut")
    assert cell_of(len) == ""


def test_judges_that_do_not_exist():
    with pytest.raises(LookupError, match="00_setup/judges/nothing.py is missing"):
        judges.load("nothing")

"""Notebooks as modules: `from built.vectors import cosine`, from anywhere, with whose version of an exercise."""

from __future__ import annotations

import subprocess
import sys

import pytest
from small_course import SmallCourse, code, exercise, md

STUB = 'def triple(x):\n    """Three times `x`.\n    >>> triple(2)\n    6\n    """\n    # your code'
YOURS = "def triple(x):\n    return x + x + x  # mine\n\ntriple = check(triple)"


@pytest.fixture
def course(tmp_path):
    """Two notebooks: `small` with every kind of definition, `next_one` that builds on it."""
    made = SmallCourse(tmp_path / "a course")
    made.write(
        "01_first/01_small",
        md("title", "# 1.1 Small\nIt doubles."),
        code(
            "start",
            'from pathlib import Path\n\nif not Path("../00_setup").is_dir():\n    !git clone x\n'
            "    %cd -q x\n%run ../00_setup/start.py small",
        ),
        code("imports", "import math\nimport functools"),
        code("noise", 'TAU = 2 * math.pi\nWORDS: tuple = ("a", "b")\nloose = 3\nprint("ran")\nif loose:\n    BAD = 1'),
        code(
            "method",
            "def method(cls):\n    def attach(f):\n        f.__qualname__ = f'{cls.__name__}.{f.__name__}'\n"
            "        setattr(cls, f.__name__, f)\n        return f\n    return attach",
        ),
        code(
            "double",
            'def double(x):\n    """Twice `x`.\n    >>> double(2)\n    4\n    """\n    return 2 * x\n\ndouble(2)',
        ),
        code("engine", 'class Engine:\n    """Holds `x`."""\n\n    def __init__(self, x):\n        self.x = x'),
        code("engine-run", "@method(Engine)\ndef run(self):\n    return double(self.x)"),
        code("cached", "@functools.cache\ndef table():\n    return [TAU]"),
        code("crash", "def crash(x):\n    missing_number = 0\n    return x / missing_number"),
        *exercise("triple", STUB, "import operator\n\ndef triple(x):\n    return operator.mul(3, x)", "core"),
        *exercise("spare", "def spare(x):\n    # your code", "def spare(x):\n    return x"),
        code("shell", "%%bash\nfor x in 1 2; do echo $x; done"),
        code("ask", "files = !ls\ndouble?"),
        code("twice", "def later(x):\n    return 1\n\ndef later(x):\n    return 2"),
        code("breaks", "def later(x):\n    return 3\n\nlater()", "raises-exception"),
    )
    made.write(
        "02_second/01_next_one",
        code("imports", "from built.small import double, triple"),
        code("six", "def six(x):\n    return triple(double(x))"),
    )
    return made


def test_definitions_and_nothing_else(course):
    """Imports, functions, classes and CONSTANTS in order; the last definition of a name wins; no plot, no print."""
    printed = course.python(
        "import built.small as s, built.next_one as n\n"
        "print(s.double(2), round(s.TAU, 2), s.WORDS, s.Engine(4).run(), s.table() == [s.TAU], s.later(0), n.six(5))\n"
        "print([x for x in ('loose', 'BAD', 'spare', 'files', 'cell') if hasattr(s, x)])\n"
        "print(s.__doc__.splitlines()[0], '|', s.__name__, '|', s.__file__.endswith('01_first/01_small.ipynb'))"
    )
    assert printed == "4 6.28 ('a', 'b') 8 True 2 30\n[]\n# 1.1 Small | built.small | True"


@pytest.mark.parametrize("where", [".", "a course", "a course/02_second"])
def test_from_any_folder(course, where):
    ran = course.run("from built.next_one import six; print(six(1))", cwd=course.root.parent / where)
    assert (ran.stdout, ran.stderr) == ("6\n", "")


def test_source_of_functions_and_classes(course):
    """`inspect.getsource` gives the notebook's lines, also after `linecache` looked for changed or all files."""
    course.python(
        "import inspect, linecache\nfrom built.small import Engine, double, table, triple\n"
        "for forget in (lambda: None, linecache.checkcache):\n"
        "    forget()\n"
        '    assert inspect.getsource(double).startswith(\'def double(x):\\n    """Twice\')\n'
        "    assert inspect.getsource(Engine).startswith('class Engine:'), inspect.getsource(Engine)\n"
        "    assert inspect.getsource(table.__wrapped__).startswith('@functools.cache\\ndef table')\n"
        "    assert 'Three times' in inspect.getsource(triple) and 'operator' in inspect.getsource(triple)\n"
        "linecache.clearcache()\n"
        "assert inspect.getsource(double).startswith('def double')"
    )


def test_traceback_names_the_cell_and_shows_its_line(course):
    ran = course.run("import linecache\nfrom built.small import crash\nlinecache.checkcache()\ncrash(1)")
    assert "01_small.ipynb, cell crash" in ran.stderr
    assert "    return x / missing_number\n" in ran.stderr


def test_doctests_run_and_can_fail(course):
    count = "import doctest, built.small as s; r = doctest.testmod(s); print(r.attempted, r.failed)"
    assert course.python(count) == "2 0"  # double, and triple with the solution in it
    small = course.root / "01_first" / "01_small.ipynb"
    course.edit(small, "double", 'def double(x):\n    """Twice.\n    >>> double(2)\n    5\n    """\n    return 2 * x')
    assert course.python(count).endswith("\n2 1")


def test_pickle_and_torch_save(course):
    course.write(
        "02_second/02_layer",
        code("imports", "import torch\nfrom torch import nn"),
        code(
            "layer",
            "class Layer(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
            "        self.w = nn.Parameter(torch.ones(2))",
        ),
    )
    course.python(
        "import io, pickle, torch\nfrom built.small import Engine, double\nfrom built.layer import Layer\n"
        "assert pickle.loads(pickle.dumps(double)) is double\n"
        "assert pickle.loads(pickle.dumps(Engine(3))).run() == 6\n"
        "held = io.BytesIO()\ntorch.save(Layer(), held)\nheld.seek(0)\n"
        "assert torch.load(held, weights_only=False).w.tolist() == [1, 1]"
    )


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows can only spawn")
def test_worker_processes(course, method):
    """Functions and objects of a notebook travel to workers and back, however those are started."""
    program = course.root / "pool.py"
    program.write_text(
        "import multiprocessing as mp\nfrom built.small import Engine, double\nfrom built.next_one import six\n"
        "if __name__ == '__main__':\n"
        f"    with mp.get_context('{method}').Pool(2) as pool:\n"
        "        print(pool.map(double, [1, 2]), pool.map(Engine.run, [Engine(3)]), pool.map(six, [1]))\n"
    )
    ran = subprocess.run(
        [sys.executable, str(program)], env=course.environ(), cwd=course.root.parent, capture_output=True, text=True
    )
    assert ran.stdout == "[2, 4] [6] [6]\n", ran.stderr


def test_threads_import_a_notebook_once(course):
    course.write(
        "02_second/03_slow", code("log", 'import time\nTRACE = open("trace", "a").write("x")\nSLEPT = time.sleep(0.2)')
    )
    course.python(
        "import threading\ndef work():\n    from built.slow import SLEPT\n    done.append(SLEPT)\n"
        "done = []\nthreads = [threading.Thread(target=work) for _ in range(8)]\n"
        "[t.start() for t in threads]\n[t.join() for t in threads]\n"
        "assert len(done) == 8 and open('trace').read() == 'x', (done, open('trace').read())"
    )


def test_future_annotations_hold_for_the_cells_below(course):
    course.write(
        "02_second/04_typed",
        code("imports", "from __future__ import annotations"),
        code("f", "def f(x: NoSuchType) -> AlsoNone:\n    return x"),
    )
    assert course.python("from built.typed import f; print(f.__annotations__['x'])") == "NoSuchType"


# --- errors that say what to do ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "program, kind, words",
    [
        ("import built.smal", "ModuleNotFoundError", "no notebook is called 'smal'"),
        ("import built.smal", "ModuleNotFoundError", "Did you mean small?"),
        ("from built import smal", "ModuleNotFoundError", "Did you mean small?"),
        ("from built.small import duoble", "ImportError", "hands on no 'duoble'. Did you mean double?"),
        ("import built.small as s; s.duoble", "AttributeError", "Did you mean double?"),
        ("from built.small import spare", "ImportError", "an exercise of its own"),
        ("from built.small import loose", "ImportError", "a variable of cell 'noise'"),
    ],
)
def test_missing_names_offer_the_nearest(course, program, kind, words):
    last = course.run(program).stderr.splitlines()[-1]
    assert kind in last
    assert words in last


def test_a_missing_name_is_an_attribute_error_to_those_who_ask(course):
    course.python(
        "import pickle, built.small as s\n"
        "assert not hasattr(s, 'duoble') and getattr(s, 'duoble', 7) == 7 and not hasattr(s, '__path__')\n"
        "class Local: pass\nLocal.__module__ = None\npickle.whichmodule(Local, 'Local')\n"
    )


def test_syntax_error_names_notebook_and_cell(course):
    course.edit(course.root / "01_first" / "01_small.ipynb", "double", "x = 1\ndef double(x:\n    return x")
    ran = course.run("import built.next_one")
    assert "SyntaxError" in ran.stderr
    assert "of cell 'double' in 01_small.ipynb" in ran.stderr
    assert "line 2" in ran.stderr


def test_constant_that_needs_a_variable_is_told_so(course):
    course.write("02_second/05_bad", code("load", "words = [1]"), code("count", "COUNT = len(words)"))
    ran = course.run("import built.bad")
    assert "NameError" in ran.stderr
    assert "`words` is a variable of cell 'load'" in ran.stderr


def test_two_notebooks_of_one_name(course):
    course.write("02_second/06_small", code("x", "X = 1"))
    assert "two notebooks are called 'small'" in course.run("import built.small").stderr


# --- whose version of an exercise ---------------------------------------------------------------------


WHOSE = "from built.small import triple; import inspect; print('mine' in inspect.getsource(triple), triple(5))"
STATE = "import built; print(built.mine())"


def test_untouched_course_is_silent(course):
    ran = course.run(WHOSE)
    assert (ran.stdout, ran.stderr) == ("False 15\n", "")
    assert course.python(STATE) == "[('small', 'triple', 'published')]"


def test_yours_while_check_has_passed_on_that_source(course):
    """Attempted in the file only: published, in silence. Passed: yours. Changed since: published, and says so."""
    small = course.root / "01_first" / "01_small.ipynb"
    course.edit(small, "exercise-triple", YOURS)
    ran = course.run(WHOSE)
    assert (ran.stdout, ran.stderr) == ("False 15\n", ""), "a log without attempts must not change any output"
    course.checked("small", "triple", YOURS + "  \n\n")
    ran = course.run(WHOSE)
    assert ran.stdout == "True 15\n"
    assert "`triple` is yours" in ran.stderr
    assert course.python(STATE) == "[('small', 'triple', 'yours')]"
    course.edit(small, "exercise-triple", YOURS.replace("x + x + x", "x - x"))
    ran = course.run(WHOSE)
    assert ran.stdout == "False 15\n"
    assert "published version stands in for `triple` (changed since it passed)" in ran.stderr
    assert course.python(STATE) == "[('small', 'triple', 'published')]"


@pytest.mark.parametrize("status", ["wrong", "mistake", "error", "timeout"])
def test_an_attempt_that_fails_is_never_handed_on(course, status):
    course.edit(course.root / "01_first" / "01_small.ipynb", "exercise-triple", YOURS)
    course.checked("small", "triple", YOURS)
    course.checked("small", "triple", YOURS, status)  # it passed once, and fails since
    ran = course.run(WHOSE)
    assert ran.stdout == "False 15\n"
    assert "(has not passed)" in ran.stderr


def test_a_broken_answer_blocks_nobody(course):
    course.edit(course.root / "01_first" / "01_small.ipynb", "exercise-triple", "def triple(x:\n  return (")
    assert course.python("from built.next_one import six; print(six(1))") == "6"


def test_an_answer_passes_for_its_own_exercise_only(course):
    course.edit(course.root / "01_first" / "01_small.ipynb", "exercise-triple", YOURS)
    course.checked("other", "triple", YOURS)
    course.checked("small", "other", YOURS)
    assert course.python(WHOSE) == "False 15"


def test_solved_functions_travel_through_the_log_on_a_hosted_machine(course):
    course.checked("small", "triple", YOURS)
    assert course.python(WHOSE) == "False 15"
    assert course.python(WHOSE, GROUNDUP_HOSTED="colab") == "True 15"
    assert course.python(STATE, GROUNDUP_HOSTED="colab") == "[('small', 'triple', 'yours')]"


# --- what differs from the published course -----------------------------------------------------------


def git(course, *words):
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@t", *words], cwd=course.root, check=True, capture_output=True
    )


def test_changed_definitions_and_how_to_get_them_back(course):
    git(course, "init", "-q")
    git(course, "add", ".")
    git(course, "commit", "-qm", "published")
    small = course.root / "01_first" / "01_small.ipynb"
    assert "as published" in course.python("import built; print(built.changed())")
    course.edit(small, "exercise-triple", YOURS)  # an answer is no change of the course
    course.edit(
        small,
        "crash",
        "def crash(x):\n    # only a comment, and layout\n    missing_number  =  0\n    return x/missing_number",
    )
    assert "as published" in course.python("import built; print(built.changed())")
    course.edit(small, "double", "def double(x):\n    return x + x")
    course.edit(small, "cached", "def added():\n    return 1")
    printed = course.python(
        "import built\nc = built.changed('small')\nprint(c)\nprint([(x.name, x.how) for x in c])\n"
        "print(built.changed()[1].published)\nprint(built.changed('next_one'))"
    )
    assert "built.small.double is changed" in printed
    assert "git restore --source=HEAD 01_first/01_small.ipynb" in printed
    assert "[('double', 'changed'), ('table', 'removed'), ('added', 'added')]" in printed
    assert "@functools.cache\ndef table():\n    return [TAU]" in printed
    assert printed.endswith("(exercises aside: those are yours to change).")
    assert "no notebook is called 'smal'" in course.run("import built; built.changed('smal')").stderr


def test_changed_says_where_there_is_nothing_to_compare_with(course):
    environ = {"GIT_CEILING_DIRECTORIES": str(course.root.parent)}
    assert "no git checkout" in course.python("import built; print(built.changed())", **environ)


# --- the kernel's own, unsaved definitions -------------------------------------------------------------


KERNEL = """
import os, subprocess, sys
from types import SimpleNamespace
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
import built, kernel_cells, notebook
notebook.enter("small")
kernel_cells.record("small")

def run(source, cell_id=None):
    shell.run_cell(source, store_history=False, cell_id=cell_id).raise_error()

def elsewhere(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()
"""


@pytest.mark.parametrize("cell_id", ["'double'", "'vscode-notebook-cell:42'", "None"])
def test_unsaved_edits_reach_other_processes(course, cell_id):
    """By the cell's id where the front end gives the file's, else by the names it defines; in place, not at the end."""
    printed = course.python(
        f"{KERNEL}\n"
        f"run('def double(x):\\n    return 20 * x', {cell_id})\n"
        f"run('def double(x):\\n    return 200 * x', {cell_id})\n"
        "run('def fresh(x):\\n    return double(x) + 1')\n"
        "run('_ = fresh(1)')\n"
        "work = built.share()\n"
        "print(work.double(1), work.fresh(1), work.Engine(2).run())\n"
        "print(elsewhere('from built.small import double, fresh; print(double(1), fresh(1))'))\n"
        "run('def double(x):\\n    return 7')\n"
        "print(built.share().double(1), elsewhere('from built.next_one import six; print(six(1))'))"
    )
    assert printed.splitlines() == ["200 201 400", "200 201", "7 21"]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows can only spawn")
def test_unsaved_edits_reach_pools(course, method):
    """A pool that is already running a fork server when the edit is shared sees it, too."""
    printed = course.python(
        f"{KERNEL}\n"
        "import math, multiprocessing as mp\n"
        f"with mp.get_context('{method}').Pool(1) as pool:\n    pool.map(math.sqrt, [4])\n"
        "run('def double(x):\\n    return 20 * x', 'double')\n"
        "work = built.share()\n"
        f"with mp.get_context('{method}').Pool(1) as pool:\n    print(pool.map(work.double, [1, 2]))"
    )
    assert printed == "[20, 40]"


@pytest.mark.parametrize("cell_id", ["'engine'", "None"])
def test_an_edited_cell_keeps_its_place(course, cell_id):
    """The method of a cell below goes to the class as it is now."""
    printed = course.python(
        f"{KERNEL}\nrun('class Engine:\\n    def __init__(self, x):\\n        self.x = 100 * x', {cell_id})\n"
        "print(built.share().Engine(1).run())"
    )
    assert printed == "200"


def test_a_renamed_function_is_gone_under_its_old_name(course):
    """Only the cell's id tells that this is the cell which defined `crash`."""
    printed = course.python(
        f"{KERNEL}\nrun('import math\\ndef burn(x):\\n    return x', 'crash')\nwork = built.share()\n"
        "print(work.burn(1), hasattr(work, 'crash'))"
    )
    assert printed == "1 False"


def test_a_cell_that_cannot_run_is_not_shared(course):
    printed = course.python(
        f"{KERNEL}\nshell.run_cell('def double(x:', store_history=False, cell_id='double')\n"
        "print(built.share().double(3))"
    )
    assert printed.endswith("\n6")


def test_an_unsaved_answer_counts_when_check_has_passed_on_it(course):
    course.checked("small", "triple", YOURS)
    other = YOURS.replace("# mine", "# not checked")
    printed = course.python(
        f"{KERNEL}\nshell.push({{'check': lambda f: f}})\n"
        f"run({YOURS!r}, 'exercise-triple')\nimport inspect\nprint('mine' in inspect.getsource(built.share().triple))\n"
        f"run({other!r}, 'exercise-triple')\nprint('operator' in inspect.getsource(built.share().triple))"
    )
    assert [line for line in printed.splitlines() if line in ("True", "False")] == ["True", "True"]


def test_workers_of_a_notebook_that_has_ended_are_told(course):
    ran = course.run("import built.small", GROUNDUP_CELLS=str(course.root / "gone.json"))
    assert "the notebook that started this process has ended" in ran.stderr


def test_nothing_is_left_behind(course, tmp_path):
    (tmp_path / "t").mkdir()
    course.python(f"{KERNEL}\nbuilt.share()", TMPDIR=str(tmp_path / "t"))
    assert not list((tmp_path / "t").glob("groundup-cells-*"))


def test_share_outside_a_notebook(course):
    assert "run its first cell" in course.run("import built; built.share()").stderr


def test_workers_and_servers_say_nothing(course):
    """Whose version it is was said in the notebook; a worker's stdout may be a protocol."""
    course.edit(course.root / "01_first" / "01_small.ipynb", "exercise-triple", YOURS)
    course.checked("small", "triple", YOURS)
    cells = course.root / "cells.json"
    cells.write_text("{}")
    ran = course.run("import built.small", GROUNDUP_CELLS=str(cells))
    assert (ran.stdout, ran.stderr) == ("", "")


def test_whose_version_is_said_in_the_notebook_that_imports(course):
    """Where the exercise itself stands, `check` has said it."""
    course.edit(course.root / "01_first" / "01_small.ipynb", "exercise-triple", YOURS)
    course.checked("small", "triple", YOURS)
    program = f"{KERNEL}\nnotebook.enter(sys.argv[1])\nimport built.small"
    for running, said in (("next_one", True), ("small", False)):
        printed = course.python(program.replace("sys.argv[1]", repr(running)))
        assert ("`triple` is yours" in printed) is said


def test_running_a_notebook_as_a_program_says_how(course):
    ran = course.run("import runpy; runpy.run_module('built.small')")
    assert "from built.small import" in ran.stderr


def test_no_notebook_is_called_like_a_word_of_built():
    import built
    import course as syllabus

    imported = {name.rpartition(".")[2] for name in sys.modules if name.startswith("built.")}  # attributes, too
    assert not {row.noun for row in syllabus.load().notebooks} & (set(vars(built)) - imported)

"""The first cell of every notebook: what it sets, what it offers, that it works where there is only the notebook."""

from __future__ import annotations

import json
import subprocess
import sys

import hosted
import notebook
import pytest
from small_course import SmallCourse, code, exercise, md
from start_cell import first_cell, start_cell

WORDS = (
    "check hint solution restore predict reveal quiz baseline review explore drag_vectors drag_matrix draw_digit show "
    "assets board review_session journal export_week doctor say type_text chat_box"
).split()
SHELL = """
import os, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()

def run(source):
    shell.run_cell(source, store_history=False).raise_error()  # as nbval runs it

def cell(number=0):
    import json
    return "".join(json.load(open("01_small.ipynb"))["cells"][number]["source"])

before = set(shell.user_ns)
"""


def small(root, address="https://example.org/course"):
    """A course whose one notebook starts as the real ones do."""
    made = SmallCourse(root)
    made.write(
        "01_first/01_small",
        code("start", start_cell("small", "01_first", address)),
        code("double", "def double(x):\n    return 2 * x"),
        *exercise("triple", "def triple(x):\n    # your code", "def triple(x):\n    return 3 * x", "core"),
        md("end", "The end."),
    )
    return made


@pytest.fixture
def course(tmp_path):
    return small(tmp_path / "a course")


def shell(course, program, **more):
    """What `program` prints in a fresh IPython in the notebook's folder, which is all that its path knows of."""
    ran = course.run(SHELL + program, cwd=course.root / "01_first", PYTHONPATH="", **more)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_offers_the_words_of_the_course_and_nothing_else_in_silence(course):
    printed = shell(
        course, "run(cell())\nprint('>', *sorted(name for name in set(shell.user_ns) - before if name[0] != '_'))"
    )
    assert printed == f"> {' '.join(sorted([*WORDS, 'Path']))}\n"


def test_makes_every_run_the_same(course):
    """Seeds, threads, print options; torch is not loaded; the notebook is known; `built` is found."""
    printed = shell(
        course,
        "del os.environ['OMP_NUM_THREADS']\nrun(cell())\n"
        "import random, numpy, notebook\n"
        "print(random.random(), numpy.random.rand(), numpy.array([1e-9, 2 / 3]))\n"
        "print(os.environ['OMP_NUM_THREADS'], 'torch' in sys.modules, notebook.here().name)\n"
        "run('from built.small import double')\nprint(shell.user_ns['double'](4))",
    )
    assert printed.splitlines() == [
        "0.8444218515250481 0.5488135039273248 [0.    0.667]", "1 False 01_small.ipynb", "8"
    ]  # fmt: skip
    assert [json.loads(line)["kind"] for line in (course.log / "log.jsonl").read_text().splitlines()] == ["start"]


def test_threads_that_were_set_are_kept(course):
    assert shell(course, "run(cell())\nprint(os.environ['OMP_NUM_THREADS'])", OMP_NUM_THREADS="2") == "2\n"


def test_running_it_again_adds_nothing(course):
    printed = shell(
        course,
        "run(cell())\nfile = os.environ['GROUNDUP_CELLS']\nfor _ in range(3):\n    run(cell())\n"
        "setup = [p for p in sys.path if p.endswith('00_setup')]\n"
        "print(len(setup) <= 2, file == os.environ['GROUNDUP_CELLS'], len(shell.events.callbacks['pre_run_cell']))\n"
        "run(cell(1))\nimport built\nprint(built.share().double(1))",
    )
    assert printed == "True True 1\n2\n"


def test_a_notebook_that_the_course_does_not_have(course):
    printed = course.run(SHELL + "run('%run ../00_setup/start.py smal')", cwd=course.root / "01_first", PYTHONPATH="")
    assert "the first cell names the notebook 'smal'" in printed.stdout + printed.stderr


def test_the_generated_cell(course):
    """It has the address once, in a line that `ast` skips, and it is what `first_cell` wants of each notebook."""
    text = start_cell("small", "01_first", "https://example.org/course")
    assert text.count("https://example.org/course") == 1
    assert notebook.python(text).count("pass") == 2
    for path in notebook.notebooks():
        assert first_cell(path).endswith(f"%run ../00_setup/start.py {notebook.noun(path)}")
        assert f"ground-up/{path.parent.name}" in first_cell(path)


# --- a machine that is lent ----------------------------------------------------------------------------


@pytest.fixture
def published(tmp_path):
    """A bare repository with the course in it, as the public one would be, and a notebook that links to it."""
    bare = tmp_path / "public.git"
    made = small(tmp_path / "course", bare.as_uri())
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "course"], ["clone", "-q", "--bare", ".", str(bare)]):
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@t", *words], cwd=made.root, check=True)
    return made, bare


def test_colab_fetches_the_course_once(published, tmp_path):
    """An empty folder, only the notebook; the kernel's second run and a second kernel find the course there."""
    course, bare = published
    content = tmp_path / "content"
    content.mkdir()
    copy = content / "01_small.ipynb"
    copy.write_bytes((course.root / "01_first" / "01_small.ipynb").read_bytes())
    program = SHELL + (
        "first = cell()\nrun(first)\nrun(first)\nrun('from built.small import double, triple')\n"
        "print(shell.user_ns['double'](4), shell.user_ns['triple'](4))\n"
        "print(os.path.relpath(os.getcwd(), sys.argv[1]), os.environ['GROUNDUP_HOSTED'], 'torch' in sys.modules)"
    )

    def kernel():
        environ = course.environ(PYTHONPATH="", COLAB_RELEASE_TAG="release")
        return subprocess.run(
            [sys.executable, "-c", program, str(content)], cwd=content, env=environ, capture_output=True, text=True
        )

    expected = "8 12\nground-up/01_first colab False\n"
    ran = kernel()
    assert ran.stdout == expected, ran.stderr
    assert sorted(path.name for path in content.iterdir()) == ["01_small.ipynb", "ground-up"]
    bare.rename(tmp_path / "gone.git")  # whoever clones again will fail
    (content / "ground-up" / "kept").touch()
    ran = kernel()
    assert ran.stdout == expected, ran.stderr
    assert (content / "ground-up" / "kept").exists()


def test_colab_in_a_real_kernel(published, tmp_path):
    """The same through nbclient, as a front end runs it: no cell id, the folder holds the notebook alone."""
    import nbformat
    from nbclient import NotebookClient

    course, _ = published
    content = tmp_path / "content"
    content.mkdir()
    opened = nbformat.read(course.root / "01_first" / "01_small.ipynb", as_version=4)
    opened.cells = [opened.cells[0], nbformat.v4.new_code_cell("from built.small import triple\ntriple(5)")]
    client = NotebookClient(opened, timeout=60, resources={"metadata": {"path": str(content)}})
    client.create_kernel_manager()
    client.km.kernel_spec.argv[0] = sys.executable
    client.execute(env=course.environ(PYTHONPATH="", COLAB_RELEASE_TAG="release"))
    assert opened.cells[0].outputs == []
    assert opened.cells[1].outputs[0]["data"]["text/plain"] == "15"


PYPROJECT = """
[project]
dependencies = ["torch>=2.6", "numpy>=2.0", "no_such-light_package>=1.2,<2", "pytest>=1", "scipy>=99"]
"""


def test_only_light_packages_are_installed_and_the_host_keeps_its_own(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    asked = []

    def pip(command, **_):
        with open(command[command.index("-c") + 1], encoding="utf-8") as pins:
            asked.append((command[command.index("-c") + 2 :], pins.read()))
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(hosted.subprocess, "run", pip)
    hosted.prepare(tmp_path / "pyproject.toml")
    [(wanted, pins)] = asked
    assert wanted == ["no_such-light_package>=1.2,<2"]
    assert f"torch=={hosted.installed('torch')}\n" in pins
    assert f"numpy=={hosted.installed('numpy')}\n" in pins


def test_a_package_that_cannot_be_had_is_said(tmp_path, monkeypatch, capsys):
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    monkeypatch.setattr(
        hosted.subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 1, "", "a\nno network")
    )
    hosted.prepare(tmp_path / "pyproject.toml")
    said = capsys.readouterr().out
    assert "no network" in said
    assert "%pip install no_such-light_package>=1.2,<2" in said


def test_a_host_without_torch_is_left_without(monkeypatch):
    monkeypatch.setattr(hosted, "installed", lambda name: None)
    assert hosted.missing(["torch>=2.6", "NumPy", "pyarrow>=15"]) == ["pyarrow>=15"]


def test_one_s_own_machine_is_left_alone(course):
    """No host, so nothing is looked for and nothing installed, whatever is missing."""
    assert shell(course, "run(cell())\nprint('GROUNDUP_HOSTED' in os.environ)") == "False\n"

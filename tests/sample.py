"""A small course with one good notebook, for tests that break it: two commands to say what is in it.

The notebook keeps every promise of `tests/promises/`. Its outputs are written by hand, in canonical form, and
are what a kernel with the stand-in `start.py` below really gives.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
from notebook import ROOT
from refresh import canonical

SYLLABUS = """
address = "https://example.org/someone/course"
fast_lane = ["talk"]

[[modules]]
folder = "01_first"
title = "First"
about = "A sample."
[[modules.notebooks]]
file = "01_small"
question = "?"
builds = "double"
minutes = 5
spine = true
needs = []
[[modules.notebooks]]
file = "02_next"
question = "?"
builds = "more"
minutes = 5
spine = true
needs = ["small"]
[[modules.notebooks]]
file = "03_talk"
question = "?"
builds = "talk"
minutes = 5
spine = true
needs = []
"""
START = """
def check(function):
    return function

def predict(*_, **__):
    pass

explore = review = quiz = journal = predict
"""
START_CELL = """
def first_cell(path):
    return f"%run ../00_setup/start.py {path.stem[3:]}"
"""
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="  # one dot


def md(name: str, source: str):
    return nbformat.v4.new_markdown_cell(source, id=name)


def code(name: str, source: str, *shown, tags=()):
    cell = nbformat.v4.new_code_cell(source, id=name, outputs=list(shown))
    cell.metadata["tags"] = list(tags)
    return cell


def value(text: str):
    return nbformat.v4.new_output("execute_result", {"text/plain": text})


def exercise(name: str, answer: str, core: bool = False):
    spec = f'def {name}(x):\n    """Return {answer}.\n\n    >>> {name}(2)\n    {eval(answer, {"x": 2})}\n    """\n'
    tags = ["exercise", "nbval-ignore-output", *(["core"] if core else [])]
    solution = f"```python\ndef {name}(x):\n    return {answer}\n```\n\nIt follows from the name.\n\n</details>"
    return [
        code(f"exercise-{name}", f"{spec}    # your code\n\n{name} = check({name})", tags=tags),
        md(f"solution-{name}", f"<details><summary>Solution</summary>\n\n{solution}"),
    ]


def good(first: str):
    """A notebook that keeps every promise, its first cell being `first`."""
    double = 'def double(x):\n    """Twice `x`. Raises ValueError if it is None.\n\n    >>> double(2)\n    4\n    """\n'
    double += '    if x is None:\n        raise ValueError("x must be a number, got None")\n    return x + x'
    picture = nbformat.v4.new_output(
        "display_data",
        {"image/png": PIXEL, "text/plain": "<IPython.core.display.Image object>"},
        metadata={"image/png": {"alt": "One dot."}},
    )
    dot = f"from IPython.display import Image, display\n\ndisplay(Image(data={PIXEL!r}, alt='One dot.'))"
    dot = "import base64\n\n" + dot.replace(f"data={PIXEL!r}", "data=base64.b64decode(PIXEL)")
    cells = [
        md("title", "# 1.1 Small: double a number. About 5 minutes."),
        code("start", first),
        code("imports", f'import os\n\nPIXEL = "{PIXEL}"'),
        md("question", "What is twice 0.335?\n\n## A section"),
        code("guess", 'predict("twice", "twice a third")'),
        code("double", double),
        md("answer", "A third of two, about. See [above](#a-section)."),
        code("double-example", "double(0.335)", value("0.67"), tags=["predicted"]),
        code("keys", "[name for name in os.environ if name.endswith('_API_KEY')]", value("[]")),
        md("again", "And with a list? “Just try,” they say."),
        code("guess-list", 'predict("list", "length")'),
        code("list-example", "len(double([1, 2, 3]))", value("6"), tags=["predicted"]),
        md("look", "Move it."),
        code("dot", dot, picture),
        code("move", "explore(double, x=(1, 3))"),
        *exercise("triple", "x * 3", core=True),
        *exercise("square", "x * x"),
        *exercise("half", "x / 2"),
        *exercise("next", "x + 1"),
        md("change", "### Review\nWould you merge this?"),
        code(
            "review-double", 'review("double", "-x + x\\n+x * 2", "Shorter.")', tags=["exercise", "nbval-ignore-output"]
        ),
        md("production", "## In production\nProcessors shift ([Knuth](https://example.org/knuth))."),
        md("built", TABLE),
        code("quiz", 'quiz("small")'),
        code("journal", "journal()"),
    ]
    number = 0
    for cell in cells:
        if cell.cell_type == "code":
            number += 1
            cell.execution_count = number
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = number
    return nbformat.v4.new_notebook(cells=cells)


TABLE = """## What you built

| name | what | used next |
|---|---|---|
| `double` | twice a number | in 1.2 |
| `triple` | thrice a number | in 1.2 |
"""


def find(notebook, name: str):
    """The cell called `name`."""
    return next(cell for cell in notebook.cells if cell.id == name)


def write(root: Path, notebook, file: str = "01_first/01_small") -> Path:
    """Store a notebook in canonical form in the course `root`."""
    path = root / f"{file}.ipynb"
    path.parent.mkdir(exist_ok=True)
    path.write_text(canonical(notebook), "utf-8")
    return path


def plant(root: Path) -> Path:
    """Make a course in the folder `root` that runs with stand-ins for the machinery; returns `root`."""
    (root / "00_setup").mkdir(parents=True)
    (root / "tests").mkdir()
    for path in (ROOT / "00_setup").glob("*.py"):
        shutil.copy(path, root / "00_setup")
    for name in ("environment", "refresh", "mutations", "sensitivity", "map", "as_text"):
        shutil.copy(ROOT / "tests" / f"{name}.py", root / "tests")
    shutil.copytree(ROOT / "tests" / "promises", root / "tests" / "promises")
    shutil.copy(ROOT / "conftest.py", root)
    (root / "00_setup" / "course.toml").write_text(SYLLABUS, "utf-8")
    (root / "00_setup" / "start.py").write_text(START, "utf-8")
    (root / "00_setup" / "start_cell.py").write_text(START_CELL, "utf-8")
    return root

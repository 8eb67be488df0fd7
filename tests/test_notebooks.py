"""Every published notebook keeps every promise of the house, checked without running it.

The rules are in `tests/promises/`; running the notebooks is `pytest --nbval`. A notebook that the learner has
changed is skipped as theirs; `CI=true` or `--published` holds it to everything.
"""

from __future__ import annotations

import doctest
import os
import subprocess
import sys

import course
import pytest
from notebook import ROOT, notebooks, noun
from promises import PROMISES, Notebook
from promises.imports import edges, reach
from promises.text import dead, wordless

from conftest import is_published

ALL = notebooks()
TEXTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("tests/**/*.md"), *ROOT.glob("0*/**/*.md")])


def named(path) -> str:
    return str(path.relative_to(ROOT))


@pytest.fixture
def published(request: pytest.FixtureRequest):
    """The notebook, if it is the published one."""
    path = request.param
    if not is_published(path, request.config.option.published):
        pytest.skip(f"yours: {path.name} differs from the last commit, so its form is your business")
    return Notebook(path)


@pytest.mark.parametrize("rule", PROMISES)
@pytest.mark.parametrize("published", ALL, ids=named, indirect=True)
def test_promise(published, rule):
    complaints = list(PROMISES[rule](published))
    assert not complaints, "\n".join([f"{published.path.name}: {PROMISES[rule].__doc__}", *complaints])


ALONE = """
import doctest, importlib, sys
sys.path.insert(0, sys.argv[1])
module = importlib.import_module("built." + sys.argv[2])
found = doctest.testmod(module)
print(f"{found.attempted} examples, {found.failed} failed")
sys.exit(1 if found.failed else 0)
"""


@pytest.mark.parametrize("published", ALL, ids=named, indirect=True)
def test_imports_alone_and_its_examples_hold(published):
    """`built.x` imports in a fresh process, and the doctests of what it offers pass, as many as there are."""
    ran = subprocess.run(
        [sys.executable, "-c", ALONE, str(ROOT / "00_setup"), published.noun],
        capture_output=True, encoding="utf-8", cwd=ROOT, timeout=120, env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert ran.returncode == 0, f"built.{published.noun}:\n{ran.stdout[-3000:]}{ran.stderr[-3000:]}"
    parser = doctest.DocTestParser()
    written = sum(
        len(parser.get_examples(text))
        for node, cell in published.functions
        for text in [cell.source]
        if node is next(n for n, c in published.functions if c is cell)  # each cell once
    )
    counted = int(ran.stdout.rsplit("\n", 2)[-2].split()[0])
    assert counted >= written, f"built.{published.noun} offers {counted} examples of {written} on the page"


def test_every_notebook_is_in_the_syllabus_and_in_order():
    """Files, course.toml and reading order agree."""
    listed = [row.file for row in course.load().notebooks]
    assert listed == sorted(listed), "course.toml is not in reading order"
    unlisted = [named(path) for path in ALL if named(path).removesuffix(".ipynb") not in listed]
    assert not unlisted, f"not in 00_setup/course.toml: {unlisted}"


def test_needs_form_no_circle_and_come_before():
    """`needs` of the syllabus point backwards, so imports that follow them cannot form a circle."""
    order = [row.noun for row in course.load().notebooks]
    for row in course.load().notebooks:
        late = [need for need in row.needs if order.index(need) >= order.index(row.noun)]
        assert not late, f"course.toml: {row.noun} needs {late}, which come later"


def test_imports_form_no_circle():
    graph = edges(ROOT)
    assert not [noun(path) for path in ALL if noun(path) in reach(noun(path), graph)]


@pytest.mark.parametrize("path", TEXTS, ids=named)
def test_links_and_pictures_of_a_text(path):
    """README and its like: relative links lead somewhere, pictures carry words."""
    text = path.read_text("utf-8")
    assert not dead(text, path), f"{path.name}: {dead(text, path)}"
    assert not wordless(text), f"{path.name}: pictures without words: {wordless(text)}"

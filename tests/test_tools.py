"""The tools beside the tests: seeded bugs, the map, notebooks as text, and the examples of all of them."""

from __future__ import annotations

import ast
import dataclasses
import doctest
import importlib
import json
import os
import subprocess
import sys

import as_text
import mutations
import pytest
import sample
import sensitivity
from promises import Notebook

MODULES = [
    "as_text", "conftest", "environment", "mutations", "older_processor", "promises", "promises.anatomy",
    "promises.definitions", "promises.imports", "promises.outputs", "promises.size", "promises.text",
    "refresh", "sensitivity",
]  # fmt: skip
MINE = "%run ../00_setup/start.py small"


@pytest.fixture
def course(tmp_path):
    root = sample.plant(tmp_path / "a course")
    sample.write(root, sample.good(MINE))
    return root


def tool(course, *arguments, **environ):
    return subprocess.run(
        [sys.executable, *arguments], cwd=course, capture_output=True, encoding="utf-8", timeout=300,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"} | environ,
    )  # fmt: skip


@pytest.mark.parametrize("module", MODULES)
def test_examples(module):
    assert not doctest.testmod(importlib.import_module(module)).failed


@pytest.mark.parametrize(
    "source, operator, new",
    [
        ("x - y", "sign", "x + y"), ("-x", "sign", "x"), ("x < y", "comparison", "x <= y"),
        ("not x", "comparison", "x"), ("x and y", "comparison", "(x or y)"), ("x in y", "comparison", "x not in y"),
        ("x[y:]", "off by one", "y + 1"), ("x[0]", "off by one", "0 + 1"), ("range(x)", "off by one", "x + 1"),
        ("x.sum(axis=1)", "axis", "0"), ("x.sum(keepdims=True)", "axis", "False"), ("x * 0.5", "constant", "1.0"),
        ("f(x, y)", "swapped arguments", "f(y, x)"), ("sorted(x)", "dropped call", "x"),
        ("x.copy()", "dropped call", "x"),
    ],
)  # fmt: skip
def test_operators_plant_their_bug(source, operator, new):
    code = f"def g(x, y):\n    return {source}"
    found = {(bug.operator, bug.new) for bug in mutations.bugs(code, "c", ast.parse(code).body)}
    assert (operator, new) in found


def test_bugs_leave_messages_docstrings_and_annotations_alone():
    code = 'def g(x: a[0]) -> b[1]:\n    """1 + 1"""\n    raise ValueError(f"{x + 1}, {2}")'
    assert mutations.bugs(code, "c", ast.parse(code).body) == []


def test_bugs_are_drawn_by_seed_from_definitions_and_solutions(course):
    page = Notebook(course / "01_first" / "01_small.ipynb")
    every = sensitivity.possible(page)
    assert {bug.cell for bug in every} >= {"double", "solution-triple", "solution-half"}
    assert sensitivity.draw(page, 3, 0) == sensitivity.draw(page, 3, 0) != sensitivity.draw(page, 3, 1)
    for bug in every:  # exactly one cell changes, and no output
        changed = json.loads(sensitivity.plant(page, bug))["cells"]
        differ = [cell["id"] for cell, old in zip(changed, json.loads(page.text)["cells"], strict=True) if cell != old
                  and "".join(cell["source"]) != "".join(old["source"])]  # fmt: skip
        assert differ == [bug.cell]


def test_a_bug_is_found_or_survives_and_is_explained(course):
    """Core code is compared; here nobody tests the solutions of the other exercises, so bugs in them survive."""
    ran = tool(course, "tests/sensitivity.py", "small", "--list", "--bugs", "99")
    keys = ran.stdout.splitlines()
    half = next(key for key in keys if key.startswith("solution-half") and "sign" in key)
    ran = tool(course, "tests/sensitivity.py", "small", "--bugs", "99")
    result = (course / "tests" / "sensitivity" / "small.md").read_text("utf-8")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert f"| `{half}` | – |" in result
    assert f"survives: `{half}`" in result
    found = {line.split("`")[1]: line.split("|")[-2].strip() for line in result.splitlines() if line.startswith("| `")}
    assert list(found) == keys
    assert all(killer == "examples" for key, killer in found.items() if key.startswith("solution-triple")), found
    assert all(killer != "–" for key, killer in found.items() if key.startswith("double:")), found


def test_an_equivalent_bug_leaves_the_denominator(course, monkeypatch):
    page = Notebook(course / "01_first" / "01_small.ipynb")
    every = [dataclasses.replace(sensitivity.possible(page)[0], line=line) for line in range(1, 12)]
    found = dict.fromkeys(every, "examples") | {every[0]: None}
    text, share = sensitivity.report(page, found, 0)
    assert share == 10 / 11
    assert f"survives: `{every[0].key}`. not explained" in text
    known = {bug.key: {"equivalent": True, "reason": "Nobody can see it."} for bug in every}
    monkeypatch.setattr(sensitivity, "reasons", lambda noun: known)
    text, share = sensitivity.report(page, found, 0)
    assert share == 1
    assert f"equivalent: `{every[0].key}`. Nobody can see it." in text
    assert "10 of 10 found" in text
    with pytest.raises(SystemExit, match="at most a tenth"):
        sensitivity.report(page, found | {every[1]: None}, 0)


def test_a_hanging_command_is_a_timeout(course):
    outcome, _ = sensitivity.finish([sys.executable, "-c", "while True: pass"], course, 1)
    assert outcome == "timeout"


def test_a_report_of_seeded_bugs_says_who_found_them(tmp_path, monkeypatch):
    monkeypatch.setattr(sensitivity, "ROOT", tmp_path)
    (tmp_path / "tests" / "sensitivity").mkdir(parents=True)
    report = "| bug | found by |\n|---|---|\n| `a:1:2 sign: x &#124; y → x` | tests |\n| `b:1:2 sign: - → +` | – |\n"
    (tmp_path / "tests/sensitivity/small.md").write_text(report, "utf-8")
    assert sensitivity.earlier("small") == {"a:1:2 sign: x | y → x": "tests"}
    assert sensitivity.earlier("another") == {}


def test_map_is_drawn_with_the_same_bytes(course):
    first = tool(course, "tests/map.py")
    assert first.returncode == 0, first.stderr
    once = (course / "00_setup" / "map.png").read_bytes()
    tool(course, "tests/map.py", PYTHONHASHSEED="7")
    assert (course / "00_setup" / "map.png").read_bytes() == once
    page = sample.nbformat.v4.new_notebook(cells=[sample.code("c", "from built.small import double")])
    sample.write(course, page, "01_first/02_next")
    tool(course, "tests/map.py")
    assert (course / "00_setup" / "map.png").read_bytes() != once


def test_a_notebook_reads_as_text(course):
    path = course / "01_first" / "01_small.ipynb"
    text = as_text.as_text(json.loads(path.read_text("utf-8")))
    assert "── code double-example predicted\ndouble(0.335)\n│ 0.67" in text
    assert "[image/png, 96 characters] One dot." in text
    assert tool(course, "tests/as_text.py", str(path)).stdout.rstrip("\n") == text.rstrip("\n")

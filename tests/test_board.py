"""The board says what the log says, never merges ways of solving, and is the same each time for an empty log."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import board
import built
import coming_back
import course
import judges
import notebook
import progress
import pytest
import standing

NOW = datetime(2026, 11, 25, 18, tzinfo=timezone.utc)  # a Wednesday
MONDAY = datetime(2026, 11, 23, tzinfo=timezone.utc)
ROWS = (  # noun, module, exercises, spine, needs, exists
    ("first", 0, ("greet",), True, (), True),
    ("vectors", 1, ("cosine", "top_k", "norm", "dot"), True, (), True),
    ("branch", 1, ("extra",), False, ("vectors",), True),
    ("matrices", 1, ("matmul",), True, ("vectors",), True),
    ("later", 1, (), True, ("matrices",), False),
)
STUB = 'def {0}(a):\n    """Doc of {0}.\n    >>> {0}(1)\n    1\n    """\n    # your code\n\n{0} = check({0})'
SOLUTION = "<details><summary>Solution</summary>\n\n```python\ndef {0}(a):\n    return a\n```\n\nBecause.\n</details>"
QUESTION = judges.Question("dot-sign", "When is a dot product negative?", (("never", "no"), ("obtuse", "yes")), 1)


def small_notebook(names: tuple[str, ...]) -> str:
    """The file of a notebook with these exercises, the first two of them core."""
    cells = []
    for number, name in enumerate(names):
        tags = ["exercise", *(["core"] if number < 2 else [])]
        cells += [
            {"id": f"exercise-{name}", "cell_type": "code", "source": STUB.format(name), "metadata": {"tags": tags}},
            {"id": f"solution-{name}", "cell_type": "markdown", "source": SOLUTION.format(name)},
        ]
    return json.dumps({"cells": cells})


@pytest.fixture(autouse=True)
def small_course(tmp_path, monkeypatch):
    """A course of five notebooks, four of them written, and an empty log."""
    monkeypatch.setenv("GROUNDUP_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(progress, "_waiting", [])
    modules = (course.Module("00_setup", "Begin", ""), course.Module("01_numbers", "Numbers", ""))
    rows = []
    for at, (noun, module, names, spine, needs, exists) in enumerate(ROWS):
        file = f"{modules[module].folder}/{at + 1:02}_{noun}"
        rows.append(course.Row(noun, file, f'Why {noun} < "all"?', "…", 180, spine, needs, exists))
        if exists:
            (tmp_path / modules[module].folder).mkdir(exist_ok=True)
            (tmp_path / f"{file}.ipynb").write_text(small_notebook(names))
    paths = notebook.notebooks(tmp_path)
    monkeypatch.setattr(course, "load", lambda: course.Course("https://example.org/a/b", modules, tuple(rows)))
    monkeypatch.setattr(notebook, "ROOT", tmp_path)
    monkeypatch.setattr(notebook, "notebooks", lambda *_: paths)
    monkeypatch.setattr(notebook, "find", lambda name: next((p for p in paths if notebook.noun(p) == name), None))
    monkeypatch.setattr(judges, "load", lambda noun: judges.Judges({}, (QUESTION,), {}))
    return tmp_path


def text(now: datetime = NOW) -> str:
    return repr(board.Board(standing.standing(now)))


def page(now: datetime = NOW) -> str:
    return board.Board(standing.standing(now))._repr_html_()


def solve(name: str, noun: str = "vectors", at: datetime = NOW, source: str | None = None) -> None:
    source = source or STUB.format(name).replace("# your code", "return a")
    key = progress.source_key(source)
    progress.log("check", notebook=noun, name=name, status="solved", source=source, key=key, t=at.isoformat())


def guess(slug: str, low: float, high: float, sure: float, value: float, noun: str = "vectors") -> None:
    progress.log(
        "predict", notebook=noun, slug=slug, question=f"how many {slug}?", unit="x", low=low, high=high, sure=sure
    )
    progress.log("reveal", notebook=noun, slug=slug, value=value)


# --- the board ---------------------------------------------------------------------------------------


def test_an_empty_log_gives_the_same_bytes_at_any_time():
    assert text() == text(NOW + timedelta(days=400))
    assert page() == page(NOW + timedelta(days=400))
    assert text().startswith("0 of 5 parts of this stack are yours\n")
    assert not re.search(r"20\d\d|object at|0x", page())
    assert not (progress.folder()).exists()


def test_the_three_ways_of_solving_have_three_marks_and_are_never_added():
    solve("cosine")
    progress.log("hint", notebook="vectors", name="top_k", step=1)
    solve("top_k")
    progress.log("solution", notebook="vectors", name="norm")
    solve("norm")
    assert "1.2 vectors  ●◐○·  3 of 4" in text()
    said = re.findall(r'aria-label="(\w+: [\w ]+)"', page())
    assert said[1:5] == [
        "cosine: solved unaided",
        "top_k: with hints",
        "norm: after seeing the solution",
        "dot: untouched",
    ]


def test_marks_differ_without_colour():
    marks = [mark for mark, _, _ in board.STATES.values()]
    assert len(set(marks)) == len(marks) == 5


def test_a_notebook_to_come_says_so_and_links_nowhere():
    assert "★ 1.5 later  to come" in text()
    assert "05_later.ipynb" not in page()
    assert 'href="../01_numbers/02_vectors.ipynb"' in page()


def test_parts_that_are_yours_are_the_core_ones_whose_cell_passed(small_course):
    answer = STUB.format("cosine").replace("# your code", "return a")
    file = small_course / "01_numbers" / "02_vectors.ipynb"
    file.write_text(file.read_text().replace(json.dumps(STUB.format("cosine"))[1:-1], json.dumps(answer)[1:-1]))
    assert text().startswith("0 of 5")
    solve("cosine", source=answer)
    solve("top_k")  # solved once, but the cell does not hold that answer any more
    solve("norm")  # not core
    assert text().startswith("1 of 5 parts")
    assert f"width:{100 / 5:.1f}%" in page()


def test_what_comes_next_follows_the_spine_and_the_needs():
    assert 'Next: 0.1 first. Why first < "all"?' in text()
    solve("greet", "first")
    assert "Next: 1.2 vectors" in text()
    assert "0.1 first  ●  1 of 1  done" in text()
    for name in ROWS[1][2]:
        solve(name)
    assert "Next: 1.4 matrices" in text()  # not the branch, although it is ready
    solve("matmul", "matrices")
    assert "You have done all of the spine that is written." in text()
    assert "– 1.3 branch (a branch), all of it, about 180 minutes" in text()
    solve("extra", "branch")
    assert text().endswith("`python3 learn.py update` brings what is new.")


def test_nothing_is_next_before_what_it_needs(monkeypatch):
    whole = course.load()
    rows = list(reversed(whole.notebooks))
    monkeypatch.setattr(course, "load", lambda: course.Course(whole.address, whole.modules, tuple(rows)))
    ahead = [place.row.noun for place, _ in standing.standing(NOW).plan]
    assert ahead == ["vectors", "matrices"]  # five hours end before the others
    places = {row.noun: standing.Place(row, {}, 0, False) for row in rows}
    everything = standing.upcoming(places)
    assert [place.row.noun for place in everything] == ["vectors", "matrices", "first", "branch"]


def test_a_week_has_five_hours():
    plan = standing.standing(NOW).plan
    assert [(place.row.noun, minutes) for place, minutes in plan] == [("first", 180), ("vectors", 120)]
    assert (
        "This week, in five hours:\n– 0.1 first, all of it, about 180 minutes\n– 1.2 vectors, a part, about 120"
        in text()
    )


def test_minutes_of_this_week_are_taken_off_the_plan():
    for minute in range(0, 101, 20):
        progress.log("start", notebook="first", t=(MONDAY + timedelta(hours=36, minutes=minute)).isoformat())
    assert (
        "200 of 300 minutes are left:\n– 0.1 first, the rest, about 80 minutes\n– 1.2 vectors, a part, about 120"
        in text()
    )
    assert "This week, in five hours:\n– 0.1 first, the rest, about 80" in text(NOW + timedelta(weeks=1))


def test_after_five_hours_the_plan_is_for_next_week():
    for minute in range(0, 321, 20):
        progress.log("start", notebook="vectors", t=(MONDAY + timedelta(hours=36, minutes=minute)).isoformat())
    assert "Your five hours of this week are done (320 minutes). Next week:\n– 0.1 first" in text()


def test_a_notebook_without_exercises_is_done_with_its_quiz(small_course):
    (small_course / "00_setup" / "01_first.ipynb").write_text(small_notebook(()))
    assert "Next: 0.1 first" in text()
    progress.log("quiz", notebook="first", question="q", choice="a", right=False)
    assert "Next: 1.2 vectors" in text()


def test_calibration_is_counted_by_confidence_and_drawn_from_five_on():
    assert "No prediction of yours has met its answer yet." in text()
    for n in range(4):
        guess(f"a{n}", 0, 1, 90, n)
    assert "Said 90 %: 2 of 4 held.\nFrom 5 on" in text()
    assert "<svg" not in page()
    guess("b", 0, 1, 60, 5)
    assert (
        "Said 60 %: 0 of 1 held.\nSaid 90 %: 2 of 4 held.\n"
        "On average you said 84 %, and 40 % held: make your ranges wider" in text()
    )
    assert page().count("<circle") == 2


@pytest.mark.parametrize(
    "sure, held, words", [(50, 5, "make your ranges narrower"), (80, 4, "can be trusted"), (90, 1, "ranges wider")]
)
def test_calibration_says_what_to_change(sure, held, words):
    for n in range(5):
        guess(f"a{n}", 0, 1, sure, 1 if n < held else 9)
    assert words in text()


def test_the_page_is_well_formed_and_escapes_what_it_shows():
    solve("cosine")
    for n in range(5):
        guess(f"a{n}", 0, 1, 90, n)
    stack = []

    class Balanced(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if tag != "br":
                stack.append(tag)

        def handle_endtag(self, tag):
            assert stack.pop() == tag

        def handle_startendtag(self, tag, attrs):
            pass

    Balanced().feed(page())
    assert stack == []
    assert 'Why first &lt; "all"?' in page()
    assert 'title="Why first &lt; &quot;all&quot;?"' in page()
    assert "style>" not in page()
    assert "script" not in page()


def test_board_shows_and_returns_nothing(capsys):
    assert board.board(NOW) is None
    assert capsys.readouterr().out.startswith("0 of 5 parts")


def test_the_real_course_has_a_board():
    code = (
        f"import sys; sys.path.insert(0, {str(Path(standing.__file__).parent)!r})\n"
        "import board; board.board(); assert 'torch' not in sys.modules"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True).stdout
    assert re.match(r"0 of \d+ parts of this stack are yours", shown)
    assert "★ 1.1 vectors" in shown


# --- coming back -------------------------------------------------------------------------------------


def keys(now: datetime = NOW) -> list[str]:
    return [item.key for item in coming_back.chosen(now)]


def missed(name: str = "dot-sign", right: bool = False) -> None:
    progress.log("quiz", notebook="vectors", question=name, choice="never", right=right)


def test_nothing_to_come_back_to_is_said_and_not_logged(capsys):
    board.review_session(NOW)
    assert "nothing to come back to yet" in capsys.readouterr().out
    assert progress.records() == []


def test_a_missed_quiz_comes_back_until_it_is_answered():
    missed("gone")  # no longer asked
    missed()
    assert keys() == ["quiz vectors dot-sign"]
    missed(right=True)
    assert keys() == []


def test_sure_and_wrong_comes_back_unsure_or_right_does_not():
    guess("sure", 0, 1, 80, 7)
    guess("unsure", 0, 1, 60, 7)
    guess("right", 0, 1, 90, 1)
    progress.log("predict", notebook="vectors", slug="open", question="?", low=0, high=1, sure=90)
    assert keys() == ["prediction vectors sure"]


def test_a_function_comes_back_after_three_weeks_with_an_empty_body(capsys):
    solve("cosine", at=NOW - timedelta(days=20, hours=23))
    assert keys() == []
    solve("top_k", at=NOW - timedelta(days=21))
    (item,) = coming_back.chosen(NOW)
    assert item.cell == STUB.format("top_k").replace("# your code", "# your code, from memory").replace(
        "\n\ntop_k =", "\n\n\ntop_k ="
    )
    assert notebook.is_empty(item.cell, "top_k")
    board.review_session(NOW)
    assert item.cell in capsys.readouterr().out
    solve("top_k", at=NOW - timedelta(days=1))  # written again
    assert keys() == []


def test_the_empty_function_is_put_into_a_cell_only_where_check_knows_it(small_course, monkeypatch, capsys):
    cells = []
    shell = SimpleNamespace(set_next_input=cells.append)
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    monkeypatch.setattr("IPython.display.display", lambda shown: None)
    solve("top_k", at=NOW - timedelta(days=21))
    board.review_session(NOW)
    assert cells == []
    assert "def top_k" in capsys.readouterr().out
    monkeypatch.setattr(notebook, "here", lambda: small_course / "01_numbers" / "02_vectors.ipynb")
    board.review_session(NOW)
    assert [notebook.is_empty(cell, "top_k") for cell in cells] == [True]


def test_five_items_of_which_one_function_and_last():
    for name in ("cosine", "top_k"):
        solve(name, at=NOW - timedelta(days=30))
    missed()
    for n in range(6):
        guess(f"p{n}", 0, 1, 90, 7)
    found = keys()
    assert len(found) == 5
    assert found[0] == "quiz vectors dot-sign"
    assert [key.split()[0] for key in found].count("function") == 1
    assert found[-1] == "function vectors cosine"


def test_the_same_week_asks_the_same_and_the_next_one_asks_the_others(capsys):
    for n in range(8):
        guess(f"p{n}", 0, 1, 90, 7)
    first = keys()
    board.review_session(NOW)
    assert keys() == first
    later = keys(NOW + timedelta(weeks=1))
    assert set(later) >= {f"prediction vectors p{n}" for n in range(5, 8)}


def test_an_exercise_that_has_gone_is_not_asked_for():
    solve("renamed", at=NOW - timedelta(days=30))
    solve("cosine", noun="no_such_notebook", at=NOW - timedelta(days=30))
    missed_elsewhere = {"notebook": "no_such_notebook", "question": "dot-sign", "choice": "never", "right": False}
    progress.log("quiz", **missed_elsewhere)
    assert keys() == []


def test_built_agrees_on_what_core_means():
    assert [(noun, name) for noun, name, _ in built.mine()] == [
        ("first", "greet"), ("vectors", "cosine"), ("vectors", "top_k"), ("branch", "extra"), ("matrices", "matmul"),
    ]  # fmt: skip

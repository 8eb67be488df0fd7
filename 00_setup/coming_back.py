"""Begin a week with what you once knew: five items from your own log.

What is called back from memory just before it would be forgotten stays longest, so a session asks for quiz
answers that were missed, predictions that were sure and wrong, and one function to write again from nothing.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from datetime import datetime, timedelta

import course
import judges
import notebook
import progress
from form import Form
from quiz import Quiz
from say import say

ITEMS = 5
SURE = 75  # percent, from which a wrong prediction is worth a second look
REST = timedelta(weeks=3)  # after which a function is written again


@dataclass(frozen=True)
class Item:
    """Something to come back to. `since` orders the items; `form` asks, `cell` is the code of the next cell."""

    key: str
    text: str
    since: str
    cell: str = ""
    form: Form | None = None
    here: bool = False  # may the cell stand in the notebook that is running?


def review_session(now: datetime | None = None) -> None:
    """Show up to five items to begin a week with, chosen from your log.

    `now`, with its time zone, decides what is three weeks ago; it is this moment if not given. What was shown
    in fewer of the weeks before comes first.
    """
    now = now or datetime.now().astimezone()
    items = chosen(now)
    if not items:
        say(
            "There is nothing to come back to yet: no missed quiz, no sure prediction that was wrong, and no "
            "function that you solved three weeks ago. Come back next week."
        )
        return
    say(f"{len(items)} to begin with. Answer each from memory before you look anything up.")
    for number, item in enumerate(items, start=1):
        say(f"{number} of {len(items)}. {item.text}", "hint")
        if item.form:
            show(item.form)
        if item.cell:
            offer(item.cell, item.here)
    progress.log("session", items=[item.key for item in items], week=week(now))


def chosen(now: datetime) -> list[Item]:
    """One function, then missed quizzes and wrong predictions in turn, those seldom shown before the others."""
    shown: dict[str, set[str]] = {}
    for record in progress.records("session"):
        for key in record.get("items", []):
            shown.setdefault(key, set()).add(record.get("week", ""))
    times = {key: len(weeks - {week(now)}) for key, weeks in shown.items()}

    def in_turn(items: list[Item]) -> list[Item]:
        return sorted(items, key=lambda item: (times.get(item.key, 0), item.since, item.key))

    again, quizzes, wrong = in_turn(functions(now)), in_turn(missed()), in_turn(sure_and_wrong())
    items = again[:1]
    while len(items) < ITEMS and (quizzes or wrong):
        items += [kind.pop(0) for kind in (quizzes, wrong) if kind]
    items = items[:ITEMS]
    return [item for item in items if not item.cell] + [item for item in items if item.cell]


def missed() -> list[Item]:
    """The quiz questions whose last answer was wrong."""
    last = {(record["notebook"], record["question"]): record for record in progress.records("quiz")}
    items = []
    for (noun, name), record in last.items():
        question = next((q for q in quiz_of(noun) if q.id == name), None)
        if question is not None and not record["right"]:  # a question that is no longer asked is not missed
            text = f"{where(noun)}, a question of the quiz that you missed."
            items.append(Item(f"quiz {noun} {name}", text, record["t"], form=Quiz(noun, (question,))))
    return items


def quiz_of(noun: str) -> tuple:
    """The questions of a notebook; none if the notebook has gone."""
    known = {row.noun for row in course.load().notebooks if row.exists}
    return judges.load(noun).quiz if noun in known else ()


def sure_and_wrong() -> list[Item]:
    """The predictions that did not hold although they were made with confidence."""
    items = []
    for made in progress.predictions():
        if made.held is not False or made.sure < SURE:
            continue
        said = (
            f"`{made.choice}`" if made.range is None else f"{made.range[0]:g} to {made.range[1]:g} {made.unit}".strip()
        )
        text = (
            f"{where(made.notebook)}: “{made.question}” You said {said}, {made.sure:g} % sure. "
            "What was it, and what had you taken for granted?"
        )
        items.append(Item(f"prediction {made.notebook} {made.slug}", text, made.time))
    return items


def functions(now: datetime) -> list[Item]:
    """The exercises that were last solved three weeks ago or longer."""
    last = {}
    for record in progress.records("check"):
        if record["status"] == "solved":
            last[record["notebook"], record["name"]] = record["t"]
    items = []
    for (noun, name), time in last.items():
        then = datetime.fromisoformat(time)
        path = notebook.find(noun)
        exercise = notebook.exercises(path).get(name) if path else None
        if exercise is None or now - then < REST:
            continue
        text = (
            f"{where(noun)}: write `{name}` again, from memory. You last solved it on "
            f"{then.astimezone(now.tzinfo).date().isoformat()}. "
        )
        here = path == notebook.here()  # elsewhere `check` does not know this exercise
        place = "Its specification waits in the next cell." if here else "In that notebook, in a new cell:"
        items.append(Item(f"function {noun} {name}", text + place, time, fresh(exercise), here=here))
    return items


def fresh(exercise: notebook.Exercise) -> str:
    """An exercise as nobody has answered it: signature and specification, an empty body, and the check."""
    node = notebook.first_named(exercise.solution, exercise.name)
    last = node.body[0].end_lineno if ast.get_docstring(node) else node.body[0].lineno - 1
    head = "\n".join(exercise.solution.splitlines()[node.lineno - 1 : last])
    return f"{head}\n    # your code, from memory\n\n\n{exercise.name} = check({exercise.name})"


def where(noun: str) -> str:
    """Number and name of a notebook.

    >>> where("vectors")
    '1.1 vectors'
    """
    row = next((row for row in course.load().notebooks if row.noun == noun), None)
    return f"{row.number} {noun}" if row else noun


def week(now: datetime) -> str:
    """The ISO week, such as 2026-W48."""
    year, number, _ = now.isocalendar()
    return f"{year}-W{number:02}"


def show(form: Form) -> None:
    """Show a form, or print it where there is no notebook."""
    from IPython import get_ipython
    from IPython.display import display

    display(form) if get_ipython() else print(form)


def offer(source: str, here: bool) -> None:
    """Put `source` into a new cell below, or print it where that is not the place for it."""
    from IPython import get_ipython

    shell = get_ipython()
    print(source) if shell is None or not here else shell.set_next_input(source)

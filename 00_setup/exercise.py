"""Exercises: `check` judges an answer, `hint` gives one step, `solution` shows the whole, `restore` what was before.

An answer is compared with the published solution of the notebook, case by case; the cases, the known mistakes
and the hints are in `judges/`. Whatever the answer does, it becomes a paragraph and never an exception, and the
notebook goes on with the published solution.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import FunctionType

import judges
import notebook
import progress
from cases import namespace
from elsewhere import rebuilt
from judging import Result, define, stand_in, verdict
from listing import Listing
from notebook import Exercise
from origin import cell_of, is_published
from say import say

__all__ = ["check", "hint", "rebuilt", "restore", "solution"]
Answer = Callable


def check(answer: Answer) -> Answer:
    """Judge an answer, say what came of it, and return it if it is right, the published solution if not.

    Never raises for anything that the answer does. Every attempt is kept in the log, with its source.
    """
    name = getattr(answer, "__name__", None)
    exercise, source = find(name), cell_of(answer)
    if exercise is None or is_published(answer):
        return strange(answer, name, exercise, source)
    names, trouble = names_for(exercise, answer)
    published = stand_in(exercise, around(answer) or names)
    if trouble:
        say(trouble, "wrong")
        return published
    result = judged(answer, exercise, source, names)
    record = {"notebook": exercise.noun, "name": exercise.name, "status": result.status, "source": source}
    mistake = {"mistake": result.mistake} if result.mistake else {}
    progress.log("check", **record, key=progress.source_key(source), **mistake)
    say(result.words, {"solved": "good", "empty": "info"}.get(result.status, "wrong"))
    return answer if result.status == "solved" else published


def judged(answer: Answer, exercise: Exercise, source: str, names: dict) -> Result:
    """The verdict on an answer, the empty one included."""
    if notebook.is_empty(source, exercise.name):
        return Result(
            "empty",
            f"{exercise.name}: not attempted. Write its body above and run the cell; until then the published "
            f"solution stands in. Stuck? `hint({exercise.name})`",
        )
    judge = judges.load(exercise.noun).exercises[exercise.name]
    return verdict(answer, exercise, source, judge, names)


def strange(answer: Answer, name: str | None, exercise: Exercise | None, source: str) -> Answer:
    """What to say and to return where there is no answer to judge: another name, or not a function at all."""
    wanted = re.search(r"^(\w+) *= *check\(", source, re.MULTILINE)
    meant = exercise or (find(wanted[1]) if wanted else None)
    if meant is not None and is_published(answer):
        say(
            f"This is the published `{meant.name}`, which stands in for yours. Define your own in its cell "
            f"`{meant.cell.id}` and run that.",
            "wrong",
        )
        return answer
    if meant is not None:
        say(f"`{name}` should be called `{meant.name}`: that is the name under which others use it.", "wrong")
        names, _ = names_for(meant, answer)
        return define(meant.solution, meant.name, names, f"<published {meant.name}>")
    say(f"`{name or type(answer).__name__}` is no exercise of this notebook. {known()}", "wrong")
    return answer


def around(answer: Answer) -> dict:
    """The names of the kernel, in which an answer was written: those that its own `raise` and `except` mean.

    A class does not have them, its methods do, and so has the module in which it stands.
    """
    for part in (answer, *getattr(answer, "__dict__", {}).values()):
        if isinstance(part, FunctionType):
            return part.__globals__
    names = getattr(sys.modules.get(getattr(answer, "__module__", None)), "__dict__", {})
    return names if names.get(answer.__name__) is answer else {}


def names_for(exercise: Exercise, answer: Answer) -> tuple[dict, str | None]:
    """What the notebook hands on; where it cannot be imported, the names of the kernel and what is wrong."""
    try:
        return namespace(exercise.noun), None
    except Exception as error:  # noqa: BLE001  (a notebook that the learner has edited may raise anything)
        return dict(around(answer)), (
            f"`{exercise.name}` cannot be checked, because the notebook `{exercise.noun}` cannot be imported: "
            f"{type(error).__name__}: {error}. Mend that cell, save the notebook, and run this cell again."
        )


def hint(answer: Answer | str) -> None:
    """The next hint for an exercise: one step at a time, and the log knows that you took it."""
    exercise = exercise_of(answer)
    if exercise is None:
        return
    steps = judges.load(exercise.noun).exercises[exercise.name].hints
    taken = sum((r["notebook"], r["name"]) == (exercise.noun, exercise.name) for r in progress.records("hint"))
    step = min(taken, len(steps) - 1)
    progress.log("hint", notebook=exercise.noun, name=exercise.name, step=step + 1)
    more = f" That was the last one; `solution({exercise.name})` shows the whole." if taken >= len(steps) else ""
    say(f"Hint {step + 1} of {len(steps)} for `{exercise.name}`: {steps[step]}{more}", "hint")


def solution(answer: Answer | str) -> None:
    """Show the published solution; the log keeps apart what you solve after seeing it."""
    exercise = exercise_of(answer)
    if exercise is None:
        return
    progress.log("solution", notebook=exercise.noun, name=exercise.name)
    say(f"One right answer to `{exercise.name}`, the published one. The log says that you have seen it.", "hint")
    Listing(exercise.solution).show()


def restore(answer: Answer | str, number: int | None = None) -> None:
    """Bring an earlier attempt of yours back, in a new cell below: the last that passed, or `number` of the list.

    Where none passed, the last one. Numbers count from 1, negative ones from the end.
    """
    exercise = exercise_of(answer)
    if exercise is None:
        return
    kept: dict[str, dict] = {}
    for record in progress.records("check"):
        if (record["notebook"], record["name"]) == (exercise.noun, exercise.name) and record["status"] != "empty":
            kept.pop(record["key"], None)
            kept[record["key"]] = record
    attempts = list(kept.values())
    if not attempts:
        say(f"The log holds no attempt at `{exercise.name}` yet.")
        return
    if number is None:
        number = next((n for n in range(len(attempts), 0, -1) if attempts[n - 1]["status"] == "solved"), len(attempts))
    listed = "\n".join(f"{n}: {r['t'][:16].replace('T', ' ')}, {r['status']}" for n, r in enumerate(attempts, 1))
    place = number - 1 if number > 0 else len(attempts) + number
    if number == 0 or not 0 <= place < len(attempts):
        say(f"There is no attempt {number} at `{exercise.name}`. There are:\n{listed}", "wrong")
        return
    progress.log("restore", notebook=exercise.noun, name=exercise.name, key=attempts[place]["key"])
    say(
        f"Your attempts at `{exercise.name}` (times in UTC):\n{listed}\nHere is number {place + 1}. Put it into the "
        f"cell `{exercise.cell.id}`: that is where later notebooks look.",
        "hint",
    )
    Listing(attempts[place]["source"]).bring_back()


def exercise_of(answer: Answer | str) -> Exercise | None:
    """The exercise that a function or a name belongs to; says so if there is none."""
    name = answer if isinstance(answer, str) else getattr(answer, "__name__", None)
    exercise = find(name)
    if exercise is None:
        say(f"`{name or type(answer).__name__}` is no exercise of this notebook. {known()}", "wrong")
    return exercise


def find(name: str | None) -> Exercise | None:
    """The exercise called `name`: of the notebook that is running, or of those in this folder."""
    return next((found[name] for path in paths() if name in (found := notebook.exercises(path))), None)


def paths() -> list[Path]:
    """The notebook that is running; outside one, those in the working folder."""
    running = notebook.here()
    return [running] if running else sorted(Path.cwd().glob("[0-9][0-9]_*.ipynb"))


def known() -> str:
    """The names of the exercises here, as a sentence."""
    names = [f"`{name}`" for path in paths() for name in notebook.exercises(path)]
    return f"There are: {', '.join(names)}." if names else "Run the first cell of a notebook of the course."

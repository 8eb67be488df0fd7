"""What is to be said of an answer: case by case against the published solution, then against known mistakes.

`exercise.py` talks with the learner; here it is decided. Whatever runs an answer, or looks at what it gave, goes
through `guard`.
"""

from __future__ import annotations

import linecache
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType

from cases import call_text, cases_of
from compare import difference, short
from definitions import names_of
from guard import Outcome, Recipe, limited, outcome_of, outcomes
from judges import Judge
from notebook import Exercise
from reach import out_of_reach

Answer = Callable
LOOK = 2.0  # seconds for comparing one result: its own `__eq__` and `__repr__` run
PATIENCE = 4  # times the limit of one call, for all calls together


@dataclass(frozen=True)
class Result:
    """`status` is wrong, mistake, error, timeout or solved; `words` say it to the learner."""

    status: str
    words: str
    mistake: str | None = None


def define(source: str, name: str, names: dict, filename: str) -> Answer:
    """The function or class `name` that `source` defines, with a copy of `names` as its globals."""
    linecache.cache[filename] = len(source), None, source.splitlines(keepends=True), filename
    names = dict(names)
    exec(compile(source, filename, "exec"), names)
    return names[name]


def stand_in(exercise: Exercise, world: dict) -> Answer:
    """The published solution as a function of the notebook that is running: what is changed there counts for it.

    world: the names of the kernel. `name` is left as it was; parts and imports of the solution stay, it needs them.
    """
    source, name, filename = exercise.solution, exercise.name, f"<published {exercise.name}>"
    if any(isinstance(world.get(helper), FunctionType | type) for helper in names_of(source) - {name}):
        return define(source, name, world, filename)  # the solution has parts of the same names: keep them apart
    linecache.cache[filename] = len(source), None, source.splitlines(keepends=True), filename
    absent = object()
    before = world.get(name, absent)
    exec(compile(source, filename, "exec"), world)
    made = world.pop(name)
    if before is not absent:
        world[name] = before
    return made


def unlike(got: Outcome, want: Outcome, close: float = 1e-9, filename: str = "") -> str | None:
    """What is wrong with an outcome, in words that follow the call; None if it is as it should be."""
    expected = f"expected {short(want.value)}" if want.kind == "value" else f"expected a {type(want.error).__name__}"
    if got.kind == "timeout":
        return f"there was {got}. Is there a loop that cannot end?"
    if got.kind == "interrupted":
        return "you interrupted it"
    if got.kind == "error":
        if want.kind == "error" and isinstance(got.error, type(want.error)):
            return None
        line = line_of(got.error, filename)
        return f"your code raised {got}{f' (in the line `{line}`)' if line else ''}, {expected}"
    if want.kind != "value":
        return f"you gave {short(got.value)}, {expected}"
    found = difference(got.value, want.value, close)
    if found:
        return found
    if want.printed.strip() and got.printed.split() != want.printed.split():
        return f"it printed {short(got.printed)}, expected {short(want.printed)}"
    if difference(got.after, want.after, close):
        if want.spoilt:
            return f"{got.spoilt or 'its arguments are as before'}; expected: {want.spoilt}"
        return f"the result is right, but {got.spoilt}. The caller may still need it: work on a copy"
    return None


def line_of(error: BaseException, filename: str) -> str | None:
    """The line of `filename` in which an error came up, as it is written there."""
    lines = [frame.line for frame in traceback.extract_tb(error.__traceback__) if frame.filename == filename]
    return lines[-1] if lines and lines[-1] else None


def looked_at(got: Outcome, want: Outcome, close: float, filename: str) -> tuple[str | None, bool]:
    """`unlike`, whatever the value does that came back, and whether it let itself be looked at."""
    seen = limited(lambda: unlike(got, want, close, filename), LOOK)
    if seen.kind == "value":
        return seen.value, True
    what = f"gave a {type(got.value).__name__}" if got.kind == "value" else f"raised a {type(got.error).__name__}"
    why = f"no end within {LOOK:g} seconds" if seen.kind == "timeout" else seen
    return f"your code {what} that cannot be compared or shown: {why}", False


def alike(got: Outcome, theirs: Outcome, close: float) -> bool:
    """Do two answers agree on a case, errors included?"""
    if "error" in (got.kind, theirs.kind):
        return got.kind == theirs.kind and type(got.error) is type(theirs.error)
    return unlike(got, theirs, close) is None


def verdict(
    function: Answer, exercise: Exercise, source: str, judge: Judge, names: dict, process: bool | None = None
) -> Result:
    """What to say of an answer that is not empty.

    names: what the notebook hands on. process: as in `guard.outcomes`.
    """
    name, filename = exercise.name, getattr(getattr(function, "__code__", None), "co_filename", "")
    published = define(exercise.solution, name, names, f"<published {name}>")
    recipe = Recipe(exercise.noun, source, name)
    cases = cases_of(exercise, judge)
    given: list[Outcome] = []
    due: list[bool] = []
    fault, slip, suspects, spent = None, None, None, 0.0  # slip: the first wrong answer where an answer was due
    for case, got in zip(cases, outcomes(function, cases, judge.seconds, recipe, process), strict=False):
        given.append(got)
        spent += got.seconds
        want = outcome_of(published, case, 4 * judge.seconds)
        due.append(want.kind != "error")
        words, plain = looked_at(got, want, judge.close, filename)
        if words and got.kind in ("timeout", "interrupted"):
            return Result("timeout", sentence(name, case, words))
        if words and due[-1]:
            slip = slip or sentence(name, case, words)
        if words and fault is None:
            fault = sentence(name, case, words), got.kind
            known = judge.mistakes.items() if plain else ()
            suspects = Suspects({slug: define(m.wrong, name, names, f"<{name}: {slug}>") for slug, m in known}, judge)
            for earlier in zip(cases, given, due, strict=False):
                suspects.hear(*earlier)
        elif fault:
            suspects.hear(case, got, due[-1])
        if fault and not suspects.near:
            break
        if spent > PATIENCE * judge.seconds:
            return Result(
                "timeout", f"`{name}` takes too long: {len(given)} of {len(cases)} cases in {spent:.0f} seconds."
            )
    if fault and suspects.exact:
        slug = next(slug for slug in suspects.near if slug in suspects.exact)
        return Result("mistake", f"{fault[0]} {judge.mistakes[slug].words}", slug)
    if slip and suspects.near:
        slug = next(iter(suspects.near))
        return Result("mistake", f"{slip} {judge.mistakes[slug].words} {LOOK_FIRST}", slug)
    if fault:
        return Result("error" if fault[1] == "error" else "wrong", fault[0])
    if len(given) < len(cases):
        return Result("error", f"`{name}` ended before all cases were tried.")
    missing = out_of_reach(source, names) if exercise.core else None
    if missing:
        return Result("wrong", f"`{name}` works here, but uses {missing}, so that later notebooks can import it.")
    thanks = ", and later notebooks run on your version" if exercise.core else ""
    return Result("solved", f"`{name}` is solved: right on all {len(cases)} cases{thanks}.")


LOOK_FIRST = "And look at what you are given first: the docstring names what is refused."


def sentence(name: str, case: object, words: str) -> str:
    """What is wrong, with the call that shows it."""
    return f"For `{call_text(name, case)}` {words}{'' if words[-1] in '.?' else '.'}"


class Suspects:
    """Known mistakes that may have been made.

    near: {slug: function}, those that give what was seen wherever an answer was due; exact: those of them that refuse
    the same things as well. Most people check what they are given last, and in part.
    """

    def __init__(self, functions: dict[str, Answer], judge: Judge):
        self.near, self.exact, self.judge = functions, set(functions), judge

    def hear(self, case: object, got: Outcome, due: bool) -> None:
        """Drop those that this case speaks for: altogether if an answer was due, as exact ones if a refusal was."""
        for slug, mistake in list(self.near.items()):
            theirs = outcome_of(mistake, case, self.judge.seconds)
            if not limited(lambda theirs=theirs: alike(got, theirs, self.judge.close), LOOK).value:
                self.exact.discard(slug)
                if due:
                    del self.near[slug]
